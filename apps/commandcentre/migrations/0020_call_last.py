"""An index of the last call to a responder: whose number is wrong is called last."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0019_shipment_corrections")]

    operations = [
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["responder", "-at"], name="commandcentre_call_last"),
        )
    ]
