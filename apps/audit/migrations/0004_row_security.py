"""An entry is read by its actor and by those whose scope holds its region; everybody writes."""

from django.db import migrations

SQL = """
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON audit_entry FOR SELECT TO portal_web
    USING (actor = (SELECT portal_actor()) OR portal_within(region_code, (SELECT portal_scope('entry'))));
CREATE POLICY web_writes ON audit_entry FOR INSERT TO portal_web WITH CHECK (true);
CREATE POLICY worker_all ON audit_entry TO portal_worker USING (true) WITH CHECK (true);
CREATE POLICY sealer_reads ON audit_entry FOR SELECT TO portal_sealer USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("audit", "0003_indexes")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
