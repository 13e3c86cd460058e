"""Indicators, releases of their figures, and values by region."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("regions", "0005_cells"),
    ]

    operations = [
        migrations.CreateModel(
            name="Indicator",
            fields=[
                ("code", models.SlugField(primary_key=True, serialize=False, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="name (English)"),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("published", "published by an agency"),
                            ("register", "counted from the register"),
                        ],
                        max_length=9,
                        verbose_name="origin",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("rate", "rate"), ("count", "count"), ("amount", "amount")],
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                ("unit", models.CharField(max_length=40, verbose_name="unit")),
                ("decimals", models.PositiveSmallIntegerField(default=1, verbose_name="decimals")),
                (
                    "denominator",
                    models.CharField(blank=True, max_length=200, verbose_name="denominator"),
                ),
                ("method", models.TextField(blank=True, verbose_name="method")),
                (
                    "publisher",
                    models.CharField(blank=True, max_length=200, verbose_name="publisher"),
                ),
                ("is_sensitive", models.BooleanField(default=False, verbose_name="sensitive")),
            ],
            options={
                "verbose_name": "indicator",
                "verbose_name_plural": "indicators",
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period_start", models.DateField(verbose_name="first day of the period")),
                ("period", models.CharField(max_length=10, verbose_name="period")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("country", "Country"),
                            ("province", "Province"),
                            ("regency", "Regency or city"),
                            ("district", "District"),
                            ("village", "Village"),
                        ],
                        max_length=10,
                        verbose_name="lowest level",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                (
                    "file_name",
                    models.CharField(blank=True, max_length=300, verbose_name="file or address"),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("code_system", models.CharField(max_length=10, verbose_name="codes")),
                (
                    "vintage",
                    models.CharField(blank=True, max_length=20, verbose_name="date of the codes"),
                ),
                (
                    "published_date",
                    models.DateField(blank=True, null=True, verbose_name="published"),
                ),
                ("stored_at", models.DateTimeField(verbose_name="stored")),
                ("values_count", models.PositiveIntegerField(default=0, verbose_name="values")),
                ("is_current", models.BooleanField(default=False, verbose_name="in force")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="indicators.indicator",
                        verbose_name="indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "release",
                "verbose_name_plural": "releases",
            },
        ),
        migrations.CreateModel(
            name="Value",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "value",
                    models.DecimalField(decimal_places=6, max_digits=20, verbose_name="value"),
                ),
                (
                    "numerator",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True),
                ),
                (
                    "denominator",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True),
                ),
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
                (
                    "release",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="indicators.release",
                    ),
                ),
            ],
            options={
                "verbose_name": "value",
                "verbose_name_plural": "values",
            },
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("indicator", "period_start", "period"),
                name="indicators_one_current_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="value",
            constraint=models.UniqueConstraint(
                fields=("release", "region"), name="indicators_one_value_of_a_region"
            ),
        ),
    ]
