"""The rows of a decree are found by it: for its annex, its page and a determination in parts."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("proposals", "0006_submission")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX proposals_proposal_decree ON proposals_proposal (decree_id)"
            " WHERE decree_id IS NOT NULL",
            "DROP INDEX proposals_proposal_decree",
        ),
    ]
