from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0010_feed_documents")]

    operations = [
        migrations.AddField(
            model_name="affectedvillage",
            name="families_by_programme",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
