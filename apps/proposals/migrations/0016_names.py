"""The search by a part of a name reads an index. LIKE is not leakproof, so that row-level security
keeps it from every index; a function that runs with its owner's rights applies the policy itself.
"""

from django.db import migrations

# As in 0012, with the index of names among those of people.
INDEX_PARTITION = """
CREATE OR REPLACE FUNCTION proposals_index_partition(number integer, half text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE staged text := 'partition_' || number;
BEGIN
    IF half = 'people' THEN
        EXECUTE format('CREATE INDEX ON staging.%I (nik)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (kk)', staged);
        {names}
    ELSE
        EXECUTE format('CREATE UNIQUE INDEX %I ON staging.%I (id)', staged || '_pkey', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (batch_id, row_number)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id) INCLUDE (step_at)',
                       staged);
        EXECUTE format('CREATE INDEX ON staging.%I (tile_cell) WHERE tile_cell IS NOT NULL', staged);
    END IF;
END $$;
"""
NAMES = "EXECUTE format('CREATE INDEX ON staging.%I USING gin (upper(name) gin_trgm_ops)', staged);"

INDEX = """
CREATE INDEX proposals_proposal_named ON proposals_proposal USING gin (upper(name) gin_trgm_ops)
"""
FIND = r"""
-- The keys of at most so many proposals with a part of a name, of those that the policy `web_scope`
-- shows. Who asks reads the rows themselves through row-level security. A part without three letters
-- finds nothing.
-- Index: proposals_proposal_named.
CREATE FUNCTION proposals_find_by_name(part text, most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id FROM proposals_proposal p
     WHERE length(regexp_replace(part, '[^[:alpha:]]', '', 'g')) >= 3
       AND upper(p.name) LIKE '%' || regexp_replace(upper(part), '([\\%_])', '\\\1', 'g') || '%'
       AND (portal_within(p.village_id, (SELECT portal_scope('proposal')))
            OR p.batch_id IN (
               SELECT b.id FROM proposals_batch b
                WHERE b.user_id = portal_user()
                  AND portal_within(b.region_id, (SELECT portal_scope('batch')))))
     LIMIT most
$$
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0015_row_papers")]

    operations = [
        migrations.RunSQL(INDEX, "DROP INDEX proposals_proposal_named"),
        migrations.RunSQL(
            INDEX_PARTITION.replace("{names}", NAMES),
            INDEX_PARTITION.replace("        {names}\n", ""),
        ),
        migrations.RunSQL(FIND, "DROP FUNCTION proposals_find_by_name(text, integer)"),
    ]
