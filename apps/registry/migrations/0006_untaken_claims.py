import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_origins")]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="source_ref",
            field=models.CharField(
                blank=True, db_default="", max_length=60, verbose_name="number at the source"
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="was_held",
            field=models.BooleanField(db_default=True, verbose_name="held before"),
        ),
        # found by their Change after a decree; they are only ever added
        migrations.AddIndex(
            model_name="claim",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["change"], name="registry_claim_change"
            ),
        ),
    ]
