"""Append-only entries, and the sealing function with its own role.

Triggers guard against mistakes; privileges guard against malice: neither web nor worker holds
UPDATE, DELETE or TRUNCATE here, and only the sealer's function writes seals. `apps.audit.guards`
knows the hashes of the functions' bodies.
"""

from django.db import migrations

SQL = r"""
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only (% on %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- One line per entry, in which every column has its place; what is hashed and what is verified.
CREATE FUNCTION audit_canonical(e audit_entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.action, e.actor,
        e.actor_name, e.subject, e.subject_name, e.region_code, e.reason, host(e.address),
        e.request_id, e.details)::text
$$;

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
    last_digest := coalesce(last_digest, '\x'::bytea);
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
ALTER TABLE audit_seal OWNER TO portal_sealer;
ALTER FUNCTION audit_seal_entries(integer, bigint) OWNER TO portal_sealer;
REVOKE CREATE ON SCHEMA public FROM portal_sealer;
GRANT SELECT ON audit_entry TO portal_sealer;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
