"""What the checks say about places, other rows, other batches and the register; what they store."""

from datetime import date, timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Point
from django.db import connection
from django.utils import timezone

from apps.demo import country
from apps.jobs.models import Job
from apps.proposals.checks import batch_check, recheck
from apps.proposals.models import Batch, Finding, HeldRow, Proposal
from apps.regions.models import Boundary, BoundaryEdition, ForeignCode, Level, Region
from apps.registry.models import Change, Enrolment, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.sending import (
    CARD,
    DEATH,
    A,
    B,
    C,
    as_csv,
    check,
    finding,
    findings,
    places,
    point,
    receive,
    row,
    send,
)

pytestmark = pytest.mark.django_db
H, I, J, K = (country.CODES[letter] for letter in "HIJK")  # noqa: E741 (villages of the map)


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def pusdatin(person):
    return person("administrator")


# --- where the point lies, read by eye on the toy country ----------------------------------------


def place(officer, village="A", region="97.01", **cells):
    batch = send([row(village_code=country.CODES[village], **cells)], officer, region=region)
    return places(batch)[1], findings(batch)[1]


def test_a_point_in_its_village_is_inside(officer):
    one, found = place(officer, "A", **point("A"))
    assert (one.verdict, one.distance_m, one.actual_village_id) == ("inside", 0, A)
    assert one.edition.name == "Toy 2026-01"
    assert not found


def test_a_point_eleven_metres_outside_is_near_the_border(officer):
    one, found = place(officer, "A", longitude=str(country.at("A", 1.01)[0]), latitude="-7.7651234")
    assert one.verdict == "near_border"
    assert one.distance_m == pytest.approx(11.03, abs=0.1)
    assert one.actual_village_id == B
    assert found == {"near_border"}


def test_the_tolerance_is_that_of_the_claimed_border(officer):
    with as_role("owner"):
        Boundary.objects.filter(region_id=A).update(tolerance_m=5)
    longitude = str(country.at("A", 1.01)[0])
    assert place(officer, "A", longitude=longitude, latitude="-7.7651234")[0].verdict == "neighbour"


def test_a_point_in_another_village_of_the_district_is_in_a_neighbour(officer):
    one, found = place(officer, "A", **point("B"))
    assert (one.verdict, one.actual_village_id) == ("neighbour", B)
    assert one.distance_m == pytest.approx(0.00400 * 110_000, rel=0.05)
    assert found == {"neighbour"}


@pytest.mark.parametrize(
    ("letter", "level", "area"),
    [
        ("C", "district", "Barat Lor Dua"),
        ("E", "regency", "Kabupaten Barat Kidul"),
        ("K", "province", "Nusa Timur"),
    ],
)
def test_a_point_elsewhere_is_told_with_the_level_at_which_it_differs(officer, letter, level, area):
    batch = send([row(**point(letter))], officer)
    assert places(batch)[1].verdict == "elsewhere"
    params = finding(batch, "elsewhere").params
    assert (params["level"], params["area"]) == (level, area)
    assert params["actual_code"] == country.CODES[letter]


def test_a_point_at_sea_is_in_no_village_and_names_the_nearest(officer):
    one, found = place(officer, "A", **point("~", 0.1, 0.5))
    assert (one.verdict, one.actual_village_id) == ("unmapped", None)
    with as_role("worker"):
        params = Finding.objects.get(code="unmapped").params
    assert params["nearest"] == "Fajar"
    assert params["nearest_m"] == pytest.approx(112, abs=3)
    assert found == {"unmapped"}


def test_a_village_without_polygon_cannot_be_compared(pusdatin):
    one, found = place(pusdatin, "H", region="ID", **point("H"))
    assert (one.verdict, one.distance_m, one.actual_village_id) == ("no_polygon", None, None)
    assert "no_polygon" in found


def test_without_coordinates_there_is_no_point(officer):
    one, found = place(officer, "A", latitude="", longitude="")
    assert (one.verdict, one.location, found) == ("no_point", None, {"no_point"})


def test_zero_zero_is_no_point(officer):
    assert place(officer, "A", latitude="0.0", longitude="0.0")[0].verdict == "no_point"


def test_where_polygons_overlap_the_claimed_one_holds_the_point(pusdatin):
    spot = {"longitude": str(country.at("I", 0.9512)[0]), "latitude": "-7.7651234"}
    assert place(pusdatin, "I", region="ID", **spot)[0].actual_village_id == I
    assert place(pusdatin, "J", region="ID", **spot)[0].actual_village_id == J


def test_swapped_axes_are_seen_and_do_not_hold_the_row(officer):
    there = point("A")
    one, found = place(officer, "A", latitude=there["longitude"], longitude=there["latitude"])
    assert isinstance(one, Proposal)
    assert (one.verdict, one.flags, one.location) == ("unmapped", ["axes_swapped"], None)
    assert found == {"axes_swapped"}


