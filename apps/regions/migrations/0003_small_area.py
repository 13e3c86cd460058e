"""Square metres of overlaps and gaps, which may be slivers or have rings that are not in order.

PostGIS's own area on the ellipsoid fails on those ("returned area < 0.0").
"""

from django.db import migrations

SQL = """
CREATE FUNCTION regions_small_area_m2(shape geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ST_Area(shape) * radians(1) ^ 2 * 6378137.0 ^ 2 * (1 - 0.00669437999014)
        * cos(latitude) / (1 - 0.00669437999014 * sin(latitude) ^ 2) ^ 2
    FROM (SELECT radians((ST_YMin(shape) + ST_YMax(shape)) / 2)) AS middle (latitude)
$$;
COMMENT ON FUNCTION regions_small_area_m2 IS
    'Square metres on the ellipsoid at the middle latitude: to a millionth for a village';
"""


class Migration(migrations.Migration):
    dependencies = [("regions", "0002_point_lookup")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
