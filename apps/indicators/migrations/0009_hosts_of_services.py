"""Hosts of services that may be asked, and what a planner saw before switching a service on.

Services that are there were defined by commands of an administrator: their hosts are allowed.
"""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
INSERT INTO indicators_servicehost
       (name, status, asked_by, asked_by_name, asked_at, decided_by, decided_by_name, decided_at)
SELECT DISTINCT ON (h.name) h.name, 'allowed', 'command:define_service', '', now(),
       'command:define_service', '', now()
  FROM (SELECT regexp_replace(lower(substring(url from '^[A-Za-z]+://([^/?#]+)')), ':443$', '')
               AS name
          FROM indicators_service) AS h
 WHERE h.name IS NOT NULL;
UPDATE indicators_service AS s SET host_id = h.id
  FROM indicators_servicehost AS h
 WHERE h.name = regexp_replace(lower(substring(s.url from '^[A-Za-z]+://([^/?#]+)')), ':443$', '');
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0008_changed_villages")]
    operations = [
        migrations.CreateModel(
            "ServiceHost",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=260, unique=True, verbose_name="host")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for an administrator"),
                            ("allowed", "Allowed"),
                            ("refused", "Not allowed"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("asked_by", models.CharField(max_length=60)),
                (
                    "asked_by_name",
                    models.CharField(blank=True, max_length=200, verbose_name="wanted by"),
                ),
                ("asked_at", models.DateTimeField(verbose_name="wanted")),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                (
                    "decided_by_name",
                    models.CharField(blank=True, max_length=200, verbose_name="decided by"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided"),
                ),
            ],
            options={
                "verbose_name": "host of services",
                "verbose_name_plural": "hosts of services",
            },
        ),
        migrations.AddField(
            "service",
            "host",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="services",
                to="indicators.servicehost",
            ),
        ),
        migrations.AddField("service", "preview", models.JSONField(blank=True, default=dict)),
        migrations.AddField("service", "previewed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("service", "revision", models.PositiveIntegerField(default=0)),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
