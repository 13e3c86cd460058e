"""Whether a row's place is protected stands in the row: one rule over proposals and register, kept by
triggers of both, so that no map, list or file asks for it again.

The kinds are those of `apps.registry.sensitive`. A partition comes without triggers and is judged
after it was attached.
"""

import importlib
import re

from django.db import migrations, models

from apps.registry.sensitive import PROTECTED_PPKS

_NUMBERS = sorted(PROTECTED_PPKS)
KINDS = "'{%s}'::smallint[]" % ",".join(map(str, _NUMBERS))  # noqa: UP031 (braces are the array's)
# A correction of the kinds names those of the register and the new ones: both are meant.
_WRITTEN = "'(^|[^0-9])({})([^0-9]|$)'".format("|".join(map(str, _NUMBERS)))


def filled(text: str) -> str:
    """A statement with `:kinds`, and the condition that a row names one, `:named(row.)`."""
    condition = rf"(\1ppks && :kinds OR \1changes ->> 'ppks' ~ {_WRITTEN})"
    return re.sub(r":named\((.*?)\)", condition, text).replace(":kinds", KINDS)


FORMER = importlib.import_module("apps.proposals.migrations.0018_protected_families").SQL
INDEXES = filled("""
DROP INDEX proposals_proposal_protected;
CREATE INDEX proposals_proposal_protected ON proposals_proposal (kk) WHERE :named();
CREATE INDEX registry_person_protected ON registry_person (family_id) WHERE ppks && :kinds;
CREATE INDEX registry_person_protected_nik ON registry_person (nik) WHERE ppks && :kinds;
""")
NO_INDEXES = (
    """
DROP INDEX registry_person_protected_nik;
DROP INDEX registry_person_protected;
DROP INDEX proposals_proposal_protected;
"""
    + FORMER
)
RULE = filled("""
-- Those of some family cards somebody of which has a protected kind of need, in whatever file, or in
-- the register.
CREATE FUNCTION proposals_protected_cards(cards text[]) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.kk::text FROM proposals_proposal AS p
     WHERE p.kk = ANY (cards) AND p.kk <> '' AND :named(p.)
    UNION
    SELECT f.kk::text FROM registry_family AS f
      JOIN registry_person AS m ON m.family_id = f.id AND m.ppks && :kinds
     WHERE f.kk = ANY (cards) AND f.kk <> ''
$$;
REVOKE ALL ON FUNCTION proposals_protected_cards(text[]) FROM PUBLIC;

-- Judges the rows of some family cards, and some rows: a row is protected with its card, by a kind
-- that it names, and where the register names one for the person of its NIK.
CREATE FUNCTION proposals_judge_places(cards text[], rows bigint[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH judged AS (
        SELECT id FROM proposals_proposal WHERE kk = ANY (cards) AND kk <> ''
        UNION
        SELECT id FROM proposals_proposal WHERE id = ANY (rows)
    ), told AS (
        SELECT p.id, coalesce(:named(p.), false)
               OR p.kk IN (SELECT proposals_protected_cards(ARRAY(
                      SELECT DISTINCT kk::text FROM proposals_proposal WHERE id = ANY (
                          ARRAY(SELECT id FROM judged)))))
               OR p.nik <> '' AND EXISTS (SELECT FROM registry_person AS m
                                           WHERE m.nik = p.nik AND m.ppks && :kinds) AS is_protected
          FROM proposals_proposal AS p WHERE p.id = ANY (ARRAY(SELECT id FROM judged))
    )
    UPDATE proposals_proposal AS p SET is_protected = t.is_protected
      FROM told AS t
     WHERE p.id = t.id AND p.is_protected <> t.is_protected
$$;
REVOKE ALL ON FUNCTION proposals_judge_places(text[], bigint[]) FROM PUBLIC;
""")
NO_RULE = """
DROP FUNCTION proposals_judge_places(text[], bigint[]);
DROP FUNCTION proposals_protected_cards(text[]);
"""
# The rows that may be protected among many new ones are few: only these, and what stands on their
# cards in other files, are judged.
NEW_ROWS = filled("""
CREATE FUNCTION proposals_judge_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_judge_places(
        ARRAY(SELECT proposals_protected_cards(ARRAY(SELECT DISTINCT kk::text FROM added))),
        ARRAY(SELECT id FROM added AS p WHERE :named(p.)
              UNION SELECT p.id FROM added AS p
                      JOIN registry_person AS m ON m.nik = p.nik AND m.ppks && :kinds
                     WHERE p.nik <> ''));
    RETURN NULL;
END $$;
-- Row by row, for few change what the rule reads: a step of 100,000 rows calls nothing.
CREATE FUNCTION proposals_judge_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_judge_places(ARRAY[OLD.kk, NEW.kk]::text[], ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_judge_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_judge_places(
        ARRAY(SELECT DISTINCT kk::text FROM removed AS p WHERE :named(p.)), '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_judge_persons_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    families bigint[];
    niks text[];
BEGIN
    SELECT array_agg(family_id), array_agg(nik::text) INTO families, niks
      FROM added WHERE ppks && :kinds;
    IF families IS NOT NULL THEN
        PERFORM proposals_judge_places(
            ARRAY(SELECT DISTINCT kk::text FROM registry_family WHERE id = ANY (families)),
            ARRAY(SELECT id FROM proposals_proposal WHERE nik = ANY (niks) AND nik <> ''));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_judge_person() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_judge_places(
        ARRAY(SELECT kk::text FROM registry_family WHERE id IN (OLD.family_id, NEW.family_id)),
        ARRAY(SELECT id FROM proposals_proposal WHERE nik IN (OLD.nik, NEW.nik) AND nik <> ''));
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_judge_family() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM registry_person AS m WHERE m.family_id = NEW.id AND m.ppks && :kinds) THEN
        PERFORM proposals_judge_places(ARRAY[OLD.kk, NEW.kk]::text[], '{}');
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION proposals_judge_added(), proposals_judge_changed(),
    proposals_judge_removed(), proposals_judge_persons_added(), proposals_judge_person(),
    proposals_judge_family() FROM PUBLIC;

CREATE TRIGGER judged_added AFTER INSERT ON proposals_proposal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION proposals_judge_added();
CREATE TRIGGER judged_changed AFTER UPDATE OF kk, nik, ppks, changes ON proposals_proposal
    FOR EACH ROW
    WHEN ((OLD.kk, OLD.nik, OLD.ppks, OLD.changes ->> 'ppks')
          IS DISTINCT FROM (NEW.kk, NEW.nik, NEW.ppks, NEW.changes ->> 'ppks'))
    EXECUTE FUNCTION proposals_judge_changed();
CREATE TRIGGER judged_removed AFTER DELETE ON proposals_proposal
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_judge_removed();
CREATE TRIGGER judged_persons_added AFTER INSERT ON registry_person
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_judge_persons_added();
CREATE TRIGGER judged_person AFTER UPDATE OF ppks, family_id, nik ON registry_person
    FOR EACH ROW
    WHEN ((OLD.ppks && :kinds OR NEW.ppks && :kinds)
          AND (OLD.ppks, OLD.family_id, OLD.nik) IS DISTINCT FROM (NEW.ppks, NEW.family_id, NEW.nik))
    EXECUTE FUNCTION proposals_judge_person();
CREATE TRIGGER judged_family AFTER UPDATE OF kk ON registry_family
    FOR EACH ROW WHEN (OLD.kk IS DISTINCT FROM NEW.kk)
    EXECUTE FUNCTION proposals_judge_family();
""")
NO_NEW_ROWS = """
DROP TRIGGER judged_family ON registry_family;
DROP TRIGGER judged_person ON registry_person;
DROP TRIGGER judged_persons_added ON registry_person;
DROP TRIGGER judged_removed ON proposals_proposal;
DROP TRIGGER judged_changed ON proposals_proposal;
DROP TRIGGER judged_added ON proposals_proposal;
DROP FUNCTION proposals_judge_family();
DROP FUNCTION proposals_judge_person();
DROP FUNCTION proposals_judge_persons_added();
DROP FUNCTION proposals_judge_removed();
DROP FUNCTION proposals_judge_changed();
DROP FUNCTION proposals_judge_added();
"""
PARTITION = filled("""
CREATE FUNCTION proposals_judge_partition(number integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    low bigint := number::bigint * 10000000000;
    cards text[];
    rows bigint[];
BEGIN
    SELECT array_agg(DISTINCT kk::text) INTO cards FROM proposals_proposal
     WHERE kk <> '' AND id >= low AND id < low + 10000000000;
    SELECT array_agg(p.id) INTO rows FROM proposals_proposal AS p
     WHERE p.id >= low AND p.id < low + 10000000000
       AND (:named(p.) OR p.nik IN (SELECT nik FROM registry_person
                                     WHERE ppks && :kinds AND nik <> ''));
    PERFORM proposals_judge_places(ARRAY(SELECT proposals_protected_cards(cards)), rows);
END $$;
REVOKE ALL ON FUNCTION proposals_judge_partition(integer) FROM PUBLIC;
""")
NO_PARTITION = "DROP FUNCTION proposals_judge_partition(integer);"
STORED = filled("""
UPDATE proposals_proposal AS p SET is_protected = true
 WHERE :named(p.)
    OR p.kk <> '' AND (
       p.kk IN (SELECT kk FROM proposals_proposal AS o WHERE :named(o.))
       OR p.kk IN (SELECT f.kk FROM registry_family AS f
                     JOIN registry_person AS m ON m.family_id = f.id AND m.ppks && :kinds))
    OR p.nik <> '' AND p.nik IN (SELECT nik FROM registry_person WHERE ppks && :kinds);
""")


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0023_trigrams"),
        ("registry", "0007_annulment"),
    ]

    operations = [
        migrations.AddField(
            "proposal",
            "is_protected",
            models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="place is protected"
            ),
        ),
        migrations.RunSQL(INDEXES, NO_INDEXES),
        migrations.RunSQL(RULE, NO_RULE),
        migrations.RunSQL(STORED, migrations.RunSQL.noop),
        migrations.RunSQL(NEW_ROWS, NO_NEW_ROWS),
        migrations.RunSQL(PARTITION, NO_PARTITION),
    ]
