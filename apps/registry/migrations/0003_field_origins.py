"""Where the fields of a person come from, once its row belongs to another Change.

A field that keeps its value keeps its origin; an empty one, or one of `changed`, has none of its own.
A function, because five statements of merging and its undoing use it.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION registry_field_origins(p registry_person, changed text[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(v.field, coalesce((p.origins ->> v.field)::bigint,
                                                       p.change_id)), '{}')
      FROM (VALUES
               ('nik', p.nik),
               ('kk', p.family_id::text),
               ('village', p.village_id),
               ('name', p.name),
               ('title', p.title),
               ('birth_place', p.birth_place),
               ('birth_date', p.birth_date::text),
               ('sex', p.sex),
               ('mother_name', p.mother_name),
               ('relation', p.relation),
               ('occupation', p.occupation),
               ('marital_status', p.marital_status),
               ('disability_kind', p.disability_kind),
               ('ppks', array_to_string(p.ppks, ';'))
           ) AS v (field, value)
     WHERE v.value <> '' AND NOT v.field = ANY(changed)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_row_security")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
