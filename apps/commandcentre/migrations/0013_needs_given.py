"""What other plans of a hazard give to a village is kept with what it needs."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0012_worsening_left_out")]

    operations = [
        migrations.AddField(
            model_name="planneed",
            name="given",
            field=models.PositiveBigIntegerField(default=0, verbose_name="given by other plans"),
        )
    ]
