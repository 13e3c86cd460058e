"""No step without a known person: a role that takes steps is granted only to an account with a NIK.

The roles are written out: a later change of them needs a migration of its own.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION accounts_role_needs_nik(role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT role IN ('village_officer', 'regency_officer', 'verifier', 'head_of_office',
                    'pusdatin_verifier', 'determiner', 'steward')
$$;

-- Accounts are hidden from whoever asks for no user: the trigger looks as their owner.
CREATE FUNCTION accounts_grant_needs_nik() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.user_id AND u.nik IS NOT NULL) THEN
        RAISE EXCEPTION 'the role % takes steps: its holder''s NIK must be known', NEW.role
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_grant_needs_nik';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_grant_needs_nik BEFORE INSERT OR UPDATE OF role, user_id ON accounts_grant
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL AND accounts_role_needs_nik(NEW.role))
    EXECUTE FUNCTION accounts_grant_needs_nik();

-- A person does not become another one: a NIK is given once.
CREATE FUNCTION accounts_user_keeps_nik() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the NIK of an account is given once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_user_keeps_nik';
END $$;
CREATE TRIGGER accounts_user_keeps_nik BEFORE UPDATE OF nik ON accounts_user
    FOR EACH ROW WHEN (OLD.nik IS NOT NULL AND NEW.nik IS DISTINCT FROM OLD.nik)
    EXECUTE FUNCTION accounts_user_keeps_nik();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
