"""Sealing looks back a stated number of ids: few every ten seconds, many every ten minutes.

A million ids cost 1.5 s to look through, too much for every round; late commits are nearly always
young. What commits later than the long look back is never sealed, and the verification says so.
"""

from django.db import migrations

FUNCTION = """
DROP FUNCTION audit_seal_entries(integer);

-- Seals committed entries that have no seal yet; returns how many. Late commits with lower ids are
-- found as far as it looks back. One sealer at a time (advisory lock): no fork.
CREATE FUNCTION audit_seal_entries(at_most integer, look_back bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last_position bigint;
    last_digest bytea;
    sealed integer := 0;
    entry audit_entry;
BEGIN
    PERFORM pg_advisory_xact_lock(1635083369);
    SELECT position, digest INTO last_position, last_digest
      FROM audit_seal ORDER BY position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    last_digest := coalesce(last_digest, '\\x'::bytea);
    FOR entry IN
        SELECT a.* FROM audit_entry a
         WHERE a.id > coalesce((SELECT max(entry_id) FROM audit_seal), 0) - look_back
           AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = a.id)
         ORDER BY a.id LIMIT at_most
    LOOP
        last_position := last_position + 1;
        last_digest := sha256(last_digest || convert_to(audit_canonical(entry), 'UTF8'));
        INSERT INTO audit_seal (position, entry_id, digest, sealed_at)
            VALUES (last_position, entry.id, last_digest, clock_timestamp());
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END $$;
GRANT CREATE ON SCHEMA public TO portal_sealer;
ALTER FUNCTION audit_seal_entries(integer, bigint) OWNER TO portal_sealer;
REVOKE CREATE ON SCHEMA public FROM portal_sealer;
REVOKE ALL ON FUNCTION audit_seal_entries(integer, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_seal_entries(integer, bigint) TO portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
