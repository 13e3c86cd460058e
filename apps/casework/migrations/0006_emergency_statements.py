"""A regent's statement of emergency: a document that belongs to a plan of shipments."""

from django.db import migrations, models

POLICY = """
DROP POLICY web_scope ON casework_document;
CREATE POLICY web_scope ON casework_document TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('batch')))
           OR (kind = 'emergency' AND portal_within(region_id, (SELECT portal_scope('hazard')))));
"""
BACK = """
DROP POLICY web_scope ON casework_document;
CREATE POLICY web_scope ON casework_document TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('batch'))));
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0005_row_notices"), ("accounts", "0002_scopes")]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="kind",
            field=models.CharField(
                choices=[
                    ("minutes", "Minutes of the village meeting"),
                    ("statement", "Statement of responsibility (SPTJM)"),
                    ("evidence", "Evidence about one person"),
                    ("emergency", "Statement of emergency of a regent"),
                ],
                max_length=9,
                verbose_name="kind",
            ),
        ),
        migrations.RunSQL(POLICY, BACK),
    ]
