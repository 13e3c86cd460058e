"""The papers that prove removals and corrections, as files."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
ALTER TABLE proposals_rowpaper ENABLE ROW LEVEL SECURITY;
-- of the files that one sees, and of the rows that one sees
CREATE POLICY web_scope ON proposals_rowpaper TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch)
           OR EXISTS (
              SELECT FROM proposals_proposal p
               WHERE p.batch_id = proposals_rowpaper.batch_id
                 AND (proposals_rowpaper.row_number IS NULL
                      OR p.row_number = proposals_rowpaper.row_number)));
CREATE POLICY worker_all ON proposals_rowpaper TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0006_emergency_statements"),
        ("proposals", "0014_cells_of_regions"),
    ]

    operations = [
        migrations.CreateModel(
            name="RowPaper",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "row_number",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="row"),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="proposals.batch",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.document",
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "paper of a row",
                "verbose_name_plural": "papers of rows",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("batch", "row_number", "document"),
                        name="proposals_rowpaper_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
