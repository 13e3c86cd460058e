"""Keys of requests that are sent again, and the stored answers; an agency sees its own alone."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SECURITY = """
ALTER TABLE api_idempotencykey ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON api_idempotencykey TO portal_web
    USING (client_id IN (
        SELECT id FROM accounts_client
         WHERE 'agency:' || agency_id = (SELECT current_setting('portal.actor', true))));
CREATE POLICY worker_all ON api_idempotencykey TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("accounts", "0004_second_factor"),
        ("proposals", "0026_lines"),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("digest", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="proposals.batch",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "key"), name="api_idempotencykey_once"
                    )
                ],
                "indexes": [models.Index(fields=["created_at"], name="api_idempotencykey_age")],
            },
        ),
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
    ]
