"""Cells of files that say where something is: names of regions, degrees."""

from django.db import migrations

SQL = r"""
CREATE FUNCTION regions_bare_name(cell text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        regexp_replace(upper(btrim(cell)),
            '^(PROVINSI|PROPINSI|PROV\.?|(KABUPATEN|KAB\.?|KOTA|KOTAMADYA)( ADMINISTRASI| ADM\.?)?'
            '|KECAMATAN|KEC\.?|KAPANEWON|KEMANTREN|DISTRIK|KELURAHAN|KEL\.?|KALURAHAN|DESA|DS\.?'
            '|NAGARI|GAMPONG)\s+', ''),
        '[^A-Z0-9]', '', 'g')
$$;
COMMENT ON FUNCTION regions_bare_name IS
    'The name of a region without its kind, spaces and signs, for comparing';

CREATE FUNCTION regions_degrees(cell text) RETURNS double precision
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    plain text := upper(translate(cell, ',−–’′‘`´″”“', '.--'));
    letters text := regexp_replace(plain, '[^A-Z]', '', 'g');
    parts text[] := string_to_array(btrim(regexp_replace(plain, '[^0-9.-]+', ' ', 'g')), ' ');
    degrees double precision;
BEGIN
    -- spaces between sign and number, as in "- 7.78"
    IF parts[1] = '-' THEN
        parts := parts[2:];
        parts[1] := '-' || parts[1];
    END IF;
    IF letters NOT IN ('', 'S', 'LS', 'N', 'U', 'LU', 'E', 'T', 'BT', 'W', 'B', 'BB')
       OR cardinality(parts) NOT BETWEEN 1 AND 3
       OR parts[1] !~ '^-?[0-9]{1,3}(\.[0-9]+)?$'
       OR coalesce(parts[2] !~ '^[0-9]{1,2}(\.[0-9]+)?$' OR parts[2]::float8 >= 60, false)
       OR coalesce(parts[3] !~ '^[0-9]{1,2}(\.[0-9]+)?$' OR parts[3]::float8 >= 60, false)
    THEN
        RETURN NULL;
    END IF;
    degrees := abs(parts[1]::float8) + coalesce(parts[2]::float8, 0) / 60
        + coalesce(parts[3]::float8, 0) / 3600;
    RETURN CASE WHEN parts[1] LIKE '-%' OR letters IN ('S', 'LS', 'W', 'B', 'BB')
                THEN -degrees ELSE degrees END;
END $$;
COMMENT ON FUNCTION regions_degrees IS
    'Degrees from a cell with decimal comma, degrees-minutes-seconds or a hemisphere; else null';
"""
REVERSE = "DROP FUNCTION regions_bare_name(text); DROP FUNCTION regions_degrees(text);"


class Migration(migrations.Migration):
    dependencies = [("regions", "0004_shapes")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
