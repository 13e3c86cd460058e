"""Which rows are protected is looked up card by card and number by number.

The statement that stores a file switches nested loops off, and with it for its triggers: after a
load whose statistics are not known yet, each of a million families was compared with each of the
file's ten thousand cards, which took more than half a minute. Look-ups written as subqueries stay
on their index.
"""

import importlib
import re

from django.db import migrations

former = importlib.import_module("apps.proposals.migrations.0024_protected_places")
CARDS, PLACES, ADDED = (
    "proposals_protected_cards",
    "proposals_judge_places",
    "proposals_judge_added",
)


def former_function(name: str, text: str) -> str:
    """A function as migration 0024 defined it, to replace the one below."""
    found = re.search(rf"CREATE (FUNCTION {name}\(.*?\n(?:END )?\$\$;)", text, re.DOTALL)
    assert found is not None
    return f"CREATE OR REPLACE {found[1]}\n"


LOOK_UPS = former.filled("""
CREATE OR REPLACE FUNCTION proposals_protected_cards(cards text[]) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT c.card FROM unnest(cards) AS c (card)
     WHERE c.card <> ''
       AND ((SELECT true FROM proposals_proposal AS p WHERE p.kk = c.card AND :named(p.) LIMIT 1)
            OR (SELECT true FROM registry_family AS f
                 WHERE f.kk = c.card AND f.is_active
                   AND (SELECT true FROM registry_person AS m
                         WHERE m.family_id = f.id AND m.ppks && :kinds LIMIT 1)
                 LIMIT 1)
            OR (SELECT true FROM registry_family AS f
                 WHERE f.kk = c.card AND NOT f.is_active
                   AND (SELECT true FROM registry_person AS m
                         WHERE m.family_id = f.id AND m.ppks && :kinds LIMIT 1)
                 LIMIT 1))
$$;
CREATE OR REPLACE FUNCTION proposals_judge_places(cards text[], rows bigint[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH judged AS (
        SELECT id FROM proposals_proposal WHERE kk = ANY (cards) AND kk <> ''
        UNION
        SELECT id FROM proposals_proposal WHERE id = ANY (rows)
    ), other AS (
        SELECT p.id
          FROM proposals_proposal AS p WHERE p.id = ANY (ARRAY(SELECT id FROM judged))
           AND p.is_protected <> (
               coalesce(:named(p.), false)
               OR p.kk IN (SELECT proposals_protected_cards(ARRAY(
                      SELECT DISTINCT kk::text FROM proposals_proposal WHERE id = ANY (
                          ARRAY(SELECT id FROM judged)))))
               OR p.nik <> '' AND coalesce((SELECT true FROM registry_person AS m
                                             WHERE m.nik = p.nik AND m.ppks && :kinds LIMIT 1),
                                           false))
    )
    UPDATE proposals_proposal SET is_protected = NOT is_protected
     WHERE id = ANY (ARRAY(SELECT id FROM other))
$$;
CREATE OR REPLACE FUNCTION proposals_judge_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_judge_places(
        ARRAY(SELECT proposals_protected_cards(ARRAY(SELECT DISTINCT kk::text FROM added))),
        ARRAY(SELECT id FROM added AS p
               WHERE :named(p.)
                  OR p.nik <> '' AND (SELECT true FROM registry_person AS m
                                       WHERE m.nik = p.nik AND m.ppks && :kinds LIMIT 1)));
    RETURN NULL;
END $$;
""")
FORMER = (
    former_function(CARDS, former.RULE)
    + former_function(PLACES, former.RULE)
    + former_function(ADDED, former.NEW_ROWS)
)


class Migration(migrations.Migration):
    dependencies = [("proposals", "0026_noted_answers"), ("registry", "0009_former_cards")]

    operations = [migrations.RunSQL(LOOK_UPS, FORMER)]
