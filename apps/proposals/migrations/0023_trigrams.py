"""The index of trigrams of a large batch's names is made when its check has ended: it takes as long
as all other indexes of the batch together, and without it the search reads the names themselves.
"""

from django.db import migrations

SQL = """
-- Partitions of names without an index of trigrams get one. Two who ask at once wait for each other;
-- who writes to such a partition meanwhile waits, too: half a second for 100,000 names.
CREATE FUNCTION proposals_index_names() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE name text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'proposals_proposalname'::regclass
                   AND NOT EXISTS (SELECT FROM pg_index x
                                     JOIN pg_class k ON k.oid = x.indexrelid
                                     JOIN pg_am m ON m.oid = k.relam
                                    WHERE x.indrelid = c.oid AND m.amname = 'gin')
                 ORDER BY c.oid
    LOOP
        EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', name);
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I USING gin (name gin_trgm_ops)',
                       name || '_trigrams', name);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0022_export_filter")]

    operations = [migrations.RunSQL(SQL, "DROP FUNCTION proposals_index_names()")]
