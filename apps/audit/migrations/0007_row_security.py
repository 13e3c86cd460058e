"""The second gate for the trail: the web reads its own person's entries, and those of the regions
whose trail that person may read. It writes every entry, and reads none back by writing it.
"""

from django.db import migrations

SECURITY = """
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON audit_entry FOR SELECT TO portal_web
    USING (actor = (SELECT portal_actor()) OR portal_within(region_code, (SELECT portal_scope('entry'))));
CREATE POLICY web_writes ON audit_entry FOR INSERT TO portal_web WITH CHECK (true);
CREATE POLICY worker_all ON audit_entry TO portal_worker USING (true) WITH CHECK (true);
CREATE POLICY sealer_reads ON audit_entry FOR SELECT TO portal_sealer USING (true);
"""
OPEN = """
DROP POLICY web_reads ON audit_entry;
DROP POLICY web_writes ON audit_entry;
DROP POLICY worker_all ON audit_entry;
DROP POLICY sealer_reads ON audit_entry;
ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_installation"), ("accounts", "0010_who_asks")]

    operations = [migrations.RunSQL(SECURITY, OPEN)]
