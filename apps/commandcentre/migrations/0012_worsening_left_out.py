"""A hazard that became worse is in the log of shifts; a plan may be reserved in part."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0011_families_by_programme")]

    operations = [
        migrations.AddField(
            model_name="shiftentry",
            name="worsening",
            field=models.JSONField(blank=True, default=dict),
        ),
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
                    ("escalate", "Hazard passed to the duty"),
                    ("worsened", "Hazard worse: an alarm again"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="usable_quantity",
            field=models.PositiveBigIntegerField(
                blank=True, null=True, verbose_name="usable quantity"
            ),
        ),
    ]
