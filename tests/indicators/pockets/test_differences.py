"""Where BIG's pockets and ours differ: against sets, with suppression, within the scope."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.utils import timezone

from apps.accounts.access import Scope
from apps.casework.models import Worklist
from apps.common.disclosure import is_small
from apps.demo.country import CODES
from apps.indicators.models import PocketDifference, PocketEdition, SuppressedRegion
from apps.indicators.pockets import (
    activation,
    difference_map,
    differences,
    disclosure,
    hidden_later,
    worklists,
)
from apps.regions.models import BoundaryEdition
from tests.base import EDITION, NOW
from tests.conftest import as_role
from tests.indicators.pockets import world
from tests.personas import FOREIGN
from tests.regions.editions import square

pytestmark = pytest.mark.django_db
COUNTRY = Scope(("",))
# registered families with PKH and without, by village
FAMILIES = {
    **{"A": (12, 0), "B": (20, 8), "C": (3, 0), "D": (8, 20), "E": (9, 3), "F": (12, 15)},
    **{"I": (30, 0), "J": (7, 0)},
}
THEIRS = "ACDEGI"
OURS = "ABIJ"
# C's three families, and E's three uncounted ones, are hidden, and D and F that would tell them
UNSAID = "CDEF"
PAGE = "/indicators/pockets/"


@pytest.fixture
def compared(tmp_path):
    for letter, (enrolled, others) in FAMILIES.items():
        world.families(letter, enrolled, programme="PKH")
        world.families(letter, others)
    published, computed = world.listed(tmp_path, THEIRS), world.computed()
    world.in_force(published, computed)
    assert world.pockets(computed) == OURS
    return published, computed


def by_kind(rows) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, code in sorted(rows.values_list("kind", "village_id")):
        found[kind] = found.get(kind, "") + world.LETTERS[code]
    return found


def test_the_differences_are_those_of_the_sets(compared):
    rows = differences.differences_of(compared, COUNTRY)
    ours, theirs, unsaid = set(OURS), set(THEIRS), set(UNSAID)
    assert by_kind(rows) == {
        "agree": "".join(sorted(ours & theirs)),
        "published": "".join(sorted(theirs - ours - unsaid)),
        "computed": "".join(sorted(ours - theirs)),
        "hidden": "".join(sorted(theirs & unsaid)),
    }
    families = {world.LETTERS[row.village_id]: row.families for row in rows}
    assert families == {letter: sum(FAMILIES.get(letter, (0, 0))) for letter in ours | theirs}


def lines_of(pair) -> dict[str, differences.Line]:
    rows = differences.differences_of(pair, COUNTRY)
    return {world.LETTERS[row.village_id]: differences.line_of(row) for row in rows}


def test_a_number_below_five_and_a_part_whose_rest_is_below_five_are_not_shown(compared):
    lines = lines_of(compared)
    # C has three families; of E's twelve three are not counted
    assert (lines["C"].families, lines["C"].persons, lines["C"].counted) == (None, None, None)
    assert (lines["E"].counted, lines["E"].percent, lines["E"].per_km2) == (None, None, None)
    assert (lines["D"].families, lines["E"].families) == (None, 12)
    assert (lines["I"].families, lines["I"].counted, lines["I"].percent) == (30, 30, 100)
    # nobody lives in G, which says nothing about anybody
    assert (lines["G"].families, lines["G"].counted) == (0, 0)
    for letter, line in lines.items():
        enrolled, others = FAMILIES.get(letter, (0, 0))
        assert line.families in (None, enrolled + others)
        assert line.counted in (None, enrolled)


def test_the_sums_are_made_of_what_is_shown(compared):
    rows = differences.differences_of(compared, COUNTRY)
    lines = lines_of(compared).values()
    for tally in differences.tally_kinds(rows):
        shown = [line for line in lines if line.row.kind == tally.kind]
        assert tally.villages == len(shown)
        assert tally.families == sum(line.families or 0 for line in shown)
        assert tally.persons == sum(line.persons or 0 for line in shown)
        assert tally.suppressed == sum(line.families is None for line in shown)
    # an attack: the sums with C and without it are the same, so their difference tells nothing
    without = rows.exclude(village_id=CODES["C"])
    sums = [
        {one.kind: one.families for one in differences.tally_kinds(some)}
        for some in (rows, without)
    ]
    assert sums[0] == sums[1]


@pytest.mark.parametrize("among", range(12))
def test_no_part_that_is_shown_tells_a_small_rest(among):
    for count in range(among + 1):
        counts = {"families": among, "persons": 3 * among} | dict.fromkeys(disclosure.PARTS, count)
        hidden = disclosure.hidden_columns({"x": counts}, {}).get("x", [])
        if disclosure.is_shown_among(hidden, "counted"):
            assert count == 0 or count >= 5
            assert among == count or among - count >= 5
            assert among == 0 or among >= 5
        else:
            assert any(is_small(one, settings.SMALL_COUNT) for one in (count, among, among - count))


def test_what_the_database_leaves_out_is_what_is_not_shown(compared):
    rows = PocketDifference.objects.all()
    shown = rows.filter(disclosure.is_shown("counted"))
    assert {row.pk for row in shown} == {
        row.pk for row in rows if disclosure.shown_count(row, "counted") is not None
    }


def test_a_regency_sees_its_own_villages_on_the_page_the_map_and_in_the_files(compared, signed_in):
    browser = signed_in("regency_officer", FOREIGN)
    page = browser.get(PAGE).content.decode()
    assert CODES["I"] in page
    assert CODES["A"] not in page
    shapes = browser.get(f"{PAGE}map.json").json()
    drawn = {one["id"] for one in shapes["features"] if one["properties"]["what"] == "village"}
    assert drawn == {CODES["I"], CODES["J"]}
    assert shapes["villages"] == 2
    text = b"".join(browser.get(f"{PAGE}differences.csv").streaming_content).decode("utf-8-sig")
    assert {row["kode_desa"] for row in csv.DictReader(StringIO(text))} == drawn


def test_the_file_and_the_map_leave_out_what_the_table_leaves_out(compared, signed_in):
    browser = signed_in("planner")
    text = b"".join(browser.get(f"{PAGE}differences.csv").streaming_content).decode("utf-8-sig")
    rows = {row["kode_desa"]: row for row in csv.DictReader(StringIO(text))}
    assert (rows[CODES["C"]]["keluarga"], rows[CODES["C"]]["disamarkan"]) == ("", "TRUE")
    assert rows[CODES["E"]]["keluarga_dihitung"] == rows[CODES["E"]]["per_km2"] == ""
    assert rows[CODES["A"]]["kabupaten"] == "Kabupaten Barat Lor"
    for address in (f"{PAGE}map.json", f"{PAGE}differences.geojson"):
        answer = browser.get(address)
        body = b"".join(answer.streaming_content if answer.streaming else [answer.content])
        features = {one["id"]: one for one in json.loads(body)["features"]}
        about = features[CODES["C"]]["properties"]
        assert about["suppressed"]
        assert "families" not in about
        assert "counted" not in features[CODES["E"]]["properties"]
        assert features[CODES["I"]]["properties"]["families"] == 30
        assert features[CODES["A"]]["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_a_village_whose_persons_alone_are_hidden_is_marked_in_every_file(compared, signed_in):
    with as_role("owner"):
        PocketDifference.objects.filter(village=CODES["I"]).update(hidden=["persons"])
    browser = signed_in("planner")
    text = b"".join(browser.get(f"{PAGE}differences.csv").streaming_content).decode("utf-8-sig")
    [row] = [row for row in csv.DictReader(StringIO(text)) if row["kode_desa"] == CODES["I"]]
    assert (row["keluarga"], row["jiwa"], row["disamarkan"]) == ("30", "", "TRUE")
    body = b"".join(browser.get(f"{PAGE}differences.geojson").streaming_content)
    [one] = [one for one in json.loads(body)["features"] if one["id"] == CODES["I"]]
    assert one["properties"]["suppressed"] is True


def test_the_map_draws_the_areas_of_both_editions_where_the_user_may_look(tmp_path, signed_in):
    spots = [(0.5, 0.5)] * 8
    world.families("A", 8, programme="PKH", spots=spots)
    world.families("I", 8, programme="PKH", spots=spots)
    areas = [square(letter, 0.2, 0.2, 0.8, 0.8) for letter in "AI"]
    published = world.imported(world.write_polygons(tmp_path / "kantong.geojson", areas))
    world.in_force(published, world.computed())
    found = signed_in("regency_officer").get(f"{PAGE}map.json").json()["features"]
    kinds = [one["properties"]["what"] for one in found]
    assert sorted(kinds) == ["area", "cell", "village"]
    assert len(signed_in("planner").get(f"{PAGE}map.json").json()["features"]) == 6


@pytest.fixture
def drawn_pair(tmp_path):
    """BIG's areas and ours, both of the boundaries in force."""
    world.families("A", 8, programme="PKH", spots=[(0.5, 0.5)] * 8)
    areas = [square("A", 0.2, 0.2, 0.8, 0.8)]
    published = world.imported(world.write_polygons(tmp_path / "kantong.geojson", areas))
    computed = world.computed(percent=40.0)
    world.in_force(published, computed)
    return published, computed


