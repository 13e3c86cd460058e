"""Row-level security of documents asks without calling a function for each row (registry 0010)."""

from django.db import migrations

EMERGENCY = "(kind = 'emergency' AND portal_within(region_id, (SELECT portal_scope('hazard'))))"
SCOPE = "(SELECT portal_scope('batch'))::text[]"
WITHIN = f"""'ID' = ANY ({SCOPE}) OR region_id = ANY ({SCOPE}) OR left(region_id, 8) = ANY ({SCOPE})
           OR left(region_id, 5) = ANY ({SCOPE}) OR left(region_id, 2) = ANY ({SCOPE})"""
CALL = "portal_within(region_id, (SELECT portal_scope('batch')))"
POLICY = f"ALTER POLICY web_scope ON casework_document USING ({{condition}} OR {EMERGENCY})"


class Migration(migrations.Migration):
    dependencies = [("casework", "0013_corrected_documents")]

    operations = [
        migrations.RunSQL(POLICY.format(condition=WITHIN), POLICY.format(condition=CALL)),
    ]
