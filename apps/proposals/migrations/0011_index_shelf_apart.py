"""Index a shelf where nobody waits for it; attaching it is what is left for the last transaction."""

from django.db import migrations

SPLIT = """
CREATE OR REPLACE FUNCTION proposals_open_shelf(shelf integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := 'shelf_' || shelf;
    low bigint := shelf::bigint * 10000000000;
BEGIN
    IF to_regclass('public.proposals_proposal_' || shelf) IS NOT NULL THEN
        RAISE EXCEPTION 'shelf % is attached already', shelf;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', name);
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.proposals_proposal INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS,'
                   ' CONSTRAINT shelf_range CHECK (id >= %s AND id < %s))',
                   name, low, low + 10000000000);
    EXECUTE format('GRANT SELECT, INSERT ON staging.%I TO portal_worker', name);
    RETURN name;
END $$;

-- Two halves that can be made at the same time, over two connections, once the rows are in.
CREATE FUNCTION proposals_index_shelf(shelf integer, half text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE staged text := 'shelf_' || shelf;
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

CREATE OR REPLACE FUNCTION proposals_attach_shelf(shelf integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'shelf_' || shelf;
    name text := 'proposals_proposal_' || shelf;
    low bigint := shelf::bigint * 10000000000;
BEGIN
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', staged, staged || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT shelf_range', name);
END $$;
REVOKE ALL ON FUNCTION proposals_index_shelf(integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_index_shelf(integer, text) TO portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0010_attach_faster")]

    operations = [migrations.RunSQL(SPLIT, migrations.RunSQL.noop)]
