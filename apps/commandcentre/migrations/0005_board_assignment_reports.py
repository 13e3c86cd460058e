"""Who answers for a hazard, when a shift ends, and situation reports as they went out."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _person(verbose_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("commandcentre", "0004_shift_log"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("hazard", "assigned_to", _person("responsible")),
        migrations.AddField(
            "hazard",
            "assigned_at",
            models.DateTimeField(blank=True, null=True, verbose_name="assigned"),
        ),
        migrations.AddField(
            "hazard",
            "alarmed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="alarm raised"),
        ),
        migrations.AddField(
            "hazard",
            "escalated_at",
            models.DateTimeField(blank=True, null=True, verbose_name="passed to the duty"),
        ),
        migrations.AlterField(
            "shiftentry",
            "kind",
            models.CharField(
                choices=[
                    ("take", "Duty taken"),
                    ("hand_over", "Duty handed over"),
                    ("note", "Note"),
                    ("extend", "Shift extended"),
                    ("assign", "Hazard assigned"),
                    ("escalate", "Hazard passed to the duty"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField("shiftentry", "by", _person("by")),
        migrations.AddField("shiftentry", "person", _person("to")),
        migrations.AddField(
            "shiftentry",
            "ends_at",
            models.DateTimeField(blank=True, null=True, verbose_name="ends"),
        ),
        migrations.CreateModel(
            name="SituationReport",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="what is corrected"),
                ),
                ("revision", models.PositiveIntegerField(verbose_name="revision")),
                ("content", models.JSONField(default=dict)),
                ("sha256", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commandcentre.assessment",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commandcentre.situationreport",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "hazard",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="situation_reports",
                        to="commandcentre.hazard",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commandcentre.plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "situation report",
                "verbose_name_plural": "situation reports",
            },
        ),
        migrations.CreateModel(
            name="ReportFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("csv", "CSV"),
                            ("geojson", "GeoJSON"),
                            ("svg", "SVG"),
                        ],
                        max_length=8,
                        verbose_name="format",
                    ),
                ),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="commandcentre.situationreport",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a situation report",
                "verbose_name_plural": "files of situation reports",
            },
        ),
        migrations.AddConstraint(
            model_name="situationreport",
            constraint=models.UniqueConstraint(
                fields=("hazard", "number"), name="commandcentre_situationreport_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportfile",
            constraint=models.UniqueConstraint(
                fields=("report", "format"), name="commandcentre_reportfile_once"
            ),
        ),
    ]
