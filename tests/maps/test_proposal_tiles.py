"""Tiles of proposals: within the scope, never a sample, no name, no protected need as a point."""

from __future__ import annotations

from collections import Counter
from copy import copy
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.access import open_gate, scope_of
from apps.accounts.roles import Permission
from apps.audit.models import Action, Entry
from apps.casework.models import Cycle, Document
from apps.demo import country
from apps.maps import proposal_tiles, proposal_totals
from apps.maps.grid import Tile
from apps.proposals.models import (
    Batch,
    CivilMatch,
    Finding,
    Proposal,
    ProposalQuerySet,
    Question,
    RegencyChange,
    RegisteredMatch,
    RowPaper,
    Verdict,
)
from apps.proposals.selection import NOTED, Selection
from apps.regions.models import Level, Region
from portal import tasks
from tests.base import NOW
from tests.conftest import as_role, look
from tests.maps.tiles import address, fetched, outlined, over, read
from tests.personas import FOREIGN, OWN
from tests.proposals import factory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _outlined(lasting):
    with lasting():
        outlined()


@pytest.fixture
def rows(person):
    """Three of A in A (one protected), one of A in P, one of B without a point, one of I in A."""
    own = factory.batch(person("regency_officer"), status="submitted")
    other = factory.batch(person("regency_officer", FOREIGN), region=FOREIGN, status="submitted")

    def one(batch, number, letter, spot=None, **fields):
        place = Point(*country.at(*spot), srid=4326) if spot else None
        return factory.proposals(
            batch, 1, first=number, village=letter, status="submitted", location=place, **fields
        )[0]

    return {
        "inside": one(own, 1, "A", ("A", 0.2, 0.2), verdict=Verdict.INSIDE, flags=["coarse"]),
        "near": one(own, 2, "A", ("A", 1.01, 0.5), verdict=Verdict.NEAR_BORDER),
        "protected": one(own, 30, "A", ("A", 0.4, 0.4), verdict=Verdict.INSIDE, ppks=[18]),
        "far": one(own, 4, "A", ("P", 0.5, 0.5), verdict=Verdict.ELSEWHERE),
        "without": one(own, 5, "B", verdict=Verdict.NO_POINT),
        "foreign": one(other, 6, "I", ("A", 0.3, 0.3), verdict=Verdict.ELSEWHERE),
    }


@pytest.fixture
def tile(signed_in, tmp_path):
    def of(at, query="", role="verifier", region=OWN):
        browser = signed_in(role, region) if region else signed_in(role)
        return read(fetched(browser, "proposals", at, query), at, tmp_path)

    return of


def shown(layers):
    return {row["mvt_id"] for row in layers.get("point", [])}


def counted(layers):
    """(code, verdict) -> count over all features."""
    found: Counter[tuple[str, str]] = Counter()
    for row in layers.get("count", []):
        for verdict in Verdict.values:
            if (count := row.get(verdict)) is not None and count == count:  # not NaN
                found[row.get("code", ""), verdict] += int(count)
    return +found


def test_points_carry_id_verdict_and_flags_only(rows, tile):
    found = tile(over("A", 12))
    assert found.keys() == {"point"}
    assert {key for row in found["point"] for key in row} == {"shape", "mvt_id", "verdict", "flags"}
    one = next(row for row in found["point"] if row["mvt_id"] == rows["inside"].pk)
    assert (one["verdict"], one["flags"]) == ("inside", "coarse")
    place = rows["inside"].location.transform(3857, clone=True)
    assert one["shape"].distance(one["shape"].__class__(place.x, place.y)) < 3


def test_a_point_is_in_the_tile_where_it_lies_and_only_there(rows, tile):
    for zoom in (12, 13, 14):
        tiles = {over("A", zoom, *spot) for spot in ((0.2, 0.2), (1.01, 0.5))}
        assert set().union(*(shown(tile(at)) for at in tiles)) == {
            rows["inside"].pk, rows["near"].pk,
        } | ({rows["far"].pk} if over("P", zoom) in tiles else set())  # fmt: skip
        assert rows["far"].pk in shown(tile(over("P", zoom)))


