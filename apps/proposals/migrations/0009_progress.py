"""Counts per region and status for those who watch progress without seeing a single proposal.

Row-level security hides every proposal from a province monitor; this function of the owner answers
with counts alone.
"""

from django.db import migrations

PROGRESS = """
CREATE FUNCTION proposals_progress(prefixes text[], code_length integer)
    RETURNS TABLE (region text, status text, proposals bigint, last_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT left(p.village_id, code_length), p.status, count(*), max(p.step_at)
      FROM proposals_proposal p
     WHERE p.status NOT IN ('draft', 'withdrawn') AND portal_within(p.village_id, prefixes)
     GROUP BY 1, 2
$$;
REVOKE ALL ON FUNCTION proposals_progress(text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_progress(text[], integer) TO portal_web;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0007_decree_rows")]

    operations = [
        migrations.RunSQL(PROGRESS, "DROP FUNCTION proposals_progress(text[], integer)"),
    ]
