"""The bare name of a region, for comparing: without its kind, spaces and signs."""

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
COMMENT ON FUNCTION regions_bare_name IS 'The bare name of a region, for comparing';
"""
REVERSE = "DROP FUNCTION regions_bare_name(text);"


class Migration(migrations.Migration):
    dependencies = [("regions", "0004_shapes")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
