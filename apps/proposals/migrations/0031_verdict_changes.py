"""Which verdicts an edition of the boundaries changed, row by row, for the history of a row."""

import django.db.models.deletion
from django.db import migrations, models

VERDICTS = [
    ("inside", "Inside"),
    ("near_border", "Near the border"),
    ("neighbour", "Neighbouring village"),
    ("elsewhere", "Elsewhere"),
    ("unmapped", "In no village"),
    ("no_polygon", "No boundary yet"),
    ("no_point", "No point"),
]
SQL = """
ALTER TABLE proposals_verdictchange ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_verdictchange TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_verdictchange TO portal_worker
    USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0030_files_of_rows"), ("regions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="VerdictChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "from_verdict",
                    models.CharField(choices=VERDICTS, max_length=12, verbose_name="from"),
                ),
                (
                    "to_verdict",
                    models.CharField(choices=VERDICTS, max_length=12, verbose_name="to"),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.boundaryedition",
                        verbose_name="edition",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdict_changes",
                        to="proposals.proposal",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "changed verdict",
                "verbose_name_plural": "changed verdicts",
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
