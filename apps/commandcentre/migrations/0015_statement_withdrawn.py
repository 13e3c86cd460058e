"""A statement of emergency can be withdrawn; its number may then be added again."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commandcentre", "0014_hazard_closed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="emergencystatement", name="commandcentre_statement_once"
        ),
        migrations.AddField(
            model_name="emergencystatement",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="withdrawn"),
        ),
        migrations.AddField(
            model_name="emergencystatement",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="withdrawn by",
            ),
        ),
        migrations.AddField(
            model_name="emergencystatement",
            name="withdrawn_reason",
            field=models.CharField(
                blank=True, default="", max_length=300, verbose_name="why it is withdrawn"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencystatement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("hazard", "regency", "number"),
                name="commandcentre_statement_once",
            ),
        ),
    ]
