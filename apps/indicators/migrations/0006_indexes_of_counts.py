"""Months that were counted, and what is hidden at a level, are found by indexes."""

from django.db import migrations, models
from django.db.models.functions import Length


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0005_hidden_programmes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="regioncount",
            index=models.Index(
                condition=models.Q(("level", "country")),
                fields=["period_start"],
                name="indicators_months_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="suppressedregion",
            index=models.Index(
                Length("region"), models.F("region"), name="indicators_hidden_by_level"
            ),
        ),
    ]
