"""Questions about two areas that are answered also where GEOS gives up.

Areas that somebody drew along the borders of villages share edges with them that differ by the last
digit. On some of these GEOS ends ST_Covers, and ST_Intersects where nothing is prepared, by a
TopologyException ("side location conflict"), and with it the whole statement: seen with GEOS 3.11
on rectangles around villages of the national layer. ST_DWithin is computed without GEOS.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION regions_areas_meet(area geometry, shape geometry)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT COST 5000 AS $$
BEGIN
    RETURN ST_Intersects(area, shape);
EXCEPTION WHEN internal_error THEN
    RETURN ST_DWithin(area, shape, 0);
END
$$;
COMMENT ON FUNCTION regions_areas_meet IS
    'ST_Intersects of two areas, by ST_DWithin where GEOS gives up; ask area && shape beside it';

CREATE FUNCTION regions_area_covers(area geometry, shape geometry)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT COST 5000 AS $$
BEGIN
    RETURN ST_Covers(area, shape);
EXCEPTION WHEN internal_error THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION regions_area_covers IS
    'ST_Covers of two areas; false where GEOS gives up: who asks measures the share then';
"""
REVERSE = """
DROP FUNCTION regions_area_covers(geometry, geometry);
DROP FUNCTION regions_areas_meet(geometry, geometry);
"""


class Migration(migrations.Migration):
    dependencies = [("regions", "0005_cells")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
