"""Row-level security of entries asks without calling a function for each row (registry 0010)."""

from django.db import migrations

SCOPE = "(SELECT portal_scope('entry'))::text[]"
WITHIN = f"""'ID' = ANY ({SCOPE}) OR region_code = ANY ({SCOPE}) OR left(region_code, 8) = ANY ({SCOPE})
           OR left(region_code, 5) = ANY ({SCOPE}) OR left(region_code, 2) = ANY ({SCOPE})"""
CALL = "portal_within(region_code, (SELECT portal_scope('entry')))"
POLICY = """
ALTER POLICY web_reads ON audit_entry USING (actor = (SELECT portal_actor()) OR {condition})
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_row_security")]

    operations = [
        migrations.RunSQL(POLICY.format(condition=WITHIN), POLICY.format(condition=CALL)),
    ]