def test_a_turned_sign_is_seen(officer):
    there = point("A")
    one, found = place(officer, "A", **there | {"latitude": there["latitude"].removeprefix("-")})
    assert (one.verdict, one.flags) == ("unmapped", ["sign_flipped"])
    assert found == {"sign_flipped"}


def test_coordinates_of_no_place_on_earth_hold_the_row(officer):
    one, found = place(officer, "A", latitude="177.77", longitude="110.01")
    assert isinstance(one, HeldRow)
    assert found == {"coordinate_range"}


def test_swapped_axes_are_told_where_the_village_is_unknown_too(officer):
    there = point("A")
    cells = {"latitude": there["longitude"], "longitude": there["latitude"]}
    batch = send([row(village_code="97.01.01.2999", **cells)], officer)
    assert places(batch)[1].location is None
    assert findings(batch)[1] == {"village_unknown", "axes_swapped"}


def test_three_decimals_are_coarse(officer):
    one, found = place(officer, "A", latitude="-7.764", longitude="110.003")
    assert (one.verdict, one.flags) == ("inside", ["coarse"])
    assert found == {"coarse"}


def test_a_point_within_fifteen_metres_of_the_office_is_the_office(officer):
    longitude, latitude = country.at("A")
    near = {"longitude": f"{longitude + 0.0001:.6f}", "latitude": f"{latitude + 0.000049:.6f}"}
    assert place(officer, "A", **near)[0].flags == ["office_point"]
    far = {"longitude": f"{longitude + 0.00015:.6f}", "latitude": f"{latitude + 0.000049:.6f}"}
    assert place(officer, "A", nik="9701015005889002", **far)[0].flags == []


def test_five_families_on_one_point_share_it_and_four_do_not(officer):
    five = [row(9100 + i, **point("A", 0.3)) for i in range(5)]
    four = [row(9200 + i, **point("A", 0.6)) for i in range(4)]
    one_family = [row(9300 + i, kk=four[0]["kk"], **point("A", 0.8)) for i in range(6)]
    batch = send(five + four + one_family, officer)
    flagged = {number for number, one in places(batch).items() if "shared_point" in one.flags}
    assert flagged == {1, 2, 3, 4, 5}
    assert batch.counts["flags"] == {"shared_point": 5}
    assert "duplicate_in_file" not in batch.counts["findings"]


# --- which village is meant ----------------------------------------------------------------------


def named(*names, **cells):
    keys = ("province_name", "regency_name", "district_name", "village_name")
    return row(**dict(zip(keys, names, strict=True)), **({"village_code": ""} | cells))


def test_the_village_is_found_by_its_four_names(officer):
    rows = [
        named("NUSA BARAT", "KAB. BARAT LOR", "KEC. BARAT LOR SATU", "DESA BEJI"),
        named("Nusa Barat", "Barat Lor", "barat lor dua", "Cemara", nik="9701015005889002"),
    ]
    batch = send(rows, officer)
    assert [places(batch)[number].village_id for number in (1, 2)] == [B, C]


def test_two_villages_of_one_name_are_both_named(officer):
    with as_role("owner"):
        Region.objects.create(
            code="97.01.01.2009", name="Ampel", level=Level.VILLAGE, parent_id="97.01.01"
        )
    batch = send([named("NUSA BARAT", "BARAT LOR", "BARAT LOR SATU", "AMPEL")], officer)
    assert finding(batch, "village_ambiguous").params["names"] == (
        "Ampel (97.01.01.2001), Ampel (97.01.01.2009)"
    )


def test_names_outside_the_senders_area_are_not_found(officer):
    batch = send([named("NUSA TIMUR", "TIMUR LOR", "TIMUR LOR SATU", "ILALANG")], officer)
    assert findings(batch)[1] == {"village_name_unknown"}


def test_a_bps_code_is_recognised_and_said(officer):
    with as_role("owner"):
        ForeignCode.objects.create(region_id=A, system="bps", code="9701010001", vintage="2024")
    batch = send([row(village_code="9701010001")], officer)
    told = finding(batch, "village_bps").params
    assert (told["code"], told["name"]) == (A, "Ampel")
    assert findings(batch)[1] == {"village_bps"}


def test_in_a_file_of_bps_codes_they_are_the_village(officer):
    with as_role("owner"):
        ForeignCode.objects.create(region_id=A, system="bps", code="9701010001", vintage="2024")
    batch = send([row(village_code="9701010001")], officer, code_system="bps")
    assert places(batch)[1].village_id == A
    assert not findings(batch)[1]


