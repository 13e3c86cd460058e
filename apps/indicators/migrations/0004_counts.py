"""Counts of the register by region and month, the hidden ones, and how far the register is counted."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

COUNTS = (
    "families",
    "families_located",
    "families_inside",
    "families_near",
    "families_enrolled",
    "families_without_proposal",
    "persons",
    "under_five",
    "elderly",
    "disability",
    "birth_unknown",
    "proposals_open",
)
LEVELS = [
    ("country", "Country"),
    ("province", "Province"),
    ("regency", "Regency or city"),
    ("district", "District"),
    ("village", "Village"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0003_pockets"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegionCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("period_start", models.DateField(verbose_name="first day of the period")),
                (
                    "level",
                    models.CharField(choices=LEVELS, max_length=10, verbose_name="level"),
                ),
                *[(name, models.IntegerField(default=0)) for name in COUNTS],
                ("by_programme", models.JSONField(default=dict)),
                (
                    "region",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of a region",
                "verbose_name_plural": "counts of regions",
            },
        ),
        migrations.CreateModel(
            name="SuppressedRegion",
            fields=[
                (
                    "region",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="regions.region",
                    ),
                ),
                (
                    "tables",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "suppressed region",
                "verbose_name_plural": "suppressed regions",
            },
        ),
        migrations.CreateModel(
            name="CountState",
            fields=[
                (
                    "number",
                    models.SmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("period_start", models.DateField()),
                ("counted_date", models.DateField()),
                ("counted_at", models.DateTimeField()),
                ("version", models.BigIntegerField(default=0)),
                ("person_event", models.BigIntegerField(default=0)),
                ("family_event", models.BigIntegerField(default=0)),
                ("enrolment_event", models.BigIntegerField(default=0)),
                ("regencies", models.JSONField(default=dict)),
            ],
        ),
        migrations.AddConstraint(
            model_name="regioncount",
            constraint=models.UniqueConstraint(
                fields=("period_start", "level", "region"), name="indicators_one_count_of_a_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="countstate",
            constraint=models.CheckConstraint(
                condition=models.Q(("number", 1)), name="indicators_one_count_state"
            ),
        ),
    ]
