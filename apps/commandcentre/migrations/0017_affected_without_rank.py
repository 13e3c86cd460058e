"""Ranks are not in the register: no count by rank is kept."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0016_plansource_excluded")]

    operations = [migrations.RemoveField(model_name="affectedvillage", name="by_rank")]