def newer_boundaries() -> None:
    with as_role("owner"):
        BoundaryEdition.objects.create(
            name="Toy 2026-12", published_date=NOW.date(), status="active", file_name="toy.gpkg",
            sha256="1" * 64, received_at=NOW, received_by="tests",
            activated_at=timezone.now() + timedelta(minutes=1), activated_by="tests",
        )  # fmt: skip


def test_pockets_that_are_older_than_the_boundaries_in_force_say_so(drawn_pair, signed_in):
    published, computed = drawn_pair
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    for page in (PAGE, f"{PAGE}coverage/"):
        assert "was made with the boundaries" not in browser.get(page).content.decode()
    newer_boundaries()
    for page in (PAGE, f"{PAGE}coverage/"):
        text = browser.get(page).content.decode()
        for edition in (published, computed):
            assert f"“{edition.name}” was made with the boundaries {EDITION}." in text
        assert "others are in force (Toy 2026-12)" in text
    again = f"{PAGE}editions/compute/?again=1"
    assert again in browser.get(PAGE).content.decode()
    form = browser.get(again).context["form"]
    assert (form["programmes"].value(), form["percent"].value()) == ("PKH", 40.0)
    # who does not manage pockets is told, and offered nothing
    text = signed_in("regency_officer").get(PAGE).content.decode()
    assert "Toy 2026-12" in text
    assert again not in text


