"""Whatever stands in an address, a parameter, a field or the name of a file: never a fault.

The names of parameters and fields are those that the views ask for. In the quick run every address
is asked a few times, all its parameters odd at once; each alone with each value is under `scale`,
and 20,000 forms of chance (bar 47).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count
from typing import Any, Final

import pytest

from apps.accounts.roles import Role
from tests.access.addresses import Address, addresses
from tests.access.conftest import Objects
from tests.access.odd import ALWAYS, FILE_NAMES, VALUES, asked_for, encoded, paths, status_of
from tests.access.table import NOBODY, TABLE, Line
from tests.access.visitors import ANONYMOUS, PERSONAS, Visitor, is_allowed, path_of, values_of
from tests.figures import Figure
from tests.personas import OWN
from tests.privacy.endpoints import FORMS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ALL = addresses()
ODD = list(VALUES.values())
FUZZED_FORMS: Final = 20_000
SEED: Final = 47
LETTERS: Final = "aZ09 .-+=@%_/\\'\"<>\t\n²١é\u202e\u200b\uffff\U0001f600"
# They end the session that the other requests need.
LEFT_OUT = {"logout", "admin:logout"}


def who_may(line: Line, method: str) -> str:
    """A persona that gets in; nobody's doors are tried by the administrator."""
    asked = line.ask if method == "GET" else line.send
    for name in (ANONYMOUS, Role.REGENCY_OFFICER, Role.VERIFIER, Role.STEWARD, *PERSONAS):
        if is_allowed(asked, name) and is_allowed(line.sees, name):
            return str(name)
    return str(Role.ADMINISTRATOR)


