"""Names of programmes among the hidden columns of the pockets."""

import django.contrib.postgres.fields
from django.db import migrations, models


def widened() -> models.Field:  # type: ignore[type-arg]
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(max_length=30), blank=True, default=list, size=None
    )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_counts")]
    operations = [
        migrations.AlterField("pocketdifference", "hidden", widened()),
        migrations.AlterField("pocketvillage", "hidden", widened()),
    ]
