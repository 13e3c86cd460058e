"""An index of the family cards with a protected kind of need: every map and filter by place asks
whether a row's family has one. The kinds are those of `apps.registry.sensitive`.
"""

from django.db import migrations

SQL = """
CREATE INDEX proposals_proposal_protected ON proposals_proposal (kk)
    WHERE ppks && '{3,4,5,6,7,10,16,17,18,19}'::smallint[];
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0017_annulment")]

    operations = [migrations.RunSQL(SQL, "DROP INDEX proposals_proposal_protected")]
