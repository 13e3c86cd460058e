"""The counts of rows that are known already are named as the module that counts them."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("proposals", "0015_row_papers")]

    operations = [migrations.RenameField("batch", "doubles", "known_rows")]
