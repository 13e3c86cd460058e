from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0007_coverage_basis")]

    operations = [
        migrations.AddField(
            model_name="hazard",
            name="worsened_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="became worse"),
        ),
        migrations.AddField(
            model_name="hazard",
            name="worsening",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
