"""Requests for large files: one's own, and those of one's region to answer; never one's own."""

from django.db import migrations

SECURITY = """
ALTER TABLE proposals_exportrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON proposals_exportrequest FOR SELECT TO portal_web
    USING (user_id = (SELECT portal_user())
           OR portal_within(region_id, (SELECT portal_scope('proposal'))));
CREATE POLICY web_asks ON proposals_exportrequest FOR INSERT TO portal_web
    WITH CHECK (user_id = (SELECT portal_user()) AND answered_by_id IS NULL);
CREATE POLICY web_answers ON proposals_exportrequest FOR UPDATE TO portal_web
    USING (user_id <> (SELECT portal_user())
           AND portal_within(region_id, (SELECT portal_scope('proposal'))))
    WITH CHECK (answered_by_id = (SELECT portal_user()));
CREATE POLICY worker_all ON proposals_exportrequest TO portal_worker
    USING (true) WITH CHECK (true);
"""
OPEN = """
DROP POLICY web_reads ON proposals_exportrequest;
DROP POLICY web_asks ON proposals_exportrequest;
DROP POLICY web_answers ON proposals_exportrequest;
DROP POLICY worker_all ON proposals_exportrequest;
ALTER TABLE proposals_exportrequest DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0039_batch_gate")]

    operations = [migrations.RunSQL(SECURITY, OPEN)]
