"""Zooms 9 and 10 have outlines of their own. States that exist keep those of both at both."""

from django.db import migrations

SQL = """
-- before the rows: no index is made while their keys wait to be checked
CREATE INDEX regions_boundaryshape_z10 ON regions_boundaryshape USING gist (shape) WHERE zoom = 10;
INSERT INTO regions_boundaryshape
    (since_id, until_id, code, name, level, zoom, boundary_id, shape, label, label_radius_m)
SELECT since_id, until_id, code, name, level, 10, boundary_id, shape, label, label_radius_m
FROM regions_boundaryshape WHERE zoom = 9 ORDER BY code;
"""
REVERSE = """
DROP INDEX regions_boundaryshape_z10;
DELETE FROM regions_boundaryshape WHERE zoom = 9;
UPDATE regions_boundaryshape SET zoom = 9 WHERE zoom = 10;
"""


class Migration(migrations.Migration):
    dependencies = [("regions", "0007_region_level")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
