"""What the dashboard counts: proposals by region and status, steps per day, findings by region.

The functions count for people who may not see the rows, such as a province, and return only counts.
The queue's index contains the time of the last step, so that the counts read no row.
"""

from django.db import migrations

SQL = """
DROP INDEX proposals_proposal_queue;
CREATE INDEX proposals_proposal_queue ON proposals_proposal (village_id, status, id)
    INCLUDE (step_at);
CREATE INDEX proposals_decision_village ON proposals_decision (village_id, at)
    INCLUDE (to_status, is_undo);
-- decisions are added in the order of time: the steps of one day are a few blocks
CREATE INDEX proposals_decision_at ON proposals_decision USING brin (at);

CREATE OR REPLACE FUNCTION proposals_index_partition(number integer, half text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE staged text := 'partition_' || number;
BEGIN
    IF half = 'people' THEN
        EXECUTE format('CREATE INDEX ON staging.%I (nik)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (kk)', staged);
    ELSE
        EXECUTE format('CREATE UNIQUE INDEX %I ON staging.%I (id)', staged || '_pkey', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (batch_id, row_number)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id) INCLUDE (step_at)',
                       staged);
    END IF;
END $$;

-- The codes under each prefix as a range, which an index can read: '.' is below '/', digits above.
CREATE FUNCTION portal_code_ranges(prefixes text[]) RETURNS TABLE (low text, high text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT CASE WHEN prefix = 'ID' THEN '' ELSE prefix END,
           CASE WHEN prefix = 'ID' THEN 'A' ELSE prefix || '/' END
      FROM unnest(prefixes) AS u (prefix)
$$;

DROP FUNCTION proposals_progress(text[], integer);
CREATE FUNCTION proposals_progress(prefixes text[], code_length integer, statuses text[])
    RETURNS TABLE (region text, status text, proposals bigint, oldest_at timestamptz,
                   last_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT left(p.village_id, code_length), p.status, count(*), min(p.step_at), max(p.step_at)
      FROM portal_code_ranges(prefixes) AS r
      JOIN proposals_proposal p ON p.village_id >= r.low AND p.village_id < r.high
     WHERE p.status = ANY (statuses)
     GROUP BY 1, 2
$$;

-- The whole country is one read of the index; a part of it is a look-up for each of its villages, so
-- that it does not cost as much as the whole.
CREATE FUNCTION proposals_daily_steps(prefixes text[], since timestamptz, zone text)
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

-- For a part of the country findings are looked up by their row: the plan of a function knows neither
-- the scope nor its size. For the whole country both tables are read once.
CREATE FUNCTION proposals_findings(prefixes text[], code_length integer, statuses text[])
    RETURNS TABLE (region text, code text, proposals bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT left(f.village_id, code_length), f.code, count(*)
      FROM (SELECT DISTINCT p.id, p.village_id, s.code
              FROM proposals_proposal p
              JOIN proposals_finding s ON s.batch_id = p.batch_id AND s.row_number = p.row_number
             WHERE 'ID' = ANY (prefixes) AND p.status = ANY (statuses) AND p.severity > 0) AS f
     GROUP BY 1, 2
     UNION ALL
    SELECT left(p.village_id, code_length), f.code, count(*)
      FROM portal_code_ranges(prefixes) AS r
      JOIN proposals_proposal p ON p.village_id >= r.low AND p.village_id < r.high
     CROSS JOIN LATERAL (
               SELECT DISTINCT s.code FROM proposals_finding s
                WHERE s.batch_id = p.batch_id AND s.row_number = p.row_number
               OFFSET 0) AS f
     WHERE NOT 'ID' = ANY (prefixes) AND p.status = ANY (statuses) AND p.severity > 0
     GROUP BY 1, 2
$$;
"""

BACK = """
DROP FUNCTION proposals_findings(text[], integer, text[]);
DROP FUNCTION proposals_daily_steps(text[], timestamptz, text);
DROP FUNCTION proposals_progress(text[], integer, text[]);
DROP FUNCTION portal_code_ranges(text[]);
CREATE FUNCTION proposals_progress(prefixes text[], code_length integer)
    RETURNS TABLE (region text, status text, proposals bigint, last_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT left(p.village_id, code_length), p.status, count(*), max(p.step_at)
      FROM proposals_proposal p
     WHERE p.status NOT IN ('draft', 'withdrawn') AND portal_within(p.village_id, prefixes)
     GROUP BY 1, 2
$$;
DROP INDEX proposals_decision_at;
DROP INDEX proposals_decision_village;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0006_questions")]

    operations = [migrations.RunSQL(SQL, BACK)]
