"""The statement that finds protected rows among new ones is planned each time it runs.

PL/pgSQL keeps the plan of a statement for the connection. A plan made while the register was empty
read every registered person for each new row, for as long as the connection lived.
"""

import importlib
import re

from django.db import migrations

rule = importlib.import_module("apps.proposals.migrations.0024_protected_places")
former = importlib.import_module("apps.proposals.migrations.0027_protected_by_look_ups")

PLANNED_ANEW = rule.filled("""
CREATE OR REPLACE FUNCTION proposals_judge_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    own bigint[];
BEGIN
    EXECUTE $own$
        SELECT array_agg(p.id) FROM added AS p
         WHERE :named(p.)
            OR p.nik <> '' AND (SELECT true FROM registry_person AS m
                                 WHERE m.nik = p.nik AND m.ppks && :kinds LIMIT 1)
    $own$ INTO own;
    PERFORM proposals_judge_places(
        ARRAY(SELECT proposals_protected_cards(ARRAY(SELECT DISTINCT kk::text FROM added))),
        coalesce(own, '{}'));
    RETURN NULL;
END $$;
""")


def former_function() -> str:
    """The function as migration 0027 defined it."""
    found = re.search(
        rf"CREATE OR REPLACE FUNCTION {former.ADDED}\(.*?\nEND \$\$;", former.LOOK_UPS, re.DOTALL
    )
    assert found is not None
    return found[0]


class Migration(migrations.Migration):
    dependencies = [("proposals", "0027_protected_by_look_ups")]

    operations = [migrations.RunSQL(PLANNED_ANEW, former_function())]
