"""The log of shifts says when a hazard was closed."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0013_needs_given")]

    operations = [
        migrations.AlterField(
            model_name="shiftentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("take", "Duty taken"),
                    ("hand_over", "Duty handed over"),
                    ("note", "Note"),
                    ("extend", "Shift extended"),
                    ("assign", "Hazard assigned"),
                    ("close", "Hazard closed"),
                    ("escalate", "Hazard passed to the duty"),
                    ("worsened", "Hazard worse: an alarm again"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        )
    ]
