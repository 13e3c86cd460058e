"""Bare names of regions are the regions' own (`regions_bare_name`): lower apps compare them, too."""

from django.db import migrations

SQL = "DROP FUNCTION proposals_region_name(text);"
REVERSE = r"""
CREATE FUNCTION proposals_region_name(cell text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regions_bare_name(cell)
$$;
COMMENT ON FUNCTION proposals_region_name IS 'The bare name of a region, for comparing';
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0013_workspace"), ("regions", "0005_bare_names")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
