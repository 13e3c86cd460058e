"""A plan can subtract what plans of other events give to the same villages."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0017_affected_without_rank")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="counts_other_events",
            field=models.BooleanField(default=False, verbose_name="counts plans of other events"),
        )
    ]
