"""All regions of a level are found by an index: the maps of the country ask for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0006_areas_meet"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="region",
            index=models.Index(fields=["level", "code"], name="regions_region_level"),
        ),
    ]
