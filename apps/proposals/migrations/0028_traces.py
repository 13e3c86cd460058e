"""Under which keys of proposals and uploaded rows a person is known, for "who saw me".

Keys and places alone, whatever the caller's scope: the trail is complete or it is none.
"""

from django.db import migrations

TRACES = """
CREATE FUNCTION proposals_traces(wanted text)
    RETURNS TABLE (proposal bigint, batch bigint, line integer, decree bigint, village text,
                   x double precision, y double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, p.batch_id, p.row_number::integer, p.decree_id, p.village_id::text,
           ST_X(p.location), ST_Y(p.location)
      FROM proposals_proposal p WHERE p.nik = wanted
     UNION ALL
    SELECT NULL, h.batch_id, h.row_number::integer, NULL, h.village_code::text,
           ST_X(h.location), ST_Y(h.location)
      FROM proposals_heldrow h WHERE h.values ->> 'nik' = wanted
$$;
REVOKE ALL ON FUNCTION proposals_traces(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_traces(text) TO portal_web, portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0027_export_request")]

    operations = [
        migrations.RunSQL(TRACES, "DROP FUNCTION proposals_traces(text)"),
    ]
