"""Drafts of the form: what one person types about one family, seen by that person alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Only the person who types it, and only while they work in that region.
SECURITY = """
ALTER TABLE proposals_formdraft ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON proposals_formdraft TO portal_web
    USING ('user:' || user_id = (SELECT current_setting('portal.actor', true))
           AND portal_within(region_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_formdraft TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0013_fixes_security"),
        ("accounts", "0002_scope"),
        ("regions", "0005_small_area"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FormDraft",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sections", models.JSONField(blank=True, default=dict)),
                ("versions", models.JSONField(blank=True, default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                ("done", models.JSONField(blank=True, default=list)),
                ("remarks", models.JSONField(blank=True, default=list)),
                ("checked_version", models.IntegerField(default=-1)),
                ("outcome", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                ("updated_at", models.DateTimeField(verbose_name="saved")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="submitted at"),
                ),
                (
                    "batch",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="proposals.batch",
                        verbose_name="batch",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={"verbose_name": "form draft", "verbose_name_plural": "form drafts"},
        ),
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
    ]
