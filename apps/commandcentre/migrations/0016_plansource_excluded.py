"""An operator leaves a source out of a plan."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0015_statement_withdrawn")]

    operations = [
        migrations.AddField(
            model_name="plansource",
            name="is_excluded",
            field=models.BooleanField(default=False, verbose_name="left out"),
        )
    ]