def test_protected_needs_and_other_regions_are_in_no_tile(rows, tile):
    for zoom in range(15):
        for letter in ("A", "P"):
            found = tile(over(letter, zoom))
            assert not shown(found) & {rows["protected"].pk, rows["foreign"].pk}
            assert sum(counted(found).values()) in (0, 3)


def test_below_the_zoom_of_points_regions_are_counted_by_verdict(rows, tile):
    """Three points of A, wherever they lie; the row without point is in the list only."""
    counts = {"inside": 1, "near_border": 1, "elsewhere": 1}
    for zoom, size in ((2, 2), (6, 5), (9, 8), (11, 13)):
        code = country.CODES["A"][:size]
        labels = {over(letter, zoom) for letter in "ABCD"}
        found = sum((counted(tile(at)) for at in labels), Counter())
        assert found == {(code, verdict): count for verdict, count in counts.items()}, zoom
    worst = [row["worst"] for at in {over("A", 11)} for row in tile(at)["count"]]
    assert worst == ["elsewhere"]


def test_after_a_change_only_its_regency_is_counted_again(rows, person, tile, monkeypatch):
    looked_at = []
    count = proposal_totals.count

    def counted_rows(found, size):
        looked_at.append({code[:5] for code in found.values_list("village_id", flat=True)})
        return count(found, size)

    monkeypatch.setattr(proposal_totals, "count", counted_rows)

    def of_country():
        labels = {over(letter, 6) for letter in "AIP"}
        found = sum(
            (counted(tile(at, role="pusdatin_verifier", region="")) for at in labels), Counter()
        )
        return {code: found[code, "elsewhere"] for code in (OWN, FOREIGN)}

    assert of_country() == {OWN: 1, FOREIGN: 1}
    again = factory.batch(person("regency_officer", FOREIGN), region=FOREIGN, status="submitted")
    factory.proposals(
        again, 2, first=20, village="I", status="submitted", verdict=Verdict.ELSEWHERE,
        location=Point(*country.at("A"), srid=4326),
    )  # fmt: skip
    assert of_country() == {OWN: 1, FOREIGN: 3}
    assert looked_at == [{OWN, FOREIGN}, {FOREIGN}]
    with as_role("worker"):
        Proposal.objects.filter(pk=rows["far"].pk).update(verdict=Verdict.INSIDE)
    assert of_country() == {OWN: 0, FOREIGN: 3}


def test_the_counts_of_a_region_are_the_sums_of_those_in_it_however_many():
    """No number reaches into its neighbour: they are added side by side."""
    most = 2**31 - 1
    districts = {"97.01.01": [most, 1, 0, 7, 0, 0, most], "97.01.02": [most, 0, 2, 0, 0, 0, most]}
    districts["98.05.01"] = [0, 0, 0, 0, 0, 0, 3]
    sums = proposal_totals.by_size(proposal_totals.packed_counts(districts))
    numbers = {
        code: list(proposal_totals.NUMBERS.unpack(each))
        for counts in sums.values()
        for code, each in counts.items()
    }
    whole = [2 * most, 1, 2, 7, 0, 0, 2 * most]
    assert numbers == districts | {
        "97.01": whole, "97": whole, "98.05": districts["98.05.01"], "98": districts["98.05.01"],
    }  # fmt: skip


def test_a_kept_tile_asks_for_the_versions_only(rows, person):
    """Every part of a map that moves asks for some: two short statements, and no counting."""
    verifier = person("verifier")
    open_gate(verifier)
    scope = scope_of(verifier, Permission.VIEW_PROPOSAL)
    for at in (over("A", 6), over("A", 9), over("A", 11), over("A", 13)):
        first = proposal_tiles.tile(proposal_tiles.Asked.of(scope, {}), at)
        with CaptureQueriesContext(connection) as asked:
            again = proposal_tiles.tile(proposal_tiles.Asked.of(scope, {}), at)
        assert again == first
        assert len(asked) == 2, [one["sql"] for one in asked.captured_queries]


