"""Attach a shelf with its lock taken first: autovacuum that analyses it, and waits for a row of the
catalogue that the attaching has written, would otherwise wait for us while we wait for it."""

from django.db import migrations

ATTACH = """
CREATE OR REPLACE FUNCTION proposals_attach_shelf(shelf integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'shelf_' || shelf;
    name text := 'proposals_proposal_' || shelf;
    low bigint := shelf::bigint * 10000000000;
BEGIN
    EXECUTE format('LOCK TABLE staging.%I IN ACCESS EXCLUSIVE MODE', staged);
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', staged, staged || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT shelf_range', name);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0018_asks")]

    operations = [migrations.RunSQL(ATTACH, migrations.RunSQL.noop)]
