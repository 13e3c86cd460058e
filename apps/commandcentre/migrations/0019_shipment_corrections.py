"""What was noted of a shipment by mistake is corrected, and kept beside the correction."""

from __future__ import annotations

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commandcentre", "0018_plan_counts_other_events"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ShipmentCorrection",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "former_status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("reserved", "Reserved"),
                            ("dispatched", "Dispatched"),
                            ("received", "Received"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("former_quantity", models.PositiveBigIntegerField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("reserved", "Reserved"),
                            ("dispatched", "Dispatched"),
                            ("received", "Received"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "quantity",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="received quantity"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "correction of a shipment",
                "verbose_name_plural": "corrections of shipments",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="shipment",
            name="shipment_moves",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shipment",
            trigger=pgtrigger.compiler.Trigger(
                name="shipment_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{dispatched:cancelled,dispatched:received,dispatched:reserved,planned:cancelled,planned:reserved,received:dispatched,reserved:cancelled,reserved:dispatched}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="ca8e55df73ccec98758bccdcf12103780a9322e7",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_shipment_moves_02525",
                    table="commandcentre_shipment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="shipmentcorrection",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="shipmentcorrection",
            name="shipment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="commandcentre.shipment",
            ),
        ),
    ]
