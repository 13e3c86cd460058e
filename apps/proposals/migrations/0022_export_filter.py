"""A request for a large list says which list it is, to who agrees and to who asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0021_steps_not_undone")]

    operations = [
        migrations.AddField(
            model_name="exportrequest",
            name="query",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="exportrequest",
            name="is_searched",
            field=models.BooleanField(default=False),
        ),
    ]
