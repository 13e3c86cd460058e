"""Findings, questions and the answers of the registers are noted as changes of their regency, too."""

from django.db import migrations

SQL = """
-- Notes the regencies of the proposals with these rows of files.
CREATE FUNCTION proposals_note_rows(batches bigint[], numbers integer[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE codes text[];
BEGIN
    IF cardinality(batches) <= 500 THEN
        codes := ARRAY(
            SELECT DISTINCT left(p.village_id, 5) FROM unnest(batches, numbers) AS r (batch, number)
             CROSS JOIN LATERAL (SELECT q.village_id FROM proposals_proposal AS q
                                  WHERE q.batch_id = r.batch AND q.row_number = r.number
                                 OFFSET 0) AS p);
    ELSE
        codes := ARRAY(
            SELECT DISTINCT left(p.village_id, 5) FROM proposals_proposal AS p
             WHERE p.batch_id = ANY (ARRAY(SELECT DISTINCT unnest(batches))));
    END IF;
    PERFORM proposals_note_regencies(codes);
END $$;
REVOKE ALL ON FUNCTION proposals_note_rows(bigint[], integer[]) FROM PUBLIC;

CREATE FUNCTION proposals_note_findings_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_rows(array_agg(batch_id), array_agg(row_number)) FROM added;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_findings_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_rows(array_agg(batch_id), array_agg(row_number))
       FROM (SELECT batch_id, row_number FROM added
             UNION SELECT batch_id, row_number FROM removed) AS either;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_findings_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_rows(array_agg(batch_id), array_agg(row_number)) FROM removed;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION proposals_note_findings_added(), proposals_note_findings_changed(),
    proposals_note_findings_removed() FROM PUBLIC;

CREATE TRIGGER finding_added AFTER INSERT ON proposals_finding
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_findings_added();
CREATE TRIGGER finding_changed AFTER UPDATE ON proposals_finding
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_findings_changed();
CREATE TRIGGER finding_removed AFTER DELETE ON proposals_finding
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_findings_removed();
"""
UNDO = """
DROP TRIGGER finding_added ON proposals_finding;
DROP TRIGGER finding_changed ON proposals_finding;
DROP TRIGGER finding_removed ON proposals_finding;
DROP FUNCTION proposals_note_findings_added();
DROP FUNCTION proposals_note_findings_changed();
DROP FUNCTION proposals_note_findings_removed();
DROP FUNCTION proposals_note_rows(bigint[], integer[]);
"""
# Tables whose rows name the village of their proposal: the functions of proposals (0012) read it.
OF_VILLAGES = ("civilmatch", "registeredmatch", "question")
TRIGGERS = """
CREATE TRIGGER {table}_added AFTER INSERT ON proposals_{table}
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_added();
CREATE TRIGGER {table}_changed AFTER UPDATE ON proposals_{table}
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_changed();
CREATE TRIGGER {table}_removed AFTER DELETE ON proposals_{table}
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_removed();
"""
NO_TRIGGERS = """
DROP TRIGGER {table}_added ON proposals_{table};
DROP TRIGGER {table}_changed ON proposals_{table};
DROP TRIGGER {table}_removed ON proposals_{table};
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0025_answers_in_scope")]

    operations = [
        migrations.RunSQL(SQL, UNDO),
        *(
            migrations.RunSQL(TRIGGERS.format(table=table), NO_TRIGGERS.format(table=table))
            for table in OF_VILLAGES
        ),
    ]
