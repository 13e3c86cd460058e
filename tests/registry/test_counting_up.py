"""Looking up one number after the other is noticed, told and stopped; no number is kept."""

from __future__ import annotations

import pytest

from apps.accounts.access import actor_of, open_gate
from apps.accounts.limits.read_limits import ReadingStopped
from apps.accounts.models import ReadCount
from apps.audit import record
from apps.audit.models import Action, Entry
from apps.casework.models import Notice
from apps.registry import reading
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


def look_up(by, *serials: int, day: str = "120188") -> None:
    with record.acting(actor=actor_of(by)):
        for serial in serials:
            reading.search(by=by, nik=f"970101{day}{serial}")


@pytest.fixture
def verifier(person):
    by = person("verifier")
    open_gate(by)
    return by


def test_one_number_after_the_other_is_noticed_once(verifier, person):
    watching = person("data_protection_officer")
    look_up(verifier, *range(9001, 9006))
    assert not ReadCount.objects.filter(kind="guess").exists()
    look_up(verifier, 9006, 9007)
    assert ReadCount.objects.get(kind="guess").count == 2
    with as_role("owner"):
        assert Notice.objects.filter(user=watching, kind="much_reading").count() == 1


def test_the_same_numbers_again_and_other_days_of_birth_are_ordinary_work(verifier):
    for _again in range(3):
        look_up(verifier, *range(9001, 9006))
    for day in range(10, 20):
        look_up(verifier, 9001, day=f"{day}0188")
    assert not ReadCount.objects.filter(kind="guess").exists()


def test_it_ends_after_twenty(verifier):
    with pytest.raises(ReadingStopped):
        look_up(verifier, *range(9001, 9040))
    assert ReadCount.objects.get(kind="guess").count == 21


def test_no_nik_is_stored_in_the_counter(verifier):
    look_up(verifier, 9001)
    entry = Entry.objects.get(action=Action.SEARCH)
    assert "9001" not in str(entry.details)
    assert "970101120188" not in str(entry.details)