def test_an_ended_code_leads_to_its_successor(officer):
    with as_role("owner"):
        for code, successor in (("97.01.01.2008", B), ("97.01.01.2007", None)):
            Region.objects.create(
                code=code,
                name="Lama",
                level=Level.VILLAGE,
                parent_id="97.01.01",
                valid_until=date(2025, 1, 1),
                successor_id=successor,
            )
    rows = [
        row(9001, village_code="97.01.01.2008", **point("B")),
        row(9002, village_code="97.01.01.2007"),
    ]
    batch = send(rows, officer)
    assert places(batch)[1].village_id == B
    assert findings(batch) == {1: {"village_ended"}, 2: {"village_ended_without_successor"}}


def test_a_code_that_contradicts_the_name_is_to_be_looked_at(officer):
    rows = [row(9001, village_name="BEJI"), row(9002, village_name="DESA AMPEL")]
    assert findings(send(rows, officer)) == {1: {"village_name_differs"}}


# --- other rows, other batches, the register -----------------------------------------------------


def test_the_second_of_two_equal_rows_is_held_and_names_the_first(officer):
    batch = send([row(9001), row(9002), row(9001), row(9001, programme="BST")], officer)
    assert findings(batch) == {3: {"duplicate_in_file"}}
    assert finding(batch, "duplicate_in_file").params["first_row"] == 1


def test_a_family_in_two_villages_is_a_warning_on_both(officer):
    kk = "9701010101209001"
    rows = [row(9001, kk=kk), row(9002, kk=kk, village_code=B, **point("B"))]
    batch = send(rows, officer)
    assert findings(batch) == {1: {"kk_two_villages"}, 2: {"kk_two_villages"}}
    assert batch.counts["held"] == 0


def test_an_open_proposal_elsewhere_is_told_with_date_and_village(officer, person):
    first = send([row(9001)], officer)
    second = send([row(9001, village_code=B, **point("B"))], officer, name="lain.csv")
    told = finding(second, "already_proposed").params
    assert (told["village"], told["is_same"]) == ("Ampel", False)
    assert told["date"] == timezone.localdate(first.received_at).isoformat()
    assert second.counts["held"] == 0


def test_a_proposal_that_was_rejected_is_open_no_more(officer):
    batch = factory.batch(officer)
    factory.proposals(batch, nik=row()["nik"], programme_id="PKH", status="rejected")
    assert findings(send([row()], officer)) == {}


@pytest.fixture
def registered(person):
    """A woman who is in the register with PKH."""
    with as_role("worker"):
        change = Change.objects.create(
            kind="load", reference="t", source="DTKS", actor="t", actor_name="t", at=NOW
        )
        family = Family.objects.create(kk="9701010101209001", village_id=A, change=change)
        known = Person.objects.create(
            family=family,
            village_id=A,
            nik=row(9001)["nik"],
            name="SITI AMINAH",
            birth_date=date(1988, 5, 10),
            sex="P",
            change=change,
        )
        Enrolment.objects.create(
            person=known,
            village_id=A,
            programme_id="PKH",
            active_from=date(2025, 1, 1),
            change=change,
        )
        return known


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, {"already_registered"}),
        ({"programme": "BST"}, {"registered_without_programme"}),
        ({"kind": "PERBAIKAN", **CARD}, set()),
        ({"kind": "HAPUS", **DEATH}, set()),
        ({"kind": "HAPUS", **DEATH, "programme": "BST"}, {"not_enrolled"}),
        ({"kind": "HAPUS", **DEATH, "nik": "9701015005889002"}, {"not_registered"}),
        ({"kind": "PERBAIKAN", **CARD, "nik": "9701015005889002"}, {"not_registered"}),
    ],
)
@pytest.mark.long
def test_what_the_register_knows(officer, registered, cells, expected):
    assert findings(send([row(9001, **cells)], officer)).get(1, set()) == expected


def test_another_birth_date_in_the_register_is_told_without_showing_it(officer, registered):
    with as_role("worker"):
        change = Change.objects.create(
            kind="load", reference="u", source="DTKS", actor="t", actor_name="t", at=NOW
        )
        Person.objects.filter(pk=registered.pk).update(birth_date=date(1950, 2, 3), change=change)
    batch = send([row(9001, programme="BST")], officer)
    assert "register_birth_date_differs" in findings(batch)[1]
    assert "1950" not in str(finding(batch, "register_birth_date_differs").params)


# --- what is stored ------------------------------------------------------------------------------


def test_good_rows_become_drafts_and_bad_ones_wait_as_they_were_sent(officer):
    batch = send([row(9001), row(9002, nik="12"), row(9003, name="Hj. Ani, S.Pd")], officer)
    stored = places(batch)
    assert [type(stored[number]) for number in (1, 2, 3)] == [Proposal, HeldRow, Proposal]
    assert stored[1].status == "draft"
    assert stored[2].values["nik"] == "12"
    assert (stored[3].name, stored[3].title) == ("ANI", "HJ. S.Pd".upper())
    assert batch.status == Batch.Status.READY
    assert batch.counts["rows"] == 3
    assert batch.counts["verdicts"] == {"inside": 3}


