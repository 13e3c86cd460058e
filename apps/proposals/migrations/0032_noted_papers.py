"""Papers of removals and corrections are noted as changes of the regency of their rows, too: their
own, those of a form for all its rows, the minutes of a village, and a file's other cycle.
"""

from django.db import migrations

SQL = """
-- Notes the regencies of the proposals that some papers prove; without a row number all of a file.
CREATE FUNCTION proposals_note_papers(batches bigint[], numbers integer[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(
        SELECT DISTINCT left(p.village_id, 5) FROM unnest(batches, numbers) AS r (batch, number)
         CROSS JOIN LATERAL (SELECT q.village_id FROM proposals_proposal AS q
                              WHERE q.batch_id = r.batch
                                AND q.row_number BETWEEN coalesce(r.number, 0)
                                                     AND coalesce(r.number, 2147483647)
                             OFFSET 0) AS p));
END $$;

CREATE FUNCTION proposals_note_papers_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_papers(array_agg(batch_id), array_agg(row_number)) FROM added;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_papers_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_papers(array_agg(batch_id), array_agg(row_number))
       FROM (SELECT batch_id, row_number FROM added
             UNION SELECT batch_id, row_number FROM removed) AS either;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_papers_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_papers(array_agg(batch_id), array_agg(row_number)) FROM removed;
    RETURN NULL;
END $$;

CREATE FUNCTION proposals_note_minutes_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(
        SELECT DISTINCT left(region_id, 5) FROM added WHERE kind IN ('minutes', 'statement')));
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_minutes_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(
        SELECT left(region_id, 5) FROM added WHERE kind IN ('minutes', 'statement')
        UNION SELECT left(region_id, 5) FROM removed WHERE kind IN ('minutes', 'statement')));
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_minutes_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(
        SELECT DISTINCT left(region_id, 5) FROM removed WHERE kind IN ('minutes', 'statement')));
    RETURN NULL;
END $$;

-- The minutes of a village prove the rows of the files of their cycle; sent again as a statement they
-- prove them no longer.
CREATE FUNCTION proposals_note_cycle() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_papers(ARRAY[NEW.id], ARRAY[NULL]::integer[]);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION proposals_note_papers(bigint[], integer[]), proposals_note_papers_added(),
    proposals_note_papers_changed(), proposals_note_papers_removed(),
    proposals_note_minutes_added(), proposals_note_minutes_changed(),
    proposals_note_minutes_removed(), proposals_note_cycle() FROM PUBLIC;

CREATE TRIGGER paper_added AFTER INSERT ON proposals_rowpaper
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_papers_added();
CREATE TRIGGER paper_changed AFTER UPDATE ON proposals_rowpaper
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_papers_changed();
CREATE TRIGGER paper_removed AFTER DELETE ON proposals_rowpaper
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_papers_removed();
CREATE TRIGGER minutes_added AFTER INSERT ON casework_document
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_minutes_added();
CREATE TRIGGER minutes_changed AFTER UPDATE ON casework_document
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_minutes_changed();
CREATE TRIGGER minutes_removed AFTER DELETE ON casework_document
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_minutes_removed();
CREATE TRIGGER cycle_changed AFTER UPDATE OF cycle_id ON proposals_batch
    FOR EACH ROW WHEN (OLD.cycle_id IS DISTINCT FROM NEW.cycle_id)
    EXECUTE FUNCTION proposals_note_cycle();
"""
UNDO = """
DROP TRIGGER paper_added ON proposals_rowpaper;
DROP TRIGGER paper_changed ON proposals_rowpaper;
DROP TRIGGER paper_removed ON proposals_rowpaper;
DROP TRIGGER minutes_added ON casework_document;
DROP TRIGGER minutes_changed ON casework_document;
DROP TRIGGER minutes_removed ON casework_document;
DROP TRIGGER cycle_changed ON proposals_batch;
DROP FUNCTION proposals_note_papers_added();
DROP FUNCTION proposals_note_papers_changed();
DROP FUNCTION proposals_note_papers_removed();
DROP FUNCTION proposals_note_minutes_added();
DROP FUNCTION proposals_note_minutes_changed();
DROP FUNCTION proposals_note_minutes_removed();
DROP FUNCTION proposals_note_cycle();
DROP FUNCTION proposals_note_papers(bigint[], integer[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0001_initial"),
        ("proposals", "0031_verdict_changes"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
