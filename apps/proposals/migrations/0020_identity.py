"""How proposals compare with the persons of the register: seen by whoever sees the proposal."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SECURITY = """
ALTER TABLE proposals_registeredmatch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_registeredmatch TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_registeredmatch TO portal_worker
    USING (true) WITH CHECK (true);
-- whom the list shows as another person, and where a move waits: few of many
CREATE INDEX proposals_registeredmatch_differs ON proposals_registeredmatch (proposal_id)
    WHERE differs <> '{}' OR likely = 'other';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0019_lock_shelf_first"),
        ("regions", "0005_small_area"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="identity_note",
            field=models.CharField(
                blank=True, db_default="", max_length=500, verbose_name="explanation of identity"
            ),
        ),
        migrations.CreateModel(
            name="RegisteredMatch",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="registered_match",
                        serialize=False,
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
                ("person_id", models.BigIntegerField(blank=True, null=True)),
                ("family_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "likely",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("same", "probably the same person"),
                            ("other", "probably another person"),
                        ],
                        max_length=5,
                        verbose_name="register",
                    ),
                ),
                (
                    "differs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("name", "name"),
                                ("mother_name", "mother's name"),
                                ("birth_date", "date of birth"),
                                ("sex", "sex"),
                                ("kk", "family card"),
                                ("village", "village"),
                                ("address", "address"),
                                ("location", "point"),
                            ],
                            max_length=11,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("registered", models.JSONField(blank=True, default=dict)),
                (
                    "move",
                    models.CharField(
                        blank=True,
                        choices=[("confirmed", "move confirmed"), ("denied", "move denied")],
                        max_length=9,
                        verbose_name="move",
                    ),
                ),
                ("move_by_name", models.CharField(blank=True, max_length=200)),
                ("move_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
                (
                    "move_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "verbose_name": "comparison with the register",
                "verbose_name_plural": "comparisons with the register",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("likely__in", ["same", "other"]), ("person_id__isnull", False)
                            ),
                            models.Q(
                                ("family_id__isnull", False),
                                ("likely", ""),
                                ("person_id__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="proposals_registeredmatch_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("move", ""), ("move_at__isnull", True)),
                            models.Q(
                                ("move__in", ["confirmed", "denied"]), ("move_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="proposals_registeredmatch_moved",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
    ]
