"""Every address × method × persona × region against one written table.

A closed door is 403 or 404, or the way to the sign-in; an object outside the scope is 404 with the
same bytes as one that does not exist. A method that the table does not know is 405 for everybody.

In the quick run closed doors are tried with one's own regency's object only, those that are closed
to all by a third of the personas each; open ones with one's own and one of the other two regencies'
objects; and one unknown method each, in turn.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.accounts.access import open_gate
from apps.accounts.roles import Role
from apps.common.personal_data import personal_models
from tests.access.addresses import addresses
from tests.access.conftest import Objects
from tests.access.table import NOBODY, TABLE, Line
from tests.access.visitors import (
    MISSING,
    NOT_THERE,
    OPEN,
    PERSONAS,
    REGIONS,
    SHUT,
    WRONG_METHOD,
    Visitor,
    is_allowed,
    path_of,
    reaches,
)
from tests.conftest import as_role, look
from tests.personas import OWN

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ALL = addresses()
UNKNOWN_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# One of each kind stands for all in the quick run; the sizes in full are under `scale`.
QUICK = ("anonymous", Role.ADMINISTRATOR, Role.AGENCY)
# A stranger, an office and an agency in `make test`; the others are long.
SHORT = ("anonymous", Role.VILLAGE_OFFICER, Role.AGENCY)


def test_every_address_has_a_line_in_the_table_and_no_line_is_left_over():
    names = {address.name for address in ALL}
    assert names - set(TABLE) == set()
    assert set(TABLE) - names == set()


@pytest.mark.parametrize(
    "name",
    [name if name in SHORT else pytest.param(name, marks=pytest.mark.long) for name in PERSONAS],
)
def test_the_table_holds_for(name, objects, visitor):
    wrong = list(_deviations(name, visitor(name), objects, is_quick=True))
    assert not wrong, "\n".join(wrong)


@pytest.mark.scale
@pytest.mark.parametrize("name", PERSONAS)
def test_the_whole_table_holds_for(name, objects, visitor):
    wrong = list(_deviations(name, visitor(name), objects))
    assert not wrong, "\n".join(wrong)


def test_without_a_scope_no_row_about_a_person_is_seen(objects):
    """Asked of the tables themselves, as a page would whose address forgot its permission."""
    with as_role("owner"):
        filled = {model for model in personal_models() if model._default_manager.exists()}
    assert len(filled) >= 20
    look("no")
    open_gate(None)
    assert {model for model in filled if model._default_manager.exists()} == set()


def _deviations(
    name: str, visitor: Visitor, objects: Objects, *, is_quick: bool = False
) -> Iterator[str]:
    for index, address in enumerate(ALL, PERSONAS.index(name)):
        line = TABLE[address.name]
        for method, who in (("GET", line.ask), ("POST", line.send)):
            allowed = is_allowed(who, name) and is_allowed(line.sees, name)
            # the objects' batches are a regency officer's; test_senders has the other columns
            allowed = allowed and not line.asks_sender(who, name)
            if is_quick and who == NOBODY and index % 3:
                continue
            regions = _regions_of(line)
            if is_quick:
                regions = (*regions[:1], *(regions[1 + index % 2 :][:1] if allowed else ()))
            missing = None  # what this door answers for an object that does not exist
            for region in regions:
                path = path_of(address, line, objects[region].get(line.target))
                got = visitor.ask(method, path)
                if not allowed:
                    is_right = got.kind in SHUT
                elif not reaches(line, name, region):
                    missing = missing or visitor.ask(method, path_of(address, line, MISSING))
                    is_right = got.kind == NOT_THERE and got == missing
                else:
                    is_right = got.kind == OPEN
                if not is_right:
                    yield f"{method} {address.name} {region}: {got.kind}, allowed={allowed}"


def _regions_of(line: Line) -> tuple[str, ...]:
    return REGIONS if line.target and line.is_regional else (OWN,)


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.long
def test_other_methods_open_nothing_to(name, objects, visitor):
    _check_methods(visitor(name), objects, start=QUICK.index(name))


@pytest.mark.scale
@pytest.mark.parametrize("name", PERSONAS)
def test_other_methods_open_nothing_to_anybody(name, objects, visitor):
    _check_methods(visitor(name), objects)


def _check_methods(visitor: Visitor, objects: Objects, *, start: int | None = None) -> None:
    """Anything but GET, HEAD and POST is 405, wherever it is sent; HEAD is answered as GET.

    With a start each address gets one of the methods, in turn from there.
    """
    wrong = []
    for index, address in enumerate(ALL, start or 0):
        line = TABLE[address.name]
        path = path_of(address, line, objects[OWN].get(line.target))
        turn = index % len(UNKNOWN_METHODS)
        for method in UNKNOWN_METHODS if start is None else UNKNOWN_METHODS[turn : turn + 1]:
            got = visitor.ask(method, path)
            if got.kind != WRONG_METHOD:
                wrong.append(f"{method} {address.name}: {got.status}")
        head, get = visitor.ask("HEAD", path), visitor.ask("GET", path)
        if (head.status, head.location) != (get.status, get.location):
            wrong.append(f"HEAD {address.name}: {head.status}, GET {get.status}")
    assert not wrong, "\n".join(wrong)
