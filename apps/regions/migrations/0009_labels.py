"""Labels of districts and above are found by their place, without the villages around them."""

from django.db import migrations

SQL = """
CREATE INDEX regions_boundaryshape_labels ON regions_boundaryshape USING gist (label)
    WHERE zoom = 11 AND length(code) <= 8;
"""


class Migration(migrations.Migration):
    dependencies = [("regions", "0008_outlines_of_zoom_10")]

    operations = [migrations.RunSQL(SQL, "DROP INDEX regions_boundaryshape_labels")]
