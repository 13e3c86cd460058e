"""Row-level security of questions asks without calling a function for each row (registry 0010)."""

from django.db import migrations

SCOPE = "(SELECT portal_scope('conflict'))::text[]"
WITHIN = f"""'ID' = ANY ({SCOPE}) OR village_id = ANY ({SCOPE}) OR left(village_id, 8) = ANY ({SCOPE})
           OR left(village_id, 5) = ANY ({SCOPE}) OR left(village_id, 2) = ANY ({SCOPE})"""
CALL = "portal_within(village_id, (SELECT portal_scope('conflict')))"
POLICY = "ALTER POLICY web_scope ON reconciliation_conflict USING ({condition})"


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0005_judgement_outcome")]

    operations = [
        migrations.RunSQL(POLICY.format(condition=WITHIN), POLICY.format(condition=CALL)),
    ]