def test_the_value_of_the_cell_is_in_the_finding(officer):
    batch = send([row(nik="970101500588900")], officer)
    assert finding(batch, "nik_length").params == {"length": 15, "value": "970101500588900"}


def test_the_worst_finding_is_in_the_proposal(officer):
    batch = send([row(9001), row(9002, name="H. SALEH"), row(9003, **point("B"))], officer)
    assert [places(batch)[number].severity for number in (1, 2, 3)] == [0, 1, 2]


def test_the_same_job_rung_twice_changes_nothing(officer):
    received = receive(as_csv([row(9001), row(9002, nik="1")]), officer)
    batch = check(received)
    before = sorted(Proposal.objects.values_list("pk", flat=True))
    check(received)
    assert sorted(Proposal.objects.values_list("pk", flat=True)) == before
    with as_role("worker"):
        assert HeldRow.objects.filter(batch=batch).count() == 1


def test_staging_is_empty_afterwards(officer):
    batch = send([row()], officer)
    assert not staged_tables(batch)


def test_a_large_batch_gets_a_partition_of_its_own_with_ids_that_repeat(officer, monkeypatch):
    monkeypatch.setattr(batch_check, "PARTITION_FROM_ROWS", 2)
    batch = send([row(9001 + i) for i in range(4)], officer)
    assert batch.partition
    with as_role("worker"):
        ids = list(batch.proposals.order_by("pk").values_list("pk", flat=True))
    assert ids == [batch.partition * 10**10 + number for number in (1, 2, 3, 4)]


def test_the_seconds_of_each_stage_are_noted(officer):
    received = receive(as_csv([row()]), officer)
    check(received)
    assert set(received.job.seconds) == {"read", "check", "store", "total"}
    assert received.job.status == Job.Status.DONE


def test_an_edition_that_comes_into_force_meanwhile_makes_the_job_look_again(officer, monkeypatch):
    received = receive(as_csv([row()]), officer)
    looked = batch_check._check

    def look_slowly(*args):
        looked(*args)
        BoundaryEdition.objects.update(activated_at=timezone.now())

    monkeypatch.setattr(batch_check, "_check", look_slowly)
    with as_role("worker"):
        with pytest.raises(batch_check.BoundariesMoved):
            do(received.job)
        monkeypatch.setattr(batch_check, "_check", looked)
        do(received.job)
    assert Batch.objects.get(pk=received.batch.pk).counts["ready"] == 1


def test_open_proposals_are_looked_at_again_when_their_boundary_changes(officer):
    batch = send([row(9001, **point("A", 0.9)), row(9002, **point("A", 0.1))], officer)
    with as_role("owner"):
        old = Boundary.objects.get(region_id=A)
        edition = BoundaryEdition.objects.create(
            name="Later",
            published_date=date(2026, 6, 1),
            status="ready",
            file_name="x",
            sha256="1",
            received_at=NOW,
            received_by="t",
        )
        west = old.boundary.intersection(
            Point(*country.at("A", 0.0, 0.5), srid=4326).buffer(0.0075)
        )
        Boundary.objects.filter(pk=old.pk).update(is_current=False)
        Boundary.objects.create(
            edition=edition, region_id=A, boundary=as_multi(west), area_m2=1, is_current=True
        )
    with as_role("worker"):
        result = recheck.recheck(edition=edition, codes=[A], by="t", by_name="t", now=NOW)
    assert result == {
        "rechecked": 2,
        "evidence_changed": 2,
        "verdicts_changed": 1,
        "verdict_moves": {"inside": {"unmapped": 1}},
    }
    assert {n: one.verdict for n, one in places(batch).items()} == {1: "unmapped", 2: "inside"}
    assert findings(batch) == {1: {"unmapped"}}
    assert places(batch)[1].severity == 2


def as_multi(shape):
    return shape if shape.geom_type == "MultiPolygon" else MultiPolygon(shape, srid=4326)


def staged_tables(batch):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'staging' AND tablename LIKE %s",
            [f"batch_{batch.pk}%"],
        )
        return cursor.fetchall()


def test_a_date_of_today_is_no_future(officer):
    today = timezone.localdate()
    rows = [
        row(
            9001,
            birth_date=today.strftime("%d/%m/%Y"),
            nik=f"970101{today.day + 40:02d}{today:%m%y}9001",
        ),
        row(9002, birth_date=(today + timedelta(days=1)).strftime("%d/%m/%Y")),
    ]
    found = findings(send(rows, officer))
    assert 1 not in found
    assert "date_future" in found[2]
