"""The second gate: records and pairs are nobody's region, conflicts belong to the person's village.

An officer of a regency sees the conflicts of its people, with the two values in question; the whole
record of the other ministry stays with those who see the whole country.
"""

from django.db import migrations

NATIONAL = ["reconciliation_record", "reconciliation_candidate", "reconciliation_judgement"]
REGIONAL = ["reconciliation_conflict", "reconciliation_lock"]
RULES = {
    **dict.fromkeys(NATIONAL, "'ID' = ANY ((SELECT portal_scope('person'))::text[])"),
    **dict.fromkeys(REGIONAL, "portal_within(village_id, (SELECT portal_scope('person')))"),
    # as far as its conflict is seen
    "reconciliation_answer": (
        "EXISTS (SELECT 1 FROM reconciliation_conflict c WHERE c.id = conflict_id)"
    ),
}
POLICIES = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON {table} TO portal_web USING ({rule});
CREATE POLICY worker_all ON {table} TO portal_worker USING (true) WITH CHECK (true);
"""
    for table, rule in RULES.items()
)


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial"), ("accounts", "0002_scope")]

    operations = [migrations.RunSQL(POLICIES, migrations.RunSQL.noop)]
