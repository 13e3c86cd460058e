"""Two transactions that judge places at the same moment end as if one had come after the other.

The value found is written, not the opposite of the one there: two that found the same took it back.
And a row stored beside the row that protects its family, each unseen by the other, is judged again
when both have ended: the triggers note what they found to be protected (`PlaceToJudge`).
"""

import importlib
import re

from django.db import migrations, models

rule = importlib.import_module("apps.proposals.migrations.0024_protected_places")
look_ups = importlib.import_module("apps.proposals.migrations.0027_protected_by_look_ups")
planned = importlib.import_module("apps.proposals.migrations.0028_rows_planned_anew")

JUDGED_AGAIN = rule.filled("""
ALTER TABLE proposals_placetojudge ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_none ON proposals_placetojudge TO portal_web USING (false);

CREATE OR REPLACE FUNCTION proposals_judge_places(cards text[], rows bigint[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH judged AS (
        SELECT id FROM proposals_proposal WHERE kk = ANY (cards) AND kk <> ''
        UNION
        SELECT id FROM proposals_proposal WHERE id = ANY (rows)
    ), other AS (
        SELECT p.id, NOT p.is_protected AS is_protected
          FROM proposals_proposal AS p WHERE p.id = ANY (ARRAY(SELECT id FROM judged))
           AND p.is_protected <> (
               coalesce(:named(p.), false)
               OR p.kk IN (SELECT proposals_protected_cards(ARRAY(
                      SELECT DISTINCT kk::text FROM proposals_proposal WHERE id = ANY (
                          ARRAY(SELECT id FROM judged)))))
               OR p.nik <> '' AND coalesce((SELECT true FROM registry_person AS m
                                             WHERE m.nik = p.nik AND m.ppks && :kinds LIMIT 1),
                                           false))
    ), opened AS (
        UPDATE proposals_proposal SET is_protected = false
         WHERE id = ANY (ARRAY(SELECT id FROM other WHERE NOT is_protected)) AND is_protected
    )
    UPDATE proposals_proposal SET is_protected = true
     WHERE id = ANY (ARRAY(SELECT id FROM other WHERE is_protected)) AND NOT is_protected
$$;

CREATE FUNCTION proposals_note_protected(cards text[], niks text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO proposals_placetojudge (kk, nik)
    SELECT DISTINCT card, '' FROM unnest(cards) AS c (card) WHERE card <> ''
    UNION ALL
    SELECT DISTINCT '', nik FROM unnest(niks) AS n (nik) WHERE nik <> ''
$$;
REVOKE ALL ON FUNCTION proposals_note_protected(text[], text[]) FROM PUBLIC;

-- Judges what was noted and removes what every transaction of its moment has been judged with.
-- Result: the number of cards and persons judged.
CREATE FUNCTION proposals_judge_noted(most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- Before anything is read: what has ended now is seen by each statement below.
    ended bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    given bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    noted bigint[];
    cards text[];
    niks text[];
BEGIN
    SELECT array_agg(id), array_agg(kk::text) FILTER (WHERE kk <> ''),
           array_agg(nik::text) FILTER (WHERE nik <> '')
      INTO noted, cards, niks
      FROM (SELECT id, kk, nik FROM proposals_placetojudge ORDER BY id LIMIT most) AS first;
    IF noted IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM proposals_judge_places(
        coalesce(cards, '{}'),
        ARRAY(SELECT id FROM proposals_proposal WHERE nik = ANY (niks) AND nik <> ''));
    DELETE FROM proposals_placetojudge WHERE id = ANY (noted) AND horizon <= ended;
    -- A number above all given ones is of the cluster that this database was restored from.
    UPDATE proposals_placetojudge SET horizon = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
     WHERE id = ANY (noted) AND (horizon IS NULL OR horizon > given);
    RETURN cardinality(noted);
END $$;
REVOKE ALL ON FUNCTION proposals_judge_noted(integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION proposals_judge_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    own bigint[];
    cards text[] := ARRAY(
        SELECT proposals_protected_cards(ARRAY(SELECT DISTINCT kk::text FROM added)));
BEGIN
    EXECUTE $own$
        SELECT array_agg(p.id) FROM added AS p
         WHERE :named(p.)
            OR p.nik <> '' AND (SELECT true FROM registry_person AS m
                                 WHERE m.nik = p.nik AND m.ppks && :kinds LIMIT 1)
    $own$ INTO own;
    IF own IS NOT NULL OR cards <> '{}' THEN
        PERFORM proposals_note_protected(cards, '{}');
        PERFORM proposals_judge_places(cards, coalesce(own, '{}'));
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION proposals_judge_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_protected(ARRAY[OLD.kk, NEW.kk]::text[], '{}');
    PERFORM proposals_judge_places(ARRAY[OLD.kk, NEW.kk]::text[], ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION proposals_judge_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cards text[] := ARRAY(SELECT DISTINCT kk::text FROM removed AS p WHERE :named(p.));
BEGIN
    IF cards <> '{}' THEN
        PERFORM proposals_note_protected(cards, '{}');
        PERFORM proposals_judge_places(cards, '{}');
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION proposals_judge_persons_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    families bigint[];
    niks text[];
    cards text[];
BEGIN
    SELECT array_agg(family_id), array_agg(nik::text) INTO families, niks
      FROM added WHERE ppks && :kinds;
    IF families IS NOT NULL THEN
        cards := ARRAY(SELECT DISTINCT kk::text FROM registry_family WHERE id = ANY (families));
        PERFORM proposals_note_protected(cards, niks);
        PERFORM proposals_judge_places(
            cards, ARRAY(SELECT id FROM proposals_proposal WHERE nik = ANY (niks) AND nik <> ''));
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION proposals_judge_person() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cards text[] := ARRAY(
        SELECT kk::text FROM registry_family WHERE id IN (OLD.family_id, NEW.family_id));
BEGIN
    PERFORM proposals_note_protected(cards, ARRAY[OLD.nik, NEW.nik]::text[]);
    PERFORM proposals_judge_places(
        cards,
        ARRAY(SELECT id FROM proposals_proposal WHERE nik IN (OLD.nik, NEW.nik) AND nik <> ''));
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION proposals_judge_family() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM registry_person AS m WHERE m.family_id = NEW.id AND m.ppks && :kinds) THEN
        PERFORM proposals_note_protected(ARRAY[OLD.kk, NEW.kk]::text[], '{}');
        PERFORM proposals_judge_places(ARRAY[OLD.kk, NEW.kk]::text[], '{}');
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION proposals_judge_partition(number integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    low bigint := number::bigint * 10000000000;
    cards text[];
    rows bigint[];
BEGIN
    SELECT array_agg(DISTINCT kk::text) INTO cards FROM proposals_proposal
     WHERE kk <> '' AND id >= low AND id < low + 10000000000;
    cards := ARRAY(SELECT proposals_protected_cards(cards));
    SELECT array_agg(p.id) INTO rows FROM proposals_proposal AS p
     WHERE p.id >= low AND p.id < low + 10000000000
       AND (:named(p.) OR p.nik IN (SELECT nik FROM registry_person
                                     WHERE ppks && :kinds AND nik <> ''));
    PERFORM proposals_note_protected(cards, '{}');
    PERFORM proposals_judge_places(cards, rows);
END $$;
""")


