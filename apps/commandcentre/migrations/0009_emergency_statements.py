"""A statement of emergency belongs to a hazard and a regency, no longer to one plan."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COPY = """
INSERT INTO commandcentre_emergencystatement
       (hazard_id, regency_id, number, date, document_id, added_at, added_by_id)
SELECT p.hazard_id, d.region_id, p.statement_number, p.statement_date, d.id, d.at, p.made_by_id
  FROM commandcentre_plan AS p
  JOIN casework_document AS d ON d.id = p.statement_id
 WHERE p.statement_number <> '' AND p.statement_date IS NOT NULL
    ON CONFLICT DO NOTHING
"""
COPY_BACK = """
UPDATE commandcentre_plan AS p
   SET statement_number = s.number, statement_date = s.date, statement_id = s.document_id
  FROM (SELECT DISTINCT ON (hazard_id) hazard_id, number, date, document_id
          FROM commandcentre_emergencystatement ORDER BY hazard_id, id) AS s
 WHERE s.hazard_id = p.hazard_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0007_hazard_notices"),
        ("commandcentre", "0008_worsening"),
        ("regions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EmergencyStatement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "number",
                    models.CharField(max_length=120, verbose_name="number of the statement"),
                ),
                ("date", models.DateField(verbose_name="date of the statement")),
                ("added_at", models.DateTimeField(verbose_name="added")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.document",
                        verbose_name="file",
                    ),
                ),
                (
                    "hazard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="commandcentre.hazard",
                    ),
                ),
                (
                    "regency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="regency",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement of emergency",
                "verbose_name_plural": "statements of emergency",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hazard", "regency", "number"),
                        name="commandcentre_statement_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RemoveField(model_name="plan", name="statement"),
        migrations.RemoveField(model_name="plan", name="statement_date"),
        migrations.RemoveField(model_name="plan", name="statement_number"),
    ]
