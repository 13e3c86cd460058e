"""Which open proposals about one person exclude each other, now that a removal or a correction may
be about the whole person.
"""

from django.db import migrations

SQL = """
-- What a proposal lays claim to. Two of one person exclude each other if their claims are equal or
-- one is '*': the whole person. '#' are the person's own values, else it is the programme.
CREATE FUNCTION proposals_claim(kind text, ends text, programme text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN kind = 'correction' THEN '#' WHEN ends = 'person' THEN '*' ELSE programme END
$$;

-- Removals sent before were about the whole person.
UPDATE proposals_proposal SET ends = 'person' WHERE kind = 'removal' AND ends = '';

CREATE OR REPLACE FUNCTION proposals_already_open(batch bigint)
    RETURNS TABLE (id bigint, village_id varchar, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, p.village_id,
           CASE WHEN p.is_open THEN 'open_elsewhere' ELSE 'twice_in_batch' END
      FROM (SELECT d.id, d.village_id,
                   row_number() OVER (PARTITION BY d.nik, d.claim
                                      ORDER BY d.row_number, d.id) > 1
                   OR bool_or(d.claim = '*') OVER (PARTITION BY d.nik)
                      AND row_number() OVER (PARTITION BY d.nik ORDER BY d.row_number, d.id) > 1
                      AS is_repeated,
                   EXISTS (
                       SELECT FROM (SELECT o.id, o.status,
                                           proposals_claim(o.kind, o.ends, o.programme_id) AS claim
                                      FROM proposals_proposal o
                                     WHERE o.nik = d.nik
                                    OFFSET 0) AS o
                        WHERE o.id <> d.id
                          AND (o.claim = d.claim OR '*' IN (o.claim, d.claim))
                          AND o.status IN ('submitted', 'verified', 'endorsed', 'accepted',
                                           'returned')) AS is_open
              FROM (SELECT d.id, d.village_id, d.nik, d.row_number,
                           proposals_claim(d.kind, d.ends, d.programme_id) AS claim
                      FROM proposals_proposal d
                     WHERE d.batch_id = $1 AND d.status = 'draft') AS d) AS p
     WHERE p.is_repeated OR p.is_open
$$;
"""
BACK = """
CREATE OR REPLACE FUNCTION proposals_already_open(batch bigint)
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
DROP FUNCTION proposals_claim(text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0010_removals_and_corrections")]

    operations = [migrations.RunSQL(SQL, BACK)]
