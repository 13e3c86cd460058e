"""Dropped rows belong to whoever sees their batch."""

from django.db import migrations

SECURITY = """
ALTER TABLE proposals_droppedrow ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_droppedrow TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_droppedrow TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0024_dropped_rows")]

    operations = [migrations.RunSQL(SECURITY, migrations.RunSQL.noop)]
