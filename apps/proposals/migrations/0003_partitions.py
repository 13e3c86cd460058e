"""Partitions for large batches. The worker may not run DDL in the public schema; it asks the owner
through these functions: create, fill, index, attach.
"""

from django.db import migrations

SQL = """
-- Partition 0 holds the small batches, the form and the API; a large batch gets one of its own.
CREATE SEQUENCE proposals_partition_seq MINVALUE 1 MAXVALUE 900000000;

-- A bare table for one large batch, without indexes, which the worker fills.
CREATE FUNCTION proposals_create_partition(number integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := 'partition_' || number;
    low bigint := number::bigint * 10000000000;
BEGIN
    IF to_regclass('public.proposals_proposal_' || number) IS NOT NULL THEN
        RAISE EXCEPTION 'partition % is attached already', number;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', name);
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.proposals_proposal INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS,'
                   ' CONSTRAINT partition_range CHECK (id >= %s AND id < %s))',
                   name, low, low + 10000000000);
    EXECUTE format('GRANT SELECT, INSERT ON staging.%I TO portal_worker', name);
    RETURN name;
END $$;

-- Two halves that can be made at the same time, over two connections, once the rows are in.
CREATE FUNCTION proposals_index_partition(number integer, half text) RETURNS void
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
        EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id)', staged);
    END IF;
END $$;

-- Index it, promise its range, and hang it under the parent: the last, short step.
CREATE FUNCTION proposals_attach_partition(number integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'partition_' || number;
    name text := 'proposals_proposal_' || number;
    low bigint := number::bigint * 10000000000;
BEGIN
    EXECUTE format('LOCK TABLE staging.%I IN ACCESS EXCLUSIVE MODE', staged);
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', staged, staged || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT partition_range', name);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0002_cells")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
