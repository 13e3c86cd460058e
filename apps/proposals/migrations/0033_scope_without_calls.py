"""Row-level security of files and decisions asks without calling a function for each row (registry
0010). Each statement about findings or papers reads all files that one sees.

Whether a question is about a row of one's own file is asked of that row alone, and not at all of
who sent none: until now each statement about questions read all proposals of the country for it
(0.8 s of a million).
"""

from django.db import migrations

POLICY = "ALTER POLICY web_scope ON proposals_{table} USING ({condition})"
CALL = "portal_within({column}, (SELECT portal_scope('{scope}')))"
# OFFSET 0: as a condition that may be hashed, all proposals are read once.
QUESTIONS = "ALTER POLICY web_scope ON proposals_question USING ({within} OR {own})"
OWN = """((SELECT cardinality(portal_own_batches())) > 0 AND EXISTS (
    SELECT FROM proposals_proposal AS p
     WHERE p.id = proposals_question.proposal_id
       AND p.batch_id = ANY ((SELECT portal_own_batches())::bigint[]) OFFSET 0))"""
OWN_BEFORE = """proposal_id IN (SELECT id FROM proposals_proposal
    WHERE batch_id = ANY ((SELECT portal_own_batches())::bigint[]))"""
TABLES = (("batch", "region_id", "batch"), ("decision", "village_id", "proposal"))


def _written_out(column: str, scope: str) -> str:
    codes = f"(SELECT portal_scope('{scope}'))::text[]"
    parts = (column, *(f"left({column}, {size})" for size in (8, 5, 2)))
    return " OR ".join(f"{part} = ANY ({codes})" for part in ("'ID'", *parts))


class Migration(migrations.Migration):
    dependencies = [("proposals", "0032_noted_papers")]

    operations = [
        migrations.RunSQL(
            POLICY.format(table=table, condition=_written_out(column, scope)),
            POLICY.format(table=table, condition=CALL.format(column=column, scope=scope)),
        )
        for table, column, scope in TABLES
    ] + [
        migrations.RunSQL(
            QUESTIONS.format(within=_written_out("village_id", "proposal"), own=OWN),
            QUESTIONS.format(within=_written_out("village_id", "proposal"), own=OWN_BEFORE),
        )
    ]
