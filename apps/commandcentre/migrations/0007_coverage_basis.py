import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0006_uploads_zones_coverage")]

    operations = [
        migrations.AddField(
            model_name="coveragestate",
            name="basis",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="coveragestate",
            name="changed",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
    ]
