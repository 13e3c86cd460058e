"""Nobody but who corrects a row learns the point of a protected need: an attack on every page,
list, map, tile, file and filter by place, as each role that sees the row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.casework.models import Photo
from apps.demo import country
from apps.proposals.checks import batch_check
from apps.proposals.export import batch_files
from apps.proposals.models import (
    Amendment,
    Batch,
    Finding,
    HousePhoto,
    Proposal,
    RegisteredMatch,
)
from apps.proposals.steps import acts_for
from apps.registry.models import Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.maps.tiles import fetched, outlined, over
from tests.proposals import factory
from tests.proposals.sending import A, findings, row, send
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db
SEEING = [
    role
    for role, may in PERMISSIONS.items()
    if Permission.VIEW_PROPOSAL in may and role != Role.AGENCY
]
LIST = reverse("proposals:review")
MEMBER = {"kk": row(9001)["kk"]}


@dataclass
class House:
    """A protected row, a member of its family, and another family, at one point each."""

    batch: Batch
    protected: Proposal
    member: Proposal
    plain: Proposal

    @property
    def secret(self) -> list[Proposal]:
        return [self.protected, self.member]

    def told_in(self, text: str) -> list[str]:
        """The parts of the point of the house that a text tells, with four decimals (11 m)."""
        place = self.protected.location
        bare = text.replace(",", ".")
        return [part for one in (place.x, place.y) if (part := f"{one:.6f}"[:-2]) in bare]


@pytest.fixture
def house(person) -> House:
    officer = person("regency_officer")
    place = {name: row(9001)[name] for name in ("latitude", "longitude")}
    turned = {"latitude": place["longitude"], "longitude": place["latitude"]}
    rows = [
        row(9001, ppks="16", **turned),
        row(9002, **MEMBER, **place),
        row(9003, **place),
    ]
    batch = send(rows, officer)
    assert batch.counts["held"] == 0, findings(batch)
    with as_role("owner"):
        found = {one.row_number: one for one in batch.proposals.all()}
        assert Finding.objects.filter(batch=batch, code="axes_swapped").exists()
        for one in found.values():
            one.location = Point(float(place["longitude"]), float(place["latitude"]), srid=4326)
        Proposal.objects.bulk_update(found.values(), ["location"])
        for one in (found[1], found[2]):
            Amendment.objects.create(
                proposal=one,
                village_id=A,
                status="done",
                before=turned,
                values=place,
                user=officer,
                at=NOW,
                done_at=NOW,
            )
        _photo(batch, found[1], officer)
    return House(batch, found[1], found[2], found[3])


def _photo(batch, at, officer) -> None:
    stored = Photo.objects.create(
        region_id=A,
        file="foto.jpg",
        size=0,
        width=800,
        height=600,
        sha256="1" * 64,
        sent_sha256="1" * 64,
        location=at.location,
        user=officer,
        by_name=str(officer),
        at=NOW,
    )
    HousePhoto.objects.create(
        batch=batch,
        row_number=at.row_number,
        photo=stored,
        sent_sha256=stored.sent_sha256,
        is_abroad=True,
        at=NOW,
    )


def pages_of(house: House, *, corrects: bool) -> list[str]:
    """Every page that shows these rows or their file; without those in which they are corrected."""
    batch, first = house.batch.pk, house.protected.pk
    found = [
        reverse(name, args=[one.pk])
        for one in house.secret
        for name in (
            "proposals:review_row",
            "proposals:review_delivered",
            "admin:proposals_proposal_change",
            "admin:proposals_proposal_delivered",
        )
    ]
    found += [f"{LIST}?row={one.pk}" for one in house.secret]
    found += [f"{LIST}picked/?at={first}", reverse("admin:proposals_proposal_changelist")]
    found += [
        reverse("proposals:batch", args=[batch]),
        reverse("proposals:batch-photos", args=[batch]),
    ]
    if corrects:
        return found
    found += [reverse("proposals:batch-finding", args=[batch, "axes_swapped"])]
    found += [reverse("proposals:batch-row", args=[batch, one.row_number]) for one in house.secret]
    return found


@pytest.mark.parametrize("role", SEEING)
def test_no_page_tells_the_point_to_a_role_that_sees_the_row(house, person, signed_in, role):
    browser, opened = signed_in(role), 0
    with as_role("owner"):  # the list may tell the neighbour's own point
        Proposal.objects.filter(pk=house.plain.pk).update(location=None)
    may = acts_for(person(role), house.batch)
    for address in pages_of(house, corrects=may):
        for more in ({}, {"headers": {"HX-Request": "true"}}):
            answer = browser.get(address, **more)
            text = answer.content.decode()
            opened += answer.status_code == 200
            assert house.told_in(text) == [], (role, address, more)
    assert opened > 4


def test_the_other_family_at_the_point_is_neither_named_nor_names_it(house, signed_in):
    browser = signed_in("verifier")
    for one in (*house.secret, house.plain):
        answer = browser.get(reverse("proposals:review_row", args=[one.pk]))
        assert answer.context["same_point"].rows == [], one.row_number
    with as_role("owner"):
        Proposal.objects.filter(pk=house.protected.pk).update(ppks=[])
    answer = browser.get(reverse("proposals:review_row", args=[house.plain.pk]))
    assert {one.pk for one in answer.context["same_point"].rows} == {one.pk for one in house.secret}


@pytest.mark.parametrize("role", ["verifier", "pusdatin_verifier"])
def test_no_drawn_area_finds_the_house(house, signed_in, role):
    x, y, away = house.protected.location.x, house.protected.location.y, 0.001
    ring = [(x - away, y - away), (x + away, y - away), (x + away, y + away), (x - away, y + away)]
    area = ",".join(f"{value:.5f}" for corner in ring for value in corner)
    browser = signed_in(role)
    for query in (f"area={area}", f"near={x:.6f},{y:.6f},50"):
        listed = browser.get(f"{LIST}?{query}")
        shown = {one.pk for one in listed.context["page"].rows}
        assert shown == {house.plain.pk}, query
    content = b"".join(
        browser.post(f"{LIST}export/?area={area}", {"ending": "csv"}).streaming_content
    )
    assert content.decode("utf-8-sig").count("\n") == 2  # the heading and the neighbour


def test_no_box_of_a_files_map_counts_the_house(house, signed_in, monkeypatch):
    monkeypatch.setattr("apps.proposals.maps.MOST_POINTS", 2)
    browser, points = (
        signed_in("verifier"),
        reverse("proposals:batch-points", args=[house.batch.pk]),
    )
    x, y = house.protected.location.coords
    near = f"{x - 0.001},{y - 0.001},{x + 0.001},{y + 0.001}"
    far = f"{x - 1},{y - 1},{x - 0.9},{y - 0.9}"
    counts = [browser.get(f"{points}?box={box}").json()["protected"] for box in (near, far)]
    assert counts == [2, 2]


def test_files_and_tiles_have_no_point_of_the_house(house, signed_in):
    browser = signed_in("verifier")
    answer = browser.post(f"{LIST}export/", {"ending": "geojson"})
    drawn = json.loads(b"".join(answer.streaming_content))["features"]
    assert [one["id"] for one in drawn if one["geometry"]] == [house.plain.pk]
    outlined()
    with as_role("owner"):
        Proposal.objects.filter(pk=house.plain.pk).update(location=None)
    at = over("A", 14, *_shares(house))
    assert b"point" not in fetched(browser, "proposals", at)


def _shares(house: House) -> tuple[float, float]:
    (west, south), (east, north) = country.at("A", 0, 0), country.at("A", 1, 1)
    x, y = house.protected.location.coords
    return (x - west) / (east - west), (y - south) / (north - south)


def test_a_correction_tells_that_the_point_changes_but_not_where(person, signed_in):
    batch = factory.batch(person("regency_officer"))
    told = ["-7.123456, 110.123456", "-7.223456, 110.223456"]
    one, plain = (
        factory.proposal(
            batch, first=first, kind="correction", changes={"location": told}, ppks=ppks
        )
        for first, ppks in ((1, [18]), (30, []))
    )
    browser = signed_in("verifier")
    text = browser.get(reverse("proposals:review_row", args=[one.pk])).content.decode()
    assert "•••" in text
    assert not [part for part in ("7.1234", "110.1234", "7.2234", "110.2234") if part in text]
    assert told[1] in browser.get(reverse("proposals:review_row", args=[plain.pk])).content.decode()


def test_who_corrects_the_row_sees_its_point_where_it_is_corrected(house, signed_in):
    browser = signed_in("regency_officer")
    address = reverse("proposals:batch-row", args=[house.batch.pk, 1])
    assert house.told_in(browser.get(address).content.decode())


# --- the register and the review know of each other (one rule over both tables) ---


def registered_family(kk: str, *, ppks: list[int], nik: str = "") -> Person:
    """A registered person with a point in A, on a family card."""
    with as_role("worker"):
        made = a_person(name="CONTOH DUA", nik=nik)
        place = Point(*country.at("A", 0.31234, 0.62345), srid=4326)
        Family.objects.filter(pk=made.family_id).update(kk=kk, location=place, change=a_change("f"))
        Person.objects.filter(pk=made.pk).update(ppks=ppks, change=a_change("p"))
        return Person.objects.select_related("family").get(pk=made.pk)


def protected_rows() -> set[int]:
    with as_role("owner"):
        rows = Proposal.objects.filter(is_protected=True)
        return set(rows.values_list("row_number", flat=True))


def rows_of(batch: Batch) -> list[Proposal]:
    with as_role("owner"):
        return list(batch.proposals.order_by("row_number"))


def test_a_sibling_of_a_protected_registered_person_is_drawn_and_written_nowhere(
    person, signed_in, tmp_path
):
    registered_family(row(9001)["kk"], ppks=[16])
    batch = send([row(9001), row(9002, latitude=row(9001)["latitude"])], person("regency_officer"))
    assert protected_rows() == {1}
    sibling, other = rows_of(batch)
    browser = signed_in("verifier")
    page = browser.get(reverse("proposals:review_row", args=[sibling.pk]))
    assert page.context["is_protected"]
    assert f"{sibling.location.x:.5f}" not in page.content.decode()
    answer = browser.post(f"{LIST}export/", {"ending": "geojson"})
    drawn = json.loads(b"".join(answer.streaming_content))["features"]
    assert [one["id"] for one in drawn if one["geometry"]] == [other.pk]
    points = browser.get(reverse("proposals:batch-points", args=[batch.pk])).json()
    assert (len(points["points"]), points["protected"]) == (1, 1)
    outlined()
    with as_role("owner"):
        Proposal.objects.filter(pk=other.pk).update(location=None)
    shares = _shares(House(batch, sibling, sibling, other))
    assert b"point" not in fetched(browser, "proposals", over("A", 14, *shares))
    path = tmp_path / "hasil.geojson"
    with as_role("worker"):
        batch_files.export_batch(batch, path)
    written = json.loads(path.read_text())["features"]
    assert [one["geometry"] for one in written] == [None, None]


def test_the_metres_to_the_point_of_a_registered_family_are_told_unless_it_is_protected(
    person, signed_in
):
    known = registered_family("9701010101209555", ppks=[])
    batch = factory.batch(person("regency_officer"))
    (proposal,) = factory.proposals(batch, 1, status="submitted")
    with as_role("worker"):
        RegisteredMatch.objects.create(
            proposal=proposal, village_id=proposal.village_id, person_id=known.pk, likely="same",
            checked_at=NOW,
        )  # fmt: skip

    def told(browser) -> str:
        page = browser.get(reverse("proposals:review_row", args=[proposal.pk]))
        (line,) = [one for one in page.context["comparison"].lines if one.label == "point"]
        return line.theirs

    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert " from there" in told(browser)
    with as_role("worker"):
        Person.objects.filter(pk=known.pk).update(ppks=[16], change=a_change("m"))
    assert told(browser) == "a point"
    with as_role("worker"):  # also of a family without a number
        Family.objects.filter(pk=known.family_id).update(kk=None, change=a_change("n"))
    assert told(browser) == "a point"


def test_the_persons_page_hides_the_house_of_a_family_with_a_protected_row(person, signed_in):
    known = registered_family(row(9001)["kk"], ppks=[])
    browser = signed_in("regency_officer")
    address = reverse("registry:person", args=[known.pk])
    assert browser.get(address).context["map"] is not None
    with as_role("owner"):  # in a file of another regency, whose rows the officer does not see
        far = factory.batch(person("regency_officer"), region="98.01")
        factory.proposals(far, 1, village="I", kk=known.family.kk, ppks=[16])
    page = browser.get(address)
    assert page.context["map"] is None
    assert f"{known.family.location.y:.4f}" not in page.content.decode()


def test_a_correction_of_a_protected_kind_stays_protected(person, signed_in):
    told = ["-7.123456, 110.123456", "-7.223456, 110.223456"]
    one = factory.proposal(
        factory.batch(person("regency_officer")),
        kind="correction",
        changes={"ppks": ["16", "1"], "location": told},
        ppks=[1],
    )
    text = signed_in("verifier").get(reverse("proposals:review_row", args=[one.pk]))
    assert "7.1234" not in text.content.decode()
    assert "110.2234" not in text.content.decode()
    assert protected_rows() == {one.row_number}


def test_the_row_follows_what_the_register_and_other_files_say_later(person):
    officer = person("regency_officer")
    one = factory.proposal(factory.batch(officer), first=1, kk=row(9001)["kk"])
    known = registered_family(row(9001)["kk"], ppks=[1])
    assert protected_rows() == set()

    def says(**values: object) -> None:
        with as_role("worker"):
            Person.objects.filter(pk=known.pk).update(**values, change=a_change())

    says(ppks=[1, 17])
    assert protected_rows() == {1}
    says(ppks=[1])
    assert protected_rows() == set()
    says(nik=one.nik, ppks=[4])  # of another family: the person, too
    with as_role("worker"):
        Family.objects.filter(pk=known.family_id).update(kk=row(9100)["kk"], change=a_change())
    assert protected_rows() == {1}
    says(ppks=[])
    assert protected_rows() == set()
    # another file names one, is corrected, and goes
    other = factory.proposal(factory.batch(officer), first=2, kk=one.kk, ppks=[3])
    assert protected_rows() == {1, 2}
    with as_role("owner"):
        Proposal.objects.filter(pk=other.pk).update(kk=row(9200)["kk"])
        assert protected_rows() == {2}
        Proposal.objects.filter(pk=other.pk).update(kk=one.kk)
        assert protected_rows() == {1, 2}
        Proposal.objects.filter(pk=other.pk).delete()
    assert protected_rows() == set()


def test_the_rows_of_a_large_file_are_judged_when_they_are_stored(person, monkeypatch):
    monkeypatch.setattr(batch_check, "PARTITION_FROM_ROWS", 2)
    registered_family(row(9002)["kk"], ppks=[10])
    before = factory.proposal(
        factory.batch(person("regency_officer")), first=50, kk=row(9001)["kk"]
    )
    batch = send([row(9001, ppks="16"), row(9002), row(9003)], person("regency_officer"))
    assert batch.partition
    assert protected_rows() == {1, 2, before.row_number}
