"""The second gate: the web role sees persons of the transaction's scope only, whatever it asks."""

from django.db import migrations

SQL = """
ALTER TABLE registry_family ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_family TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_family TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE registry_person ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_person TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_person TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE registry_enrolment ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_enrolment TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_enrolment TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE registry_claim ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_claim TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_claim TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE registry_familyevent ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_familyevent TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_familyevent TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE registry_personevent ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_personevent TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_personevent TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE registry_enrolmentevent ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON registry_enrolmentevent TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON registry_enrolmentevent TO portal_worker USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("registry", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
