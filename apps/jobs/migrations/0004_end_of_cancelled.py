"""A job that was cancelled while it waited is ended by a worker, which finds it by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_event")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="is_end_due",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("is_end_due", True)), fields=["id"], name="jobs_job_end_due"
            ),
        ),
    ]
