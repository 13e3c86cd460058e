"""Questions that reach beyond the asking user's scope; each answers with the least that is needed."""

from django.db import migrations

SQL = """
-- whom the list shows as another person, and where a move waits: few of many
CREATE INDEX proposals_registeredmatch_differs ON proposals_registeredmatch (proposal_id)
    WHERE differs <> '{}' OR likely = 'other';

CREATE FUNCTION proposals_already_open(batch bigint)
    RETURNS TABLE (id bigint, village_id varchar, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, p.village_id,
           CASE WHEN p.is_open THEN 'open_elsewhere' ELSE 'twice_in_batch' END
      FROM (SELECT d.id, d.village_id,
                   row_number() OVER (PARTITION BY d.nik, d.programme_id
                                      ORDER BY d.row_number, d.id) AS turn,
                   EXISTS (
                       SELECT FROM (SELECT o.id, o.status FROM proposals_proposal o
                                     WHERE o.nik = d.nik AND o.programme_id = d.programme_id
                                    OFFSET 0) AS o
                        WHERE o.id <> d.id
                          AND o.status IN ('submitted', 'verified', 'endorsed', 'accepted',
                                           'returned')) AS is_open
              FROM proposals_proposal d
             WHERE d.batch_id = $1 AND d.status = 'draft') AS p
     WHERE p.turn > 1 OR p.is_open
$$;

CREATE FUNCTION proposals_progress(prefixes text[], code_length integer)
    RETURNS TABLE (region text, status text, proposals bigint, last_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT left(p.village_id, code_length), p.status, count(*), max(p.step_at)
      FROM proposals_proposal p
     WHERE p.status NOT IN ('draft', 'withdrawn') AND portal_within(p.village_id, prefixes)
     GROUP BY 1, 2
$$;

CREATE FUNCTION proposals_lines_above(batch bigint) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN split_part(b.file_kind, '+', 1) IN ('csv', 'xlsx') THEN b.header_line ELSE 0
           END
      FROM proposals_batch b WHERE b.id = $1
$$;

CREATE FUNCTION proposals_find_by_nik(wanted text)
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

CREATE FUNCTION proposals_count_affected(villages text[], open_statuses text[]) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM proposals_proposal p
     WHERE (p.village_id = ANY (villages) OR p.actual_village_id = ANY (villages))
       AND p.status = ANY (open_statuses) AND p.location IS NOT NULL
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0005_row_security")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
