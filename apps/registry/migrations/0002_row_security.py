"""The second gate: the web role sees persons of the transaction's scope only, whatever it asks."""

from django.db import migrations

TABLES = [
    "registry_family",
    "registry_person",
    "registry_enrolment",
    "registry_claim",
    "registry_familyevent",
    "registry_personevent",
    "registry_enrolmentevent",
]
POLICIES = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON {table} TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('person'))));
CREATE POLICY worker_all ON {table} TO portal_worker USING (true) WITH CHECK (true);
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("accounts", "0002_scope")]

    operations = [migrations.RunSQL(POLICIES, migrations.RunSQL.noop)]
