"""In which village the middle of an area of pockets lies; the cells of a village by an index."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

# As `place_areas.sql` does.
PLACE = """
UPDATE indicators_pocketarea AS p
   SET middle_in = found.code
  FROM (SELECT DISTINCT ON (a.id) a.id, b.region_id AS code
          FROM indicators_pocketarea AS a
          JOIN regions_boundary AS b
               ON b.is_current AND ST_Intersects(b.boundary, ST_PointOnSurface(a.area))
         ORDER BY a.id, length(b.region_id) DESC, b.region_id) AS found
 WHERE p.id = found.id
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0014_pocket_sums")]
    operations = [
        migrations.AddField(
            "pocketarea",
            "middle_in",
            models.CharField(blank=True, default="", max_length=13),
        ),
        migrations.RunSQL(PLACE, migrations.RunSQL.noop),
        migrations.AddIndex(
            "pocketarea", GinIndex(fields=["villages"], name="indicators_cells_of_village")
        ),
    ]