def function(name: str, text: str) -> str:
    """A function as an earlier migration defined it, to replace the one above."""
    found = re.search(
        rf"CREATE (?:OR REPLACE )?(FUNCTION {name}\(.*?\n(?:END )?\$\$;)", text, re.DOTALL
    )
    assert found is not None, name
    return f"CREATE OR REPLACE {found[1]}\n"


FORMER = (
    function("proposals_judge_partition", rule.PARTITION)
    + "".join(
        function(f"proposals_judge_{name}", rule.NEW_ROWS)
        for name in ("changed", "removed", "persons_added", "person", "family")
    )
    + function(look_ups.ADDED, planned.PLANNED_ANEW)
    + function(look_ups.PLACES, look_ups.LOOK_UPS)
    + "DROP FUNCTION proposals_judge_noted(integer);"
    + "DROP FUNCTION proposals_note_protected(text[], text[]);"
)


class Migration(migrations.Migration):
    dependencies = [("proposals", "0028_rows_planned_anew")]

    operations = [
        migrations.CreateModel(
            name="PlaceToJudge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kk",
                    models.CharField(
                        blank=True, db_collation="C", max_length=16, verbose_name="No. KK"
                    ),
                ),
                (
                    "nik",
                    models.CharField(
                        blank=True, db_collation="C", max_length=16, verbose_name="NIK"
                    ),
                ),
                ("horizon", models.BigIntegerField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "place to judge again",
                "verbose_name_plural": "places to judge again",
            },
        ),
        migrations.RunSQL(JUDGED_AGAIN, FORMER),
    ]
