"""Changes of rows belong to whoever sees their batch."""

from django.db import migrations

SECURITY = """
ALTER TABLE proposals_fix ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_fix TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_fix TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_fixedrow ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_fixedrow TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_fixedrow TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0012_fixes")]

    operations = [migrations.RunSQL(SECURITY, migrations.RunSQL.noop)]
