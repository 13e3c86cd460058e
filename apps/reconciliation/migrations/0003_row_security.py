"""The second gate: records and pairs are nobody's region, conflicts belong to the person's village.

An officer of a regency sees the conflicts of its people, with the two values in question; the whole
record of the other ministry is shown only to those who see the whole country.
"""

from django.db import migrations

SQL = """
ALTER TABLE reconciliation_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON reconciliation_record TO portal_web USING ('ID' = ANY ((SELECT portal_scope('person'))::text[]));
CREATE POLICY worker_all ON reconciliation_record TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE reconciliation_pair ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON reconciliation_pair TO portal_web USING ('ID' = ANY ((SELECT portal_scope('person'))::text[]));
CREATE POLICY worker_all ON reconciliation_pair TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE reconciliation_judgement ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON reconciliation_judgement TO portal_web USING ('ID' = ANY ((SELECT portal_scope('person'))::text[]));
CREATE POLICY worker_all ON reconciliation_judgement TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE reconciliation_conflict ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON reconciliation_conflict TO portal_web USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON reconciliation_conflict TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE reconciliation_lock ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON reconciliation_lock TO portal_web USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON reconciliation_lock TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE reconciliation_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON reconciliation_answer TO portal_web USING (EXISTS (SELECT 1 FROM reconciliation_conflict c WHERE c.id = conflict_id));
CREATE POLICY worker_all ON reconciliation_answer TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("reconciliation", "0002_partitions")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
