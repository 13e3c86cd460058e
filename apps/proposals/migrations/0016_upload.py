"""Uploads in parts: each belongs to its sender alone, in the database too."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SECURITY = """
ALTER TABLE proposals_upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON proposals_upload TO portal_web
    USING ('user:' || user_id = (SELECT current_setting('portal.actor', true)));
CREATE POLICY worker_all ON proposals_upload TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0015_amendments"),
        ("regions", "0005_small_area"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("size", models.BigIntegerField(verbose_name="size (bytes)")),
                ("modified_ms", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "code_system",
                    models.CharField(
                        choices=[("kemendagri", "Kemendagri"), ("bps", "BPS")],
                        default="kemendagri",
                        max_length=10,
                        verbose_name="village codes",
                    ),
                ),
                ("received", models.BigIntegerField(default=0)),
                ("parts", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="proposals.batch",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
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
            options={
                "verbose_name": "upload",
                "verbose_name_plural": "uploads",
                "indexes": [models.Index(fields=["updated_at"], name="proposals_upload_age")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("batch__isnull", True)),
                        fields=("user", "region", "file_name", "size", "modified_ms", "sha256"),
                        name="proposals_upload_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received__gte", 0),
                            ("received__lte", models.F("size")),
                            ("size__gt", 0),
                        ),
                        name="proposals_upload_within_size",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
    ]