class Doors:
    """Every address, its own object in it, and whoever may enter."""

    def __init__(self, objects: Objects, visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.objects, self.monkeypatch = objects, monkeypatch
        self._make, self._known = visitor, dict[str, Visitor]()

    def visitor(self, name: str) -> Visitor:
        if name not in self._known:
            self._known[name] = self._make(name)
        return self._known[name]

    def of(self, address: Address, method: str) -> tuple[Visitor, str, dict[str, str], set[str]]:
        """Who asks, the path, the form as it should be, and the names that the view asks for."""
        line = TABLE[address.name]
        visitor = self.visitor(who_may(line, method))
        path = path_of(address, line, self.objects[OWN].get(line.target))
        form = dict(FORMS[address.name].form) if address.name in FORMS else {}
        with asked_for(self.monkeypatch) as names:
            if method == "GET":
                status_of(visitor, "GET", path)
            else:
                status_of(visitor, "POST", path, form=form)
        return visitor, path, form, names | set(form)

    def known(self, address: Address) -> dict[str, Any]:
        line = TABLE[address.name]
        return values_of(address, line, self.objects[OWN].get(line.target))


@pytest.fixture
def doors(objects: Objects, visitor: Any, monkeypatch: pytest.MonkeyPatch) -> Doors:
    return Doors(objects, visitor, monkeypatch)


def joined(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def few(turn: int) -> list[str]:
    return [ODD[turn % len(ODD)]]


def mixed(names: set[str], turn: int) -> dict[str, str]:
    """An odd value for each name, another one each turn."""
    return {name: ODD[(turn + at) % len(ODD)] for at, name in enumerate(sorted(names))}


def readable(form: dict[str, str]) -> dict[str, str]:
    """Without what the middleware refuses at once: the view shall see the others."""
    return {name: v for name, v in form.items() if v not in (VALUES["nul"], VALUES["surrogate"])}


def in_paths(doors: Doors, values: Any) -> Iterator[str]:
    for turn, address in enumerate(ALL):
        for value in values(turn):
            for path in paths(address, doors.known(address), value):
                for method in ("GET", "POST"):
                    visitor = doors.visitor(who_may(TABLE[address.name], method))
                    if said := status_of(
                        visitor, method, path, form={} if method != "GET" else None
                    ):
                        yield f"{method} {address.name} {value[:20]!r}: {said}"


def in_queries(doors: Doors, *, is_quick: bool) -> Iterator[str]:
    for turn, address in enumerate(ALL):
        if is_quick and TABLE[address.name].ask == NOBODY:
            continue
        visitor, path, _form, names = doors.of(address, "GET")
        mix = [readable(mixed(names | set(ALWAYS), turn))] if is_quick else each(names)
        for odd in mix:
            if said := status_of(visitor, "GET", joined(path, encoded(odd))):
                yield f"GET {address.name} {brief(odd)}: {said}"


def in_forms(doors: Doors, *, is_quick: bool) -> Iterator[str]:
    for turn, address in enumerate(ALL):
        if address.name in LEFT_OUT or (is_quick and TABLE[address.name].send == NOBODY):
            continue
        visitor, path, form, names = doors.of(address, "POST")
        mix = [readable(mixed(names | set(ALWAYS), turn))] if is_quick else each(names)
        for odd in mix:
            if said := status_of(visitor, "POST", path, form=form | odd):
                yield f"POST {address.name} {brief(odd)}: {said}"


def each(names: set[str]) -> Iterator[dict[str, str]]:
    for name in sorted(names):
        for value in ODD:
            yield {name: value}


def brief(odd: dict[str, str]) -> str:
    return str({name: value[:12] for name, value in odd.items()})[:200]


def in_file_names(doors: Doors) -> Iterator[str]:
    turn = count()
    for name, endpoint in FORMS.items():
        if not endpoint.file:
            continue
        address = next(one for one in ALL if one.name == name)
        visitor, path, form, _names = doors.of(address, "POST")
        for file in FILE_NAMES:
            if said := status_of(visitor, "POST", path, form=form, file=file):
                yield f"POST {name} {file[:12]!r}: {said}"
        next(turn)
    assert next(turn) > 5


def by_chance(form: dict[str, str], names: set[str], dice: random.Random) -> dict[str, str]:
    """The form as it should be, with some fields odd, of noise, left out, or too many."""
    made = dict(form)
    for name in names:
        kind = dice.random()
        if kind < 0.15:
            made[name] = dice.choice(ODD)
        elif kind < 0.3:
            made[name] = "".join(dice.choices(LETTERS, k=dice.randrange(40)))
        elif kind < 0.4:
            made[name] = str(dice.randrange(-5, 10 ** dice.randrange(1, 20)))
        elif kind < 0.5:
            made.pop(name, None)
        elif kind < 0.55 and made:
            made[name] = dice.choice(list(made.values()))  # what belongs in another field
    return made if dice.random() < 0.2 else readable(made)


def in_fuzzed_forms(doors: Doors, tries: int, *, every: int = 1) -> Iterator[str]:
    """So many forms for each nth address in turn."""
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    open_ = [a for a in ALL if TABLE[a.name].send != NOBODY and a.name not in LEFT_OUT]
    asked = [(address, *doors.of(address, "POST")) for address in open_[::every]]
    for turn in range(tries):
        address, visitor, path, form, names = asked[turn % len(asked)]
        odd = by_chance(form, names | set(ALWAYS), dice)
        if said := status_of(visitor, "POST", path, form=odd):
            yield f"POST {address.name} {brief(odd)}: {said}"


@pytest.mark.long
def test_an_odd_id_in_an_address_is_no_fault(doors: Doors) -> None:
    wrong = list(in_paths(doors, few))
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_odd_parameters_are_no_fault(doors: Doors) -> None:
    wrong = list(in_queries(doors, is_quick=True))
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_odd_fields_are_no_fault(doors: Doors) -> None:
    wrong = list(in_forms(doors, is_quick=True))
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_odd_names_of_files_are_no_fault(doors: Doors) -> None:
    wrong = list(in_file_names(doors))
    assert not wrong, "\n".join(wrong)


@pytest.mark.scale
def test_no_odd_value_is_a_fault_anywhere(doors: Doors) -> None:
    wrong = [
        *in_paths(doors, lambda _turn: ODD),
        *in_queries(doors, is_quick=False),
        *in_forms(doors, is_quick=False),
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_forms_of_chance_are_no_fault(doors: Doors) -> None:
    wrong = list(in_fuzzed_forms(doors, 60, every=8))
    assert not wrong, "\n".join(wrong)


@pytest.mark.scale
def test_twenty_thousand_forms_of_chance_are_no_fault(doors: Doors, figure: Figure) -> None:
    wrong = list(in_fuzzed_forms(doors, FUZZED_FORMS))
    figure("forms of chance, without a fault", FUZZED_FORMS - len(wrong), "", f"= {FUZZED_FORMS}")
    assert not wrong, "\n".join(wrong)
