"""Signs of life of what works in the background; outages of the database are no attempts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Sign",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={"verbose_name": "sign of life", "verbose_name_plural": "signs of life"},
        ),
        migrations.AddField(
            model_name="job",
            name="outages",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
