"""Villages of which proposals changed are listed, and each table of counts has a version."""

from django.db import migrations, models

# What the counts know of a proposal: village, KK, whether it is under way; drafts and withdrawn ones
# are not counted. A partition comes with drafts alone. Rows are only added, so that two
# transactions never wait for each other.
SQL = """
CREATE FUNCTION indicators_note_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO indicators_villagechange (village_id)
    SELECT DISTINCT village_id FROM added WHERE status NOT IN ('draft', 'withdrawn');
    RETURN NULL;
END $$;
CREATE FUNCTION indicators_note_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO indicators_villagechange (village_id)
    WITH now AS (
        SELECT id, village_id, kk, status NOT IN ('determined', 'rejected') AS is_open
          FROM added WHERE status NOT IN ('draft', 'withdrawn')
    ), before AS (
        SELECT id, village_id, kk, status NOT IN ('determined', 'rejected') AS is_open
          FROM removed WHERE status NOT IN ('draft', 'withdrawn')
    )
    SELECT DISTINCT village_id
      FROM ((TABLE now EXCEPT TABLE before) UNION ALL (TABLE before EXCEPT TABLE now)) AS c;
    RETURN NULL;
END $$;
CREATE FUNCTION indicators_note_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO indicators_villagechange (village_id)
    SELECT DISTINCT village_id FROM removed WHERE status NOT IN ('draft', 'withdrawn');
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION indicators_note_added(), indicators_note_changed(),
    indicators_note_removed() FROM PUBLIC;

CREATE TRIGGER counted_added AFTER INSERT ON proposals_proposal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION indicators_note_added();
CREATE TRIGGER counted_changed AFTER UPDATE ON proposals_proposal
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION indicators_note_changed();
CREATE TRIGGER counted_removed AFTER DELETE ON proposals_proposal
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION indicators_note_removed();

-- What changed before is counted with everything else on the next run.
UPDATE indicators_countstate SET counted_date = '1970-01-01';
"""
REVERSE = """
DROP TRIGGER counted_added ON proposals_proposal;
DROP TRIGGER counted_changed ON proposals_proposal;
DROP TRIGGER counted_removed ON proposals_proposal;
DROP FUNCTION indicators_note_added();
DROP FUNCTION indicators_note_changed();
DROP FUNCTION indicators_note_removed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0007_unsaid_pockets"),
        ("proposals", "0014_cells_of_regions"),
    ]
    operations = [
        migrations.CreateModel(
            "VillageChange",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("village_id", models.CharField(max_length=13)),
            ],
        ),
        migrations.RemoveField("countstate", "regencies"),
        migrations.AddField("countstate", "versions", models.JSONField(default=dict)),
        migrations.RunSQL(SQL, REVERSE),
    ]
