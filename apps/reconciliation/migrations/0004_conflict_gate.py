"""The second gate is no wider than the first: questions, their answers and the judgements on pairs
open to those who may read them, not to everybody who may see a person.

Locks and linked records stay with the person: the person's page shows them.
"""

from django.db import migrations

SQL = """
ALTER POLICY web_scope ON reconciliation_conflict USING (portal_within(village_id, (SELECT portal_scope('conflict'))));
ALTER POLICY web_scope ON reconciliation_judgement USING ('ID' = ANY ((SELECT portal_scope('judgement'))::text[]));
"""
REVERSE = """
ALTER POLICY web_scope ON reconciliation_judgement USING ('ID' = ANY ((SELECT portal_scope('person'))::text[]));
ALTER POLICY web_scope ON reconciliation_conflict USING (portal_within(village_id, (SELECT portal_scope('person'))));
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0003_row_security")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
