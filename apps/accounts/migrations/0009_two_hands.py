"""Who gave an account its password and took its factors; and no step without a known person.

A grant of a role that takes steps is refused, in SQL too, where the account has no NIK. The roles
are written out: a later change of them needs a migration of its own.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# One who waits to choose a password gets a day from now on.
GIVEN = """
UPDATE accounts_user SET password_given_at = now() WHERE password_is_temporary;
"""
NIK = """
CREATE FUNCTION accounts_needs_nik(role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
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
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL AND accounts_needs_nik(NEW.role))
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
NO_NIK = """
DROP TRIGGER accounts_user_keeps_nik ON accounts_user;
DROP FUNCTION accounts_user_keeps_nik();
DROP TRIGGER accounts_grant_needs_nik ON accounts_grant;
DROP FUNCTION accounts_grant_needs_nik();
DROP FUNCTION accounts_needs_nik(text);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_read_count")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_given_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="password_given_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="factor_taken_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="factor_taken_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="handed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="handed",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(NIK, NO_NIK),
        migrations.RunSQL(GIVEN, migrations.RunSQL.noop),
    ]
