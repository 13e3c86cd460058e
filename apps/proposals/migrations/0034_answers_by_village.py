"""The answers of the registers are found by the village of their row.

The counts of the form of the filter read those of a regency; without an index they read those of the
country, whose rows row-level security then leaves out one by one.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0033_scope_without_calls")]

    operations = [
        migrations.AddIndex(
            model_name="civilmatch",
            index=models.Index(fields=["village"], name="proposals_civilmatch_village"),
        ),
        migrations.AddIndex(
            model_name="registeredmatch",
            index=models.Index(fields=["village"], name="proposals_registered_village"),
        ),
    ]