def test_a_village_without_polygon_is_counted_where_its_district_is(person, tile):
    own = factory.batch(person("regency_officer"), region="97.02", status="submitted")
    factory.proposals(
        own, 2, village="H", status="submitted", verdict=Verdict.NO_POLYGON,
        location=Point(*country.at("H"), srid=4326),
    )  # fmt: skip
    tiles = {over(letter, 11) for letter in "EFGH"}
    found = sum((counted(tile(at, region="97.02")) for at in tiles), Counter())
    assert found == {(country.CODES["H"], "no_polygon"): 2}


@pytest.fixture
def bare_village():
    """A village of a province of which nothing has a polygon."""
    with as_role("owner"):
        for code, level in zip(
            ("96", "96.01", "96.01.01", "96.01.01.2001"), Level.values[-4:], strict=True
        ):
            above = code.rpartition(".")[0] or "ID"
            Region.objects.create(code=code, name=f"Bare {code}", level=level, parent_id=above)
    return "96.01.01.2001"


def test_every_point_of_the_list_is_in_one_count_at_every_zoom(
    person, signed_in, tile, bare_village
):
    """Also those of H, whose district is where G is, and of a province without any outline."""
    officer = person("regency_officer")
    own = factory.batch(officer, region="97.01", status="submitted")
    spots = (("A", "A"), ("A", "P"), ("G", "G"), ("G", "A"), ("H", "H"))
    for number, (village, spot) in enumerate(spots, 1):
        place = Point(*country.at(spot), srid=4326)
        factory.proposals(own, 1, first=number, village=village, location=place)
    for number, spot in enumerate(("A", "P", "P"), 20):
        place = Point(*country.at(spot), srid=4326)
        factory.proposals(own, 1, first=number, village_id=bare_village, location=place)
    factory.proposals(own, 2, first=30, village_id=bare_village, location=None)
    factory.proposals(own, 2, first=40, village_id=bare_village, ppks=[18])
    listed = signed_in("pusdatin_verifier").get("/admin/proposals/proposal/").context["with_point"]
    assert listed == 8
    for query in ("", f"officer={officer.pk}"):
        for zoom in (0, 3, 5, 7, 8, 9, 10, 11):
            first, last = over("A", zoom, -2, 3), over("P", zoom, 3, -2)
            circles = [
                circle
                for x in range(first.x, last.x + 1)
                for y in range(first.y, last.y + 1)
                for layer in tile(Tile(zoom, x, y), query, "pusdatin_verifier", "").values()
                for circle in layer
            ]
            places = {(one["shape"].x, one["shape"].y) for one in circles}
            assert len(places) == len(circles) or zoom < 8, zoom  # one unit of a tile is larger
            assert sum(one["n"] for one in circles) == listed, zoom
            bare = [one for one in circles if one["code"].startswith("96")]
            assert [one["name"] for one in bare] == [f"Bare {bare[0]['code']}"]
            assert bare[0]["n"] == 3


def test_many_points_of_a_tile_are_counted_in_squares_never_sampled(person, tile, monkeypatch):
    monkeypatch.setattr(proposal_tiles, "MOST_POINTS", 10)
    own = factory.batch(person("regency_officer"), status="submitted")
    spot = Point(*country.at("A"), srid=4326)
    factory.many_proposals(own, 40, status="submitted", verdict=Verdict.INSIDE, location=spot)
    factory.proposals(
        own, 1, first=900, status="submitted", verdict=Verdict.UNMAPPED,
        location=Point(*country.at("A", 0.9, 0.9), srid=4326),
    )  # fmt: skip
    found = tile(over("A", 12))
    assert found.keys() == {"count"}
    assert counted(found) == {("", "inside"): 40, ("", "unmapped"): 1}
    assert all(row["radius_m"] == 5 for row in found["count"])  # two units of a tile of zoom 12
    with as_role("owner"):
        entry = Entry.objects.filter(action=Action.READ, details__has_key="points").latest("pk")
    assert entry.details["points"] == 41
    assert "box" in entry.details  # found by the place of a person, as on the former map


