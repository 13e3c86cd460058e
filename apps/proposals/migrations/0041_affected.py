"""How many open proposals an activation would look at again, for an administrator who sees none.

Row-level security hides other offices' proposals from whoever looks after the boundaries; this
function of the owner answers with a count alone.
"""

from django.db import migrations

AFFECTED = """
CREATE FUNCTION proposals_affected(villages text[], open_statuses text[]) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM proposals_proposal p
     WHERE (p.village_id = ANY (villages) OR p.actual_village_id = ANY (villages))
       AND p.status = ANY (open_statuses) AND p.location IS NOT NULL
$$;
REVOKE ALL ON FUNCTION proposals_affected(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_affected(text[], text[]) TO portal_web, portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0040_export_security")]

    operations = [
        migrations.RunSQL(AFFECTED, "DROP FUNCTION proposals_affected(text[], text[])"),
    ]
