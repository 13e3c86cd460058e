"""What is hidden after a change of some counts: as much as if all tables were looked at again."""

from __future__ import annotations

import numpy as np
import pytest

from apps.demo.country import CODES
from apps.indicators.measures.definitions import PROGRAMMES, table_of
from apps.indicators.measures.suppression import affected, columns_of, hidden_tables
from apps.indicators.models import SuppressedRegion
from apps.indicators.states import PROGRAMME
from apps.registry.models import Person
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.indicators.measures.test_attack import FIRST, TABLES, made
from tests.registry.people import a_change

# A count that changes, and whether it rises: parts stay parts of their wholes.
CHANGES = {
    "families": 1,
    "persons": 1,
    "proposals_open": 1,
    "families_near": -1,
    "disability": -1,
    FIRST: -1,
}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("column", CHANGES)
def test_the_tables_that_a_change_concerns_are_hidden_as_if_all_were_looked_at(column, seed):
    codes, counts = made(seed)
    former = {
        name: set(regions)
        for name, regions in hidden_tables(codes, counts, former={}, tables=TABLES).items()
    }
    by = np.random.default_rng(seed).integers(0, 4, len(codes)) * CHANGES[column]
    counts[column] = np.maximum(counts[column] + by, 0)
    changed = PROGRAMMES if column.startswith(PROGRAMME) else table_of(column)
    names = affected({changed})
    some = [one for one in TABLES if one.name in names or PROGRAMMES in names and is_of_one(one)]
    found = hidden_tables(codes, counts, former=former, tables=some)
    assert former | found == hidden_tables(codes, counts, former=former, tables=TABLES)


def is_of_one(table) -> bool:
    """Whether a table is that of one programme."""
    return table.name.startswith(PROGRAMME)


def test_a_part_follows_its_whole_and_the_rest_stays():
    assert affected({"disability"}) == {"disability"}
    assert affected({"families_located"}) == {"families_located", "places"}
    assert PROGRAMMES in affected({"families"})
    assert columns_of(affected({"disability"})) == ["persons", "disability"]
    assert columns_of({PROGRAMMES}) == ["families_enrolled"]


@pytest.mark.django_db
def test_what_became_small_is_hidden_where_only_its_count_changed():
    with as_role("owner"):
        [one, *_rest] = registered("A", 40, enrolled=20)
        registered("B", 40, enrolled=20)
    counted()
    assert not SuppressedRegion.objects.exists()
    with as_role("owner"):
        Person.objects.filter(pk=one.pk).update(disability_kind="FISIK", change=a_change())
    done = counted()
    assert not done.is_whole
    assert done.tables == {"disability"}
    hidden = {row.region_id: row.tables for row in SuppressedRegion.objects.all()}
    assert hidden[CODES["A"]] == ["disability"]
    assert {name for tables in hidden.values() for name in tables} == {"disability"}
