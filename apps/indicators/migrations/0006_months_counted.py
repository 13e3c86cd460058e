"""The months that were counted are found by a small index."""

from django.db import migrations, models


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
    ]
