"""Index a shelf where nobody waits for it; attaching it is what is left for the last transaction."""

from django.db import migrations

SPLIT = """
-- After this nobody writes into it. Run on a connection of its own, beside what else is stored.
CREATE FUNCTION proposals_index_shelf(shelf integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE
    staged text := 'shelf_' || shelf;
    low bigint := shelf::bigint * 10000000000;
BEGIN
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY (id)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (batch_id, row_number)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (nik)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (kk)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id)', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD CONSTRAINT %I CHECK (id >= %s AND id < %s)',
                   staged, 'shelf_range', low, low + 10000000000);
END $$;

CREATE OR REPLACE FUNCTION proposals_attach_shelf(shelf integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'shelf_' || shelf;
    name text := 'proposals_proposal_' || shelf;
    low bigint := shelf::bigint * 10000000000;
BEGIN
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT shelf_range', name);
END $$;
REVOKE ALL ON FUNCTION proposals_index_shelf(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_index_shelf(integer) TO portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0010_attach_faster")]

    operations = [migrations.RunSQL(SPLIT, migrations.RunSQL.noop)]