def test_a_list_of_villages_has_no_boundaries_that_could_be_old(compared, signed_in):
    newer_boundaries()
    notes = signed_in("planner").get(PAGE).context["boundary_notes"]
    assert [one.edition for one in notes] == [compared[1]]


def test_page_and_files_name_the_boundaries_of_both_editions(drawn_pair, signed_in):
    with as_role("owner"):
        PocketEdition.objects.filter(pk=drawn_pair[0].pk).update(boundaries=["Toy 2025-07"])
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    text = browser.get(PAGE).content.decode()
    assert "Boundaries: Toy 2025-07." in text
    assert f"Boundaries: {EDITION}." in text
    file = b"".join(browser.get(f"{PAGE}differences.csv").streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(StringIO(file))
    assert (row["batas_big"], row["batas_kita"]) == ("Toy 2025-07", EDITION)
    file = b"".join(browser.get(f"{PAGE}differences.geojson").streaming_content)
    [feature] = json.loads(file)["features"]
    about = feature["properties"]
    assert (about["batas_big"], about["batas_kita"]) == ("Toy 2025-07", EDITION)


def test_the_filter_is_the_address_and_the_table_can_be_sorted(compared, signed_in):
    browser = signed_in("planner")
    page = browser.get(f"{PAGE}?kind=computed").content.decode()
    assert CODES["B"] in page
    assert CODES["A"] not in page
    page = browser.get(f"{PAGE}?region=98").content.decode()
    assert CODES["I"] in page
    assert CODES["A"] not in page
    page = browser.get(f"{PAGE}?sort=families").content.decode()
    assert page.index(CODES["I"]) < page.index(CODES["A"]) < page.index(CODES["C"])
    page = browser.get(f"{PAGE}?sort=village").content.decode()
    assert page.index(CODES["A"]) < page.index(CODES["C"]) < page.index(CODES["I"])
    assert CODES["A"] not in browser.get(f"{PAGE}?kind=nonsense").content.decode()


def test_without_both_editions_the_page_says_which_is_missing(tmp_path, signed_in):
    browser = signed_in("planner")
    assert 'class="empty"' in browser.get(PAGE).content.decode()
    world.in_force(world.listed(tmp_path, "A"))
    assert activation.editions_in_force().pair is None
    assert 'class="empty"' in browser.get(PAGE).content.decode()
    assert browser.get(f"{PAGE}differences.csv").status_code == 404
    assert browser.get(f"{PAGE}map.json").json()["features"] == []


def test_a_new_edition_is_compared_beside_the_former_pair(compared, tmp_path):
    second = world.listed(tmp_path, "B", "BIG 2026-10")
    world.in_force(second)
    pair = activation.editions_in_force().pair
    assert by_kind(differences.differences_of(pair, COUNTRY)) == {"agree": "B", "computed": "AIJ"}
    assert by_kind(differences.differences_of(compared, COUNTRY))["published"] == "G"


def test_the_map_leaves_out_the_villages_with_fewest_shown_families(compared, monkeypatch):
    """D's twenty-eight families are hidden: were they to decide, D would be drawn before A."""
    monkeypatch.setattr(difference_map, "MOST_DRAWN", 5)
    found = difference_map.features(compared, differences.Selection(), COUNTRY, villages=8)
    drawn = {one["id"] for one in found if one["properties"]["what"] == "village"}
    assert drawn == {CODES[letter] for letter in "IBAEJ"}


def test_a_village_that_the_maps_hide_later_is_no_pocket_and_no_difference_any_more(
    compared, signed_in
):
    """A is BIG's, too. B and J are only ours; J is on a list and answered: no reader shows it."""
    rows = PocketDifference.objects.all()
    with as_role("worker"):
        worklists.ask_regencies(due_date=NOW.date() + timedelta(days=9), by=world.BY, now=NOW)
        rows.filter(village=CODES["B"]).update(worklist=None)
        rows.filter(village=CODES["J"]).update(answer="no_pocket", answered_at=NOW)
        SuppressedRegion.objects.bulk_create(
            SuppressedRegion(region_id=CODES[letter], tables=["families"]) for letter in "ABJ"
        )
        hidden_later.follow_maps(now=NOW, villages=[CODES[letter] for letter in "ABJ"])
    found = by_kind(differences.differences_of(compared, COUNTRY))
    assert found == {"agree": "I", "published": "G", "hidden": "ACDE"}
    assert world.pockets(compared[1]) == "I"
    # whom BIG does not name is named nowhere
    browser = signed_in("planner")
    shown = [browser.get(PAGE).content, browser.get(f"{PAGE}map.json").content]
    for ending in ("csv", "geojson"):
        shown.append(b"".join(browser.get(f"{PAGE}differences.{ending}").streaming_content))
    empty = Worklist.objects.get(region_id=CODES["J"][:5])
    assert (empty.total, empty.done, empty.closed_at) == (0, 0, NOW)
    for worklist in Worklist.objects.order_by("region_id"):
        answer = browser.get(f"{PAGE}worklists/{worklist.pk}/")
        # an empty list would tell that its regency had a pocket that is hidden
        assert answer.status_code == (404 if worklist == empty else 200)
        shown.append(answer.content)
    assert empty not in [one for one, _names in browser.get(f"{PAGE}worklists/").context["lists"]]
    assert CODES["A"].encode() in shown[0]
    for body in shown:
        assert CODES["B"].encode() not in body
        assert CODES["J"].encode() not in body
    # A is asked about now; the answer about J is kept for an edition that says it of J again
    due = NOW.date() + timedelta(days=9)
    assert worklists.ask_regencies(due_date=due, by=world.BY, now=NOW) == 1
    kept = rows.get(village=CODES["J"])
    assert (kept.kind, kept.answer, kept.worklist) == ("ended", "no_pocket", None)


def test_the_counts_of_an_edition_are_of_what_it_still_says(compared, signed_in):
    computed = compared[1]
    assert computed.summary["villages"] == len(OURS)
    with as_role("worker"):
        SuppressedRegion.objects.create(region_id=CODES["B"], tables=["families_enrolled"])
        hidden_later.follow_maps(now=NOW, villages=[CODES["B"]])
    computed.refresh_from_db()
    said = computed.villages.filter(is_pocket=True)
    assert computed.summary["villages"] == said.count() == len(OURS) - 1
    assert computed.summary["unsaid"] == computed.villages.filter(is_pocket=None).count()
    assert computed.summary["areas"] == computed.areas.count()
    assert computed.summary["in_pockets"] == sum(said.values_list("counted", flat=True))
    page = signed_in("planner").get(f"{PAGE}editions/").context["editions"]
    assert {one.pk: one.summary["villages"] for one in page}[computed.pk] == said.count()
