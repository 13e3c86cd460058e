"""Names of regions and degrees are read by functions of the regions: files of lower apps hold them,
too.
"""

from django.db import migrations

SQL = "DROP FUNCTION proposals_region_name(text); DROP FUNCTION proposals_degrees(text);"
REVERSE = r"""
CREATE FUNCTION proposals_region_name(cell text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regions_bare_name(cell)
$$;
CREATE FUNCTION proposals_degrees(cell text) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regions_degrees(cell)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0013_workspace"), ("regions", "0005_cells")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
