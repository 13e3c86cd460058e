"""Lines of a local extract, with an index for the small scales and one for all."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models

INDEXES = """
CREATE INDEX maps_baseline_main ON maps_baseline USING gist (shape) WHERE rank = 0;
CREATE INDEX maps_baseline_others ON maps_baseline USING gist (shape) WHERE rank > 0;
CREATE INDEX maps_baseline_layer ON maps_baseline (layer_id);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="BaseLayer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("attribution", models.CharField(max_length=200, verbose_name="source")),
                ("lines", models.PositiveIntegerField(default=0, verbose_name="lines")),
                ("imported_at", models.DateTimeField(verbose_name="imported")),
                ("is_ready", models.BooleanField(default=False, verbose_name="ready")),
            ],
            options={"verbose_name": "base layer", "verbose_name_plural": "base layers"},
        ),
        migrations.CreateModel(
            name="BaseLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("road", "road"), ("rail", "railway"), ("river", "river")],
                        max_length=5,
                        verbose_name="kind",
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="name")),
                (
                    "shape",
                    django.contrib.gis.db.models.fields.MultiLineStringField(
                        spatial_index=False, srid=3857
                    ),
                ),
                (
                    "layer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="maps.baselayer",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a base layer",
                "verbose_name_plural": "lines of a base layer",
            },
        ),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
    ]
