"""The steps of the trend leave out those that were undone."""

from django.db import migrations

SQL = """
-- undone steps are found from the undos, which are few
CREATE INDEX proposals_decision_undo ON proposals_decision (village_id, at) WHERE is_undo;

CREATE OR REPLACE FUNCTION proposals_daily_steps(prefixes text[], since timestamptz, zone text)
    RETURNS TABLE (day date, status text, steps bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (d.at AT TIME ZONE zone)::date, d.to_status, sum(d.number)::bigint
      FROM (SELECT d.at, d.to_status, 1 AS number
              FROM proposals_decision d
             WHERE 'ID' = ANY (prefixes) AND d.at >= since AND NOT d.is_undo
             UNION ALL
            SELECT d.at, d.to_status, 1
              FROM portal_code_ranges(prefixes) AS r
              JOIN regions_region v ON v.level = 'village' AND v.code >= r.low AND v.code < r.high
             CROSS JOIN LATERAL (
                       SELECT s.at, s.to_status FROM proposals_decision s
                        WHERE s.village_id = v.code AND s.at >= since AND NOT s.is_undo
                       OFFSET 0) AS d
             WHERE NOT 'ID' = ANY (prefixes)
             UNION ALL
            -- only the last step of a proposal can be undone: it is the one before the undo
            SELECT s.at, s.to_status, -1
              FROM (SELECT u.id, u.proposal_id FROM proposals_decision u
                     WHERE 'ID' = ANY (prefixes) AND u.is_undo AND u.at >= since
                     UNION ALL
                    SELECT u.id, u.proposal_id
                      FROM portal_code_ranges(prefixes) AS r
                      JOIN proposals_decision u
                        ON u.village_id >= r.low AND u.village_id < r.high
                     WHERE NOT 'ID' = ANY (prefixes) AND u.is_undo AND u.at >= since) AS u
             CROSS JOIN LATERAL (
                       SELECT d.at, d.to_status FROM proposals_decision d
                        WHERE d.proposal_id = u.proposal_id AND d.id < u.id
                        ORDER BY d.id DESC LIMIT 1) AS s
             WHERE s.at >= since) AS d
     GROUP BY 1, 2
    HAVING sum(d.number) > 0
$$;
"""

BACK = """
CREATE OR REPLACE FUNCTION proposals_daily_steps(prefixes text[], since timestamptz, zone text)
    RETURNS TABLE (day date, status text, steps bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (d.at AT TIME ZONE zone)::date, d.to_status, count(*)
      FROM proposals_decision d
     WHERE 'ID' = ANY (prefixes) AND d.at >= since AND NOT d.is_undo
     GROUP BY 1, 2
     UNION ALL
    SELECT (d.at AT TIME ZONE zone)::date, d.to_status, count(*)
      FROM portal_code_ranges(prefixes) AS r
      JOIN regions_region v ON v.level = 'village' AND v.code >= r.low AND v.code < r.high
     CROSS JOIN LATERAL (
               SELECT s.at, s.to_status FROM proposals_decision s
                WHERE s.village_id = v.code AND s.at >= since AND NOT s.is_undo
               OFFSET 0) AS d
     WHERE NOT 'ID' = ANY (prefixes)
     GROUP BY 1, 2
$$;
DROP INDEX proposals_decision_undo;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0020_names")]

    operations = [migrations.RunSQL(SQL, BACK)]
