"""Who acts for a batch: every address of it × every role that sends × who sent it.

Three columns: oneself, somebody else of one's office, and somebody of another office.
"""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point

from apps.accounts.roles import LEVEL_OF_ROLE, PERMISSIONS, Permission, Role
from apps.demo import country
from tests.access.addresses import addresses
from tests.access.objects import _batch, _fix, _job, _photo, _proposal, village_of
from tests.access.table import BY_SENDER, TABLE
from tests.access.visitors import OFFICERS, OPEN, SHUT, path_of
from tests.conftest import as_role
from tests.personas import OWN, home_of, persona

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SENDERS = [role for role in OFFICERS if Permission.UPLOAD_BATCH in PERMISSIONS[role]]
COLUMNS = ("own", "same office", "foreign sender")
METHODS = (("GET", "ask"), ("POST", "send"))


def sender_of(column: str, role: Role):
    """Who sent the batch, as the column says. A foreign sender is seen by national roles alone."""
    if column == "own":
        return persona(role), home_of(role)
    if column == "same office":
        return persona(role, name=f"rekan-{role}"), home_of(role)
    return persona("regency_officer", name="petugas-lain"), OWN


@pytest.fixture
def sent():
    """`sent(column, role)`: a batch, and a fix of it, as the addresses name them."""

    def make(column: str, role: Role) -> dict[str, object]:
        with as_role("owner"):
            by, home = sender_of(column, role)
            region = home if home.startswith(OWN) else OWN
            batch = _batch(region, by)
            _job("proposals.check_batch", batch.subject, region)
            _proposal(batch, village_of(OWN), Point(*country.at("A"), srid=4326), by)
            return {
                "batch": batch.pk,
                "fix": {"batch_id": batch.pk, "fix_id": _fix(batch, region, by).pk},
                "batch_photo": {
                    "batch_id": batch.pk,
                    "photo_id": _photo(batch, village_of(OWN), by).pk,
                },
            }

    return make


def is_open_to(name: str, role: Role, column: str) -> bool:
    """What the table says: an office is a regional role's; whole numbers are for who may reveal."""
    if column == "own":
        return True
    if role not in LEVEL_OF_ROLE:
        return False
    if column == "foreign sender":  # the regency's batch: its officers', no village's
        return role == Role.REGENCY_OFFICER
    return BY_SENDER[name] != "whole" or Permission.REVEAL_NIK in PERMISSIONS[role]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("role", SENDERS)
@pytest.mark.long
def test_only_the_sender_and_their_office_act_for_a_batch(role, column, visitor, sent):
    kinds, who = sent(column, role), visitor(role)
    wrong = []
    for address in addresses():
        if address.name not in BY_SENDER:
            continue
        line = TABLE[address.name]
        for method, side in METHODS:
            if Permission.UPLOAD_BATCH not in getattr(line, side):
                continue
            got = who.ask(method, path_of(address, line, kinds[line.target]))
            expected = is_open_to(address.name, role, column)
            if (got.kind == OPEN) != expected or (not expected and got.kind not in SHUT):
                wrong.append(f"{method} {address.name}: {got.kind}, allowed={expected}")
    assert not wrong, "\n".join(wrong)
