"""The register's values by field, as a correction names them, and how two of them are compared.

Functions, because the check of a correction and its comparison before a decree use them.
"""

from django.db import migrations

SQL = """
-- The values of one person and of the family: text by field; an empty one is '' or null.
CREATE FUNCTION registry_values(person bigint) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object(
               'name', p.name, 'birth_place', p.birth_place, 'birth_date', p.birth_date::text,
               'sex', p.sex, 'mother_name', p.mother_name, 'relation', p.relation,
               'occupation', p.occupation, 'marital_status', p.marital_status,
               'disability_kind', p.disability_kind, 'ppks', array_to_string(p.ppks, ';'),
               'kk', f.kk, 'village', p.village_id, 'address', f.address, 'rt', f.rt, 'rw', f.rw,
               'location', round(ST_Y(f.location)::numeric, 6) || ', '
                           || round(ST_X(f.location)::numeric, 6))
      FROM registry_person p
      LEFT JOIN registry_family f ON f.id = p.family_id
     WHERE p.id = registry_values.person
$$;

-- A value without what makes no difference: case, spaces, leading zeros of RT and RW.
CREATE FUNCTION registry_plain(field text, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN field IN ('rt', 'rw') THEN ltrim(coalesce(value, ''), '0')
                ELSE upper(btrim(regexp_replace(coalesce(value, ''), '\\s+', ' ', 'g'))) END
$$;
"""
BACK = """
DROP FUNCTION registry_plain(text, text);
DROP FUNCTION registry_values(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_end_reasons")]

    operations = [migrations.RunSQL(SQL, BACK)]
