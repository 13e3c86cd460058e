"""Records and pairs in partitions by id: what comes by the million gets a table of its own.

A first delivery of a million rows, inserted row by row into four indexes, takes longer than reading
its file. A shelf is filled bare, indexed once and attached (as proposals' are); everything else
stays in the partition `_rest`, which is the table of before.
"""

from django.db import migrations

# Ids below 4e15 are of the rest, above of shelves: 4e15 + number × 1e9 + row; see shelves.py.

PARTITION = """
ALTER TABLE reconciliation_candidate ALTER COLUMN id DROP IDENTITY;
DO $$
DECLARE kind text; one record; told text[];
BEGIN
    FOREACH kind IN ARRAY ARRAY['record', 'candidate'] LOOP
        -- the indexes of before, but the primary key, are made again of the parent
        SELECT array_agg(pg_get_indexdef(i.indexrelid)) INTO told FROM pg_index i
         WHERE i.indrelid = ('reconciliation_' || kind)::regclass AND NOT i.indisprimary;
        EXECUTE format('ALTER TABLE %I RENAME TO %I',
                       'reconciliation_' || kind, 'reconciliation_' || kind || '_rest');
        FOR one IN SELECT i.indexrelid::regclass AS name FROM pg_index i
                    WHERE i.indrelid = ('reconciliation_' || kind || '_rest')::regclass LOOP
            EXECUTE format('ALTER INDEX %s RENAME TO %I', one.name, one.name || '_rest');
        END LOOP;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS,'
                       ' PRIMARY KEY (id)) PARTITION BY RANGE (id)',
                       'reconciliation_' || kind, 'reconciliation_' || kind || '_rest');
        FOR i IN 1 .. cardinality(told) LOOP EXECUTE told[i]; END LOOP;
        EXECUTE format('DROP POLICY web_scope ON %I', 'reconciliation_' || kind || '_rest');
        EXECUTE format('DROP POLICY worker_all ON %I', 'reconciliation_' || kind || '_rest');
        EXECUTE format('REVOKE ALL ON %I FROM portal_web, portal_worker',
                       'reconciliation_' || kind || '_rest');
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (4000000000000000)',
                       'reconciliation_' || kind, 'reconciliation_' || kind || '_rest');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'reconciliation_' || kind);
        EXECUTE format('CREATE POLICY web_scope ON %I TO portal_web USING'
                       ' (''ID'' = ANY ((SELECT portal_scope(''person''))::text[]))',
                       'reconciliation_' || kind);
        EXECUTE format('CREATE POLICY worker_all ON %I TO portal_worker USING (true)'
                       ' WITH CHECK (true)', 'reconciliation_' || kind);
    END LOOP;
END $$;
CREATE SEQUENCE reconciliation_candidate_id_seq AS bigint MAXVALUE 3999999999999999
    OWNED BY reconciliation_candidate.id;
SELECT setval('reconciliation_candidate_id_seq',
              coalesce((SELECT max(id) FROM reconciliation_candidate), 0) + 1, false);
ALTER TABLE reconciliation_candidate
    ALTER COLUMN id SET DEFAULT nextval('reconciliation_candidate_id_seq');
"""

# The worker may not run DDL in the public schema; it asks the owner through these.
DOORS = """
CREATE FUNCTION reconciliation_shelf_name(kind text, shelf bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kind NOT IN ('record', 'candidate') OR shelf NOT BETWEEN 1 AND 4999999 THEN
        RAISE EXCEPTION 'there is no shelf % %', kind, shelf;
    END IF;
    RETURN 'reconciliation_' || kind || '_' || shelf;
END $$;

-- A bare table in the worker's schema, which the worker fills. `owner` is the one source or pairing
-- whose rows stand in it: the planner leaves the shelf out where another's are asked for.
CREATE FUNCTION reconciliation_open_shelf(kind text, shelf bigint, owner text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := public.reconciliation_shelf_name(kind, shelf);
    low bigint := 4000000000000000 + shelf * 1000000000;
    is_filled boolean;
BEGIN
    IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_filled;
        IF is_filled THEN
            RAISE EXCEPTION 'shelf % % is attached already', kind, shelf;
        END IF;
        -- what stood in it was taken back
        EXECUTE format('DROP TABLE public.%I', name);
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', name);
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.%I INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS, CONSTRAINT shelf_range CHECK (id >= %s AND id < %s),'
                   ' CONSTRAINT shelf_owner CHECK (%I = %L))'
                   ' WITH (autovacuum_enabled = false)',
                   name, 'reconciliation_' || kind, low, low + 1000000000,
                   CASE kind WHEN 'record' THEN 'source_id' ELSE 'pairing_id' END, owner);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON staging.%I TO portal_worker', name);
END $$;

CREATE FUNCTION reconciliation_drop_shelf(kind text, shelf bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS staging.%I',
                   public.reconciliation_shelf_name(kind, shelf));
END $$;

CREATE FUNCTION reconciliation_analyze_shelf(kind text, shelf bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ANALYZE staging.%I', public.reconciliation_shelf_name(kind, shelf));
END $$;

-- Every index of the parent, made once over all rows; a second call makes what is missing.
CREATE FUNCTION reconciliation_index_shelf(kind text, shelf bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE
    name text := public.reconciliation_shelf_name(kind, shelf);
    parent text := 'reconciliation_' || kind;
    one record;
BEGIN
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON staging.%I (id)', name || '_pkey', name);
    FOR one IN SELECT c.relname AS called, pg_get_indexdef(i.indexrelid) AS told
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = ('public.' || parent)::regclass AND NOT i.indisprimary LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON staging.%I %s',
                       name || substr(one.called, length(parent) + 1), name,
                       substring(one.told FROM 'USING .*'));
    END LOOP;
END $$;

CREATE FUNCTION reconciliation_attach_shelf(kind text, shelf bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := public.reconciliation_shelf_name(kind, shelf);
    low bigint := 4000000000000000 + shelf * 1000000000;
BEGIN
    -- before anything of the catalogue is written: who analyses the table waits for that while we
    -- would wait for the table
    EXECUTE format('LOCK TABLE staging.%I IN ACCESS EXCLUSIVE MODE', name);
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', name);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', name, name || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', name);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)',
                   'reconciliation_' || kind, name, low, low + 1000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT shelf_range', name);
    EXECUTE format('ALTER TABLE public.%I RESET (autovacuum_enabled)', name);
END $$;
REVOKE ALL ON FUNCTION reconciliation_open_shelf(text, bigint, text),
    reconciliation_drop_shelf(text, bigint), reconciliation_analyze_shelf(text, bigint),
    reconciliation_index_shelf(text, bigint), reconciliation_attach_shelf(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation_open_shelf(text, bigint, text),
    reconciliation_drop_shelf(text, bigint), reconciliation_analyze_shelf(text, bigint),
    reconciliation_index_shelf(text, bigint), reconciliation_attach_shelf(text, bigint)
    TO portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0005_automatic_authority")]

    operations = [
        migrations.RunSQL(PARTITION, migrations.RunSQL.noop),
        migrations.RunSQL(DOORS, migrations.RunSQL.noop),
    ]