def test_the_filter_is_that_of_the_list_and_an_odd_one_selects_nothing(rows, tile):
    at = over("A", 12)
    assert shown(tile(at, "verdict=near_border")) == {rows["near"].pk}
    assert shown(tile(at, f"batch={rows['inside'].batch_id}")) >= {rows["inside"].pk}
    for odd in ("verdict=odd", "region=98.01", "region=%25", "batch=x", "verdict=" + "x" * 10_000):
        for zoom in (5, 9, 11, 12):
            assert tile(over("A", zoom), odd) == {}, odd


def test_two_users_of_one_address_get_their_own(rows, tile):
    at = over("A", 12)
    assert shown(tile(at)) >= {rows["inside"].pk}
    assert shown(tile(at, role="verifier", region=FOREIGN)) == {rows["foreign"].pk}
    assert shown(tile(at, role="pusdatin_verifier", region="")) >= {
        rows["inside"].pk, rows["foreign"].pk,
    }  # fmt: skip


def test_without_a_session_a_tile_is_refused_in_words_and_no_sign_in_page():
    answer = Browser().get(address("proposals", over("A", 12)))
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("text/plain")


def test_a_tile_is_private_and_named_by_what_determines_it(rows, signed_in):
    browser, at = signed_in("verifier"), over("A", 12)

    def etag(query=""):
        return browser.get(address("proposals", at, query))["ETag"]

    first = browser.get(address("proposals", at))
    assert first["Cache-Control"] == "private, no-cache"
    assert etag() == first["ETag"] != etag("verdict=inside")
    with as_role("worker"):
        Proposal.objects.filter(pk=rows["foreign"].pk).update(verdict=Verdict.UNMAPPED)
    assert etag() == first["ETag"]  # another regency changed
    same = browser.get(address("proposals", at), headers={"if-none-match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    with as_role("worker"):
        Proposal.objects.filter(pk=rows["inside"].pk).update(verdict=Verdict.UNMAPPED)
    assert etag() != first["ETag"]


def test_a_filter_that_other_tables_answer_follows_their_changes(rows, person, signed_in, tmp_path):
    """A question is noted as a change: of the tile before it nothing is used again."""
    browser, query = signed_in("verifier"), "question=open"
    away = factory.proposals(
        rows["inside"].batch, 1, first=60, village="A", status="submitted",
        verdict=Verdict.UNMAPPED, location=Point(113.5, -7.0, srid=4326),
    )[0]  # fmt: skip
    places = {zoom: {over(one, zoom) for one in "ABCD"} for zoom in (2, 6, 9, 11, 12)}
    tags = {}

    def asked(zoom):
        """The rows counted and drawn at a zoom, as a browser gets them that kept the former."""
        found, points = 0, set()
        for at in places[zoom]:
            kept = {"if-none-match": tags[at]} if at in tags else {}
            answer = browser.get(address("proposals", at, query), headers=kept)
            tags[at] = answer["ETag"]
            layers = read(bytes(answer.content), at, tmp_path)
            found += sum(counted(layers).values())
            points |= shown(layers)
        return found, points

    def points_away():
        return browser.get(f"/tiles/away.json?{query}").json()["count"]

    assert [asked(zoom) for zoom in places] == [(0, set())] * 5
    assert points_away() == 0
    with as_role("owner"):
        for row in (rows["inside"], away):
            Question.objects.create(
                proposal=row, village_id=row.village_id, text="Di mana?", by=person("verifier"),
                by_name="Vera", at=timezone.now(),
            )  # fmt: skip
    assert [asked(zoom) for zoom in places] == [(2, set())] * 4 + [(0, {rows["inside"].pk})]
    assert points_away() == 1
    at = over("A", 12)
    same = browser.get(address("proposals", at, query), headers={"if-none-match": tags[at]})
    assert same.status_code == 304  # drawn anew, and equal


def test_a_filter_by_age_has_other_tiles_tomorrow(rows, person, monkeypatch):
    scope, now = scope_of(person("verifier"), Permission.VIEW_PROPOSAL), timezone.now()

    def keys():
        asked = (proposal_tiles.Asked.of(scope, params) for params in ({"age_from": "60"}, {}))
        return [(one.key, one.lasting_key) for one in asked]

    (old, every) = keys()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    (old_tomorrow, every_tomorrow) = keys()
    assert every_tomorrow == every
    assert not set(old_tomorrow) & set(old)


def test_every_field_of_a_filter_is_known_to_be_kept_or_not():
    assert NOTED | {"officer", "paper"} == Selection.parameters().keys()
    # who sees other files has others of these rows: `Asked.lasting_key` says which
    assert not Selection(paper="missing").is_noted
    assert not Selection.from_params({"nothing": "1"}).is_noted
    assert Selection(status=("submitted",), region=OWN, question="open").is_noted


def test_tiles_of_an_officer_are_kept_until_another_file_of_theirs_is_seen(person):
    officer = person("regency_officer")
    verifier = person("verifier")
    scope = scope_of(verifier, Permission.VIEW_PROPOSAL)
    first = factory.batch(officer)

    def asked():
        open_gate(verifier)
        return proposal_tiles.Asked.of(scope, {"officer": str(officer.pk)})

    before = asked()
    assert before.files == (first.pk,)
    assert asked().lasting_key == before.lasting_key
    factory.batch(officer, file_name="lain.csv", sha256="b")
    assert asked().lasting_key != before.lasting_key


def test_who_sees_other_files_has_tiles_of_their_own_of_a_filter_by_papers(person):
    scope = scope_of(person("verifier"), Permission.VIEW_PROPOSAL)
    national = scope_of(person("pusdatin_verifier"), Permission.VIEW_BATCH)

    def keys(params):
        asked = (proposal_tiles.Asked.of(scope, params, None, seen) for seen in (scope, national))
        return {one.lasting_key for one in asked}

    assert len(keys({"paper": "missing"})) == 2
    assert len(keys({})) == 1


def test_papers_of_a_row_give_its_regency_a_new_version(person):
    officer = person("regency_officer")
    batch = factory.batch(officer)
    row = factory.proposal(batch)
    cycle = Cycle.objects.create(
        name="Lain", opens_date="2026-01-01", cutoff_date="2026-01-17", draw_date="2026-01-18"
    )

    def versions():
        return [RegencyChange.objects.version_of([code]) for code in ("97.01", "97.02")]

    def is_noted(change):
        before = versions()
        change()
        after = versions()
        assert after[1] == before[1]
        return after[0] != before[0]

    with as_role("owner"):
        evidence = factory.document(row.village_id, officer, kind="evidence")
        assert not is_noted(lambda: factory.document(row.village_id, officer, kind="emergency"))
        # the same file sent again as a statement: minutes that it was prove nothing any more
        assert is_noted(lambda: factory.document(row.village_id, officer, kind="statement"))
        for number, is_of_row in ((row.row_number, True), (None, True), (99, False)):
            known = {"batch": batch, "row_number": number, "document": evidence, "at": NOW}
            assert is_noted(lambda known=known: RowPaper.objects.create(**known)) == is_of_row
            papers = RowPaper.objects.all()
            assert is_noted(lambda papers=papers: papers.update(at=timezone.now())) == is_of_row
            assert is_noted(papers.delete) == is_of_row
        minutes = []
        assert is_noted(
            lambda: minutes.append(factory.document(row.village_id, officer, cycle=cycle))
        )
        assert is_noted(lambda: Document.objects.filter(pk=minutes[0].pk).update(number="2"))
        assert is_noted(minutes[0].delete)
        assert is_noted(lambda: Batch.objects.filter(pk=batch.pk).update(cycle=cycle))
        assert not is_noted(lambda: Batch.objects.filter(pk=batch.pk).update(cycle=cycle))


def test_a_filter_by_papers_counts_again_only_where_one_came(rows, person, monkeypatch):
    """Of the tile before a paper nothing is used again; the other regencies are not counted."""
    user = person("pusdatin_verifier")
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    removals = [
        factory.proposals(
            rows[name].batch, 1, first=70 + nth, village=village, kind="removal",
            status="submitted", evidence_kind="statement",
            location=Point(*country.at(*spot), srid=4326),
        )[0]
        for nth, (name, village, spot) in enumerate(
            [("inside", "A", ("A", 0.3, 0.3)), ("foreign", "I", ("I", 0.3, 0.3))]
        )
    ]  # fmt: skip
    counted_rows = []
    count = proposal_totals.count

    def counted(found, size):
        counts = count(found, size)
        counted_rows.append(sum(map(sum, counts.values())))
        return counts

    def drawn():
        counted_rows.clear()
        open_gate(user)
        asked = proposal_tiles.Asked.of(scope, {"paper": "missing"}, None, scope)
        found = [proposal_tiles.tile(asked, at).tile for at in tiles]
        return found, list(counted_rows)

    monkeypatch.setattr(proposal_totals, "count", counted)
    tiles = sorted({over(letter, 6) for letter in "ABCDI"}, key=str)
    before = drawn()
    assert before[1] == [2]
    assert drawn() == (before[0], [])
    with as_role("owner"):
        paper = RowPaper.objects.create(
            batch=rows["inside"].batch, row_number=removals[0].row_number, at=NOW,
            document=factory.document(OWN, person("regency_officer"), kind="evidence"),
        )  # fmt: skip
    after = drawn()
    assert after[0] != before[0]
    assert after[1] in ([0], [])
    with as_role("owner"):
        paper.delete()
    assert drawn() == (before[0], [1])


def test_what_is_known_of_a_row_gives_its_regency_a_new_version(person):
    row = factory.proposal(factory.batch(person("regency_officer")))
    known = {"proposal": row, "village_id": row.village_id}
    fields = {"code": "coarse", "severity": 1}
    finding = [Finding(batch=row.batch, row_number=row.row_number, **fields)]
    vera = person("verifier")
    asked = {"text": "Di mana?", "by": vera, "by_name": "Vera", "at": timezone.now()}

    def versions():
        return [RegencyChange.objects.version_of([code]) for code in ("97.01", "97.02")]

    for model, made, changed in (
        (Finding, finding, {"severity": 2}),
        (Finding, finding * 501, {"severity": 2}),
        (Finding, [Finding(batch=row.batch, row_number=99, **fields)], None),
        (CivilMatch, [CivilMatch(**known, status="matched", source="x", checked_at=NOW)],
         {"status": "not_matched"}),
        (RegisteredMatch, [RegisteredMatch(**known, person_id=1, likely="same", checked_at=NOW)],
         {"likely": "other"}),
        (Question, [Question(**known, **asked)], {"answer": "Di sini.", "answered_at": NOW}),
    ):  # fmt: skip
        with as_role("owner"):
            before = versions()
            model.objects.bulk_create([copy(one) for one in made])
            after = versions()
            # a finding of a held row is of no proposal
            assert (before[0] != after[0]) == (changed is not None)
            if changed is not None:
                model.objects.update(**changed)
                assert versions()[0] != after[0]
            after = versions()
            model.objects.all()._raw_delete("default")
            assert (versions()[0] != after[0]) == (changed is not None)
            assert versions()[1] == before[1]


def test_the_schedule_counts_the_country_before_anybody_asks(rows, person):
    with as_role("worker"):
        tasks.refresh_map_counts()
    pusdatin = person("pusdatin_verifier")
    open_gate(pusdatin)
    scope = scope_of(pusdatin, Permission.VIEW_PROPOSAL)
    with CaptureQueriesContext(connection) as asked:
        drawn = proposal_tiles.tile(proposal_tiles.Asked.of(scope, {}), over("A", 6))
    assert not [one for one in asked.captured_queries if 'COUNT("proposals' in one["sql"]]
    assert drawn == proposal_tiles._draw(proposal_tiles.Asked.of(scope, {}), over("A", 6))
    with as_role("worker"):
        Proposal.objects.filter(pk=rows["near"].pk).update(verdict=Verdict.UNMAPPED)
        tasks.refresh_map_counts()
    open_gate(pusdatin)
    with CaptureQueriesContext(connection) as asked:
        changed = proposal_tiles.tile(proposal_tiles.Asked.of(scope, {}), over("A", 6))
    assert not [one for one in asked.captured_queries if 'COUNT("proposals' in one["sql"]]
    assert changed != drawn


def test_the_schedule_counts_what_everybody_opens(rows, person):
    """The first tile after a start counts nothing, also under the filters of each day."""
    user = person("pusdatin_verifier")
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    with as_role("worker"):
        tasks.refresh_map_counts()
    open_gate(user)
    for params in ({"status": "endorsed"}, {"status": "accepted"}, {"verdict": "elsewhere"}):
        with CaptureQueriesContext(connection) as asked:
            proposal_tiles.tile(proposal_tiles.Asked.of(scope, params), over("A", 6))
        counts = [one for one in asked.captured_queries if 'COUNT("proposals' in one["sql"]]
        assert not counts, params


def test_adding_changing_and_removing_rows_gives_a_new_version(person):
    own = factory.batch(person("regency_officer"))
    with as_role("owner"):
        RegencyChange.objects.all().delete()
    versions = [RegencyChange.objects.version_of(["97.01"])]

    def noted() -> bool:
        versions.append(RegencyChange.objects.version_of(["97.01"]))
        return versions[-1] != versions[-2]

    row = factory.proposal(own)
    assert noted()
    with as_role("worker"):
        Proposal.objects.filter(pk=row.pk).update(rt="009")
        assert noted()
        Proposal.objects.filter(pk=-1).update(rt="009")
        assert not noted()
        Proposal.objects.filter(pk=row.pk).delete()
        assert noted()
    assert RegencyChange.objects.version_of(["97.01.01"]) == versions[-1]
    assert RegencyChange.objects.version_of(["97"]) == versions[-1]
    assert RegencyChange.objects.version_of([]) == (0, 0, "")


def test_changes_older_than_an_hour_are_removed_with_the_next(person):
    own = factory.batch(person("regency_officer"))
    factory.proposal(own)
    with as_role("owner"):
        RegencyChange.objects.update(at="2026-01-01T00:00Z")
    factory.proposal(own, first=2)
    assert RegencyChange.objects.filter(regency="97.01").count() == 1


def test_points_that_a_user_sees_are_recorded_also_when_the_browser_kept_them(rows, signed_in):
    browser, place = signed_in("verifier"), address("proposals", over("A", 12), "verdict=inside")
    first = browser.get(place)
    browser.get(place, headers={"if-none-match": first["ETag"]})
    browser.get(address("proposals", over("A", 11)))  # a count shows nobody
    with as_role("owner"):
        read_of = Entry.objects.filter(action=Action.READ, details__has_key="points")
        assert [entry.details["proposals"] for entry in read_of] == [[rows["inside"].pk]] * 2


@pytest.mark.parametrize("place", ["12/0/4096", "15/0/0", "x/0/0"])
def test_an_address_that_is_no_tile_is_refused_in_words(signed_in, place):
    answer = signed_in("verifier").get(f"/tiles/proposals/{place}.mvt")
    assert answer.status_code in (400, 404)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_the_second_gate_holds_where_the_first_is_open(rows, tile, monkeypatch):
    monkeypatch.setattr(ProposalQuerySet, "within", lambda self, scope: self)
    for zoom in (2, 6, 9, 11, 12, 14):
        found = tile(over("A", zoom, 0.3, 0.3))
        assert rows["foreign"].pk not in shown(found)
        assert not [code for code, _verdict in counted(found) if code.startswith("98")]


def test_row_level_security_keeps_the_index_of_the_cell(rows, person):
    look("no")
    open_gate(person("verifier"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM proposals_proposal WHERE tile_cell = 1")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "tile_cell = 1" in plan.split("Index Cond", 1)[-1]


def test_the_cell_is_the_tile_of_zoom_12(rows):
    with as_role("owner"):
        for row in Proposal.objects.exclude(location=None):
            letter = next(
                key for key in "AP" if row.location.distance(Point(*country.at(key))) < 0.02
            )
            west, south = country.at(letter, 0, 0)
            spot = (row.location.x - west) / country.SIDE, (row.location.y - south) / country.SIDE
            at = over(letter, 12, *spot)
            assert row.tile_cell == at.x * 4096 + at.y
        assert Proposal.objects.get(pk=rows["without"].pk).tile_cell is None
