"""What the civil register said of proposals: seen by whoever sees the proposal."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

SECURITY = """
ALTER TABLE proposals_civilmatch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_civilmatch TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_civilmatch TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0016_upload"),
        ("regions", "0005_small_area"),
    ]

    operations = [
        migrations.AddField(
            model_name="decree",
            name="civil_reason",
            field=models.CharField(
                blank=True, max_length=1000, verbose_name="reason for others than matched"
            ),
        ),
        migrations.CreateModel(
            name="CivilMatch",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="civil_match",
                        serialize=False,
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not_checked", "Not checked"),
                            ("matched", "Matched"),
                            ("not_matched", "Not matched"),
                            ("failed", "Service failed"),
                        ],
                        max_length=11,
                        verbose_name="civil register",
                    ),
                ),
                (
                    "differs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("nik", "NIK not found"),
                                ("deceased", "deceased"),
                                ("name", "name"),
                                ("birth_date", "date of birth"),
                                ("sex", "sex"),
                                ("village", "village"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                ("fault", models.CharField(blank=True, max_length=20)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
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
                "verbose_name": "match with the civil register",
                "verbose_name_plural": "matches with the civil register",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["matched", "not_matched", "failed"])),
                        name="proposals_civilmatch_asked",
                    )
                ],
            },
        ),
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
    ]
