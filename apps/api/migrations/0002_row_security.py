"""An agency sees its own keys alone."""

from django.db import migrations

SQL = """
ALTER TABLE api_idempotencykey ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON api_idempotencykey TO portal_web
    USING (client_id IN (
        SELECT id FROM accounts_client
         WHERE 'agency:' || agency_id = (SELECT current_setting('portal.actor', true))));
CREATE POLICY worker_all ON api_idempotencykey TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("api", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
