"""Made-up persons: touching one is reported with user and request, and they count nowhere."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.audit.seal import seal_entries
from apps.casework import notices
from apps.casework.models import Notice
from apps.demo.country import CODES
from apps.reconciliation.deliveries import snapshots
from apps.reconciliation.models import Record
from apps.registry import canaries
from apps.registry.loading import HEADER
from apps.registry.models import Canary, CanaryWatch, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.factory import nik_of
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
ROW = {
    "id_sumber": "K1",
    "nik": nik_of(777),
    "no_kk": nik_of(778),
    "nama": "SRI WAHYUNI",
    "tanggal_lahir": "1990-01-02",
    "jenis_kelamin": "P",
    "kode_desa": CODES["A"],
}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., None]:
    """`load(…)`: these changes of the row, each a row, by the operators' command."""

    def make(*rows: dict[str, str], name: str = "rekaan.csv") -> None:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, HEADER)
            writer.writeheader()
            writer.writerows(ROW | row for row in rows)
        with as_role("worker"):
            call_command("load_canaries", str(path), source="DTKS", verbosity=0)

    return make


@pytest.fixture
def canary(load: Callable[..., None]) -> Person:
    load({})
    with as_role("owner"):
        return Person.objects.get(nik=ROW["nik"])


def touches() -> int:
    """What a look through the trail finds, after everything so far is sealed."""
    with as_role("worker"):
        seal_entries()
        return canaries.watch(now=timezone.now())


def told(user) -> list[str]:
    with as_role("owner"):
        found = Notice.objects.filter(user=user, kind="canary").order_by("pk")
        return [notices.words(notice) for notice in found]


def test_a_reader_of_its_page_is_reported_once_with_user_and_request(
    canary: Person, person, signed_in
) -> None:
    watching = person("data_protection_officer")
    browser = signed_in("verifier")
    assert browser.get(f"/admin/registry/person/{canary.pk}/change/").status_code == 200
    with as_role("owner"):
        entry = Entry.objects.filter(action=Action.READ).latest("pk")
    assert touches() == 1
    assert touches() == 0
    (words,) = told(watching)
    assert entry.actor_name in words
    assert entry.request_id
    assert entry.request_id in words
    assert canary.name not in words


def test_a_search_that_finds_it_is_a_touch_and_other_persons_are_none(
    canary: Person, person, signed_in
) -> None:
    watching = person("data_protection_officer")
    browser = signed_in("verifier")
    with as_role("owner"):
        other = a_person(CODES["A"])
    browser.get(f"/admin/registry/person/{other.pk}/change/")
    browser.post("/admin/registry/person/", {"nik": other.nik})
    assert touches() == 0
    browser.post("/admin/registry/person/", {"nik": canary.nik})
    assert touches() == 1
    assert len(told(watching)) == 1


def test_a_data_protection_officer_who_touches_it_is_reported_to_the_others(
    canary: Person, person, signed_in
) -> None:
    watching = person("data_protection_officer", name="Yang Lain")
    signed_in("data_protection_officer").get(f"/admin/registry/person/{canary.pk}/change/")
    assert touches() == 1
    assert len(told(watching)) == 1
    with as_role("owner"):
        assert Notice.objects.filter(kind="canary").count() == 1


def test_the_status_page_is_an_alarm_for_an_hour(canary: Person, signed_in) -> None:
    administrator = signed_in("administrator")
    assert 'id="canary-alarm"' not in administrator.get("/status/").content.decode()
    signed_in("verifier").get(f"/admin/registry/person/{canary.pk}/change/")
    touches()
    assert 'id="canary-alarm"' in administrator.get("/status/").content.decode()


def test_no_officer_can_find_out_which_persons_they_are(canary: Person) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT person_id FROM registry_canary")


def test_runs_of_linkage_leave_it_out(canary: Person) -> None:
    with as_role("owner"):
        other = a_person(CODES["A"])
    with as_role("worker"):
        snapshots.snapshot_register(now=NOW, by_name="tests")
    with as_role("owner"):
        listed = set(Record.objects.values_list("source_ref", flat=True))
    assert str(other.pk) in listed
    assert str(canary.pk) not in listed


SECOND = {"id_sumber": "K2", "nik": nik_of(779), "no_kk": nik_of(780)}


@pytest.mark.parametrize(
    "rows",
    [
        [SECOND],
        [SECOND | {"kode_desa": CODES["E"]}, SECOND | {"id_sumber": "K3", "nik": "12"}],
        [SECOND | {"kode_desa": CODES["E"], "program": "PKH"}],
        [{"kode_desa": CODES["E"]}],
    ],
    ids=["a second one", "a row that cannot be taken", "with a programme", "someone who is there"],
)
@pytest.mark.long
def test_a_file_that_is_not_in_order_loads_nothing(
    canary: Person, load: Callable[..., None], rows: list[dict[str, str]]
) -> None:
    with pytest.raises(CommandError):
        load(*rows, name="lagi.csv")
    with as_role("owner"):
        assert Person.objects.count() == 1
        assert Canary.objects.count() == 1


def test_without_canaries_nothing_is_looked_through(signed_in) -> None:
    signed_in("verifier").get("/")
    assert touches() == 0
    with as_role("owner"):
        assert not CanaryWatch.objects.exists()
