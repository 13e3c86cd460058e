"""The coverage of the pockets in force, by regency."""

import django.db.models.deletion
from django.db import migrations, models

COUNTS = (
    *("villages", "suppressed", "families", "enrolled", "not_enrolled", "not_proposed", "located"),
    *("inside", "near_border", "persons", "persons_suppressed"),
)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0013_ended_differences")]
    operations = [
        migrations.CreateModel(
            name="PocketSum",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("regency", models.CharField(max_length=5)),
                ("is_in", models.BooleanField(null=True)),
                ("is_stale", models.BooleanField(default=False)),
                *((name, models.PositiveIntegerField()) for name in COUNTS),
                ("by_programme", models.JSONField(default=dict)),
                ("left_out", models.JSONField(default=dict)),
                (
                    "computed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="indicators.pocketedition",
                    ),
                ),
                (
                    "published",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="indicators.pocketedition",
                    ),
                ),
            ],
            options={
                "verbose_name": "coverage of a regency",
                "verbose_name_plural": "coverage of regencies",
            },
        ),
        migrations.AddConstraint(
            "pocketsum",
            models.UniqueConstraint(
                fields=["computed", "published", "regency", "is_in"],
                name="indicators_pocket_sum_once",
                nulls_distinct=False,
            ),
        ),
    ]
