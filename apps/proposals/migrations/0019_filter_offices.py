"""A shared filter is seen in every office of who saved it, not only in the first."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FORWARD = "UPDATE proposals_savedfilter SET offices = ARRAY[region_id]::varchar[]"
BACK = """
UPDATE proposals_savedfilter SET region_id = offices[1];
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0018_protected_families"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedfilter",
            name="offices",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=13),
                default=list,
                size=None,
                verbose_name="offices",
            ),
        ),
        migrations.AlterField(
            model_name="savedfilter",
            name="region",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.region",
                verbose_name="office",
            ),
        ),
        migrations.RunSQL(FORWARD, BACK),
        migrations.RemoveField(model_name="savedfilter", name="region"),
    ]
