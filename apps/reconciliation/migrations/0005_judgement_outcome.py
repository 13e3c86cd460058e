"""The answer of a judgement is its outcome; a verdict is that of a point alone."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0004_conflict_gate")]

    operations = [migrations.RenameField("judgement", "verdict", "outcome")]
