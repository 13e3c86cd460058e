"""Partitions for large deliveries and runs. The worker may not run DDL in the public schema; it asks
the owner through these functions: create, fill, index, attach.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION reconciliation_partition_name(kind text, number bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kind NOT IN ('record', 'pair') OR number NOT BETWEEN 1 AND 4999999 THEN
        RAISE EXCEPTION 'there is no partition % %', kind, number;
    END IF;
    RETURN 'reconciliation_' || kind || '_' || number;
END $$;

-- A bare table in the worker's schema, which the worker fills. `owner` is the one source or pairing
-- whose rows stand in it: the planner leaves the partition out where another's are asked for.
CREATE FUNCTION reconciliation_create_partition(kind text, number bigint, owner text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := public.reconciliation_partition_name(kind, number);
    low bigint := 4000000000000000 + number * 1000000000;
    is_filled boolean;
BEGIN
    IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO is_filled;
        IF is_filled THEN
            RAISE EXCEPTION 'partition % % is attached already', kind, number;
        END IF;
        -- what stood in it was taken back
        EXECUTE format('DROP TABLE public.%I', name);
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', name);
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.%I INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS, CONSTRAINT partition_range CHECK (id >= %s AND id < %s),'
                   ' CONSTRAINT partition_owner CHECK (%I = %L))'
                   ' WITH (autovacuum_enabled = false)',
                   name, 'reconciliation_' || kind, low, low + 1000000000,
                   CASE kind WHEN 'record' THEN 'source_id' ELSE 'pairing_id' END, owner);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON staging.%I TO portal_worker', name);
END $$;

CREATE FUNCTION reconciliation_drop_partition(kind text, number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS staging.%I',
                   public.reconciliation_partition_name(kind, number));
END $$;

CREATE FUNCTION reconciliation_analyze_partition(kind text, number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ANALYZE staging.%I', public.reconciliation_partition_name(kind, number));
END $$;

-- Every index of the parent, made once over all rows; a second call makes what is missing.
CREATE FUNCTION reconciliation_index_partition(kind text, number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE
    name text := public.reconciliation_partition_name(kind, number);
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

CREATE FUNCTION reconciliation_attach_partition(kind text, number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := public.reconciliation_partition_name(kind, number);
    low bigint := 4000000000000000 + number * 1000000000;
BEGIN
    -- before anything of the catalogue is written: who analyses the table waits for that while we
    -- would wait for the table
    EXECUTE format('LOCK TABLE staging.%I IN ACCESS EXCLUSIVE MODE', name);
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', name);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', name, name || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', name);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)',
                   'reconciliation_' || kind, name, low, low + 1000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT partition_range', name);
    EXECUTE format('ALTER TABLE public.%I RESET (autovacuum_enabled)', name);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
