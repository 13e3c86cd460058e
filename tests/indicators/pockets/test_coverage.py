"""Coverage in pockets and outside, against counts by hand."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from apps.accounts.access import Scope
from apps.demo.country import CODES
from apps.indicators.measures import counting
from apps.indicators.models import PocketSum, RegionCount, SuppressedRegion
from apps.indicators.pockets import coverage, coverage_sums, hidden_later
from apps.indicators.pockets.activation import editions_in_force
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.measures.registered import counted
from tests.indicators.pockets import world
from tests.jobs.doing import do
from tests.personas import FOREIGN, persona
from tests.proposals import factory

pytestmark = pytest.mark.django_db
COUNTRY = Scope(("",))
PAGE = "/indicators/pockets/coverage/"
MIDDLE = (0.5, 0.5)


@pytest.fixture
def compared(tmp_path):
    world.families("A", 12, programme="PKH", spots=[MIDDLE] * 7)
    world.families("A", 6, spots=[MIDDLE] * 6, verdict="near_border")
    world.families("I", 10, programme="SEMBAKO")
    world.families("K", 3, programme="SEMBAKO")
    world.families("L", 20)
    world.families("M", 20)
    computed = world.computed(percent=40)
    world.in_force(world.listed(tmp_path, "IK"), computed)
    assert world.pockets(computed) == "A"


def sums(scope: Scope = COUNTRY, **params: str) -> coverage_sums.Sums:
    return coverage_sums.sums_of(editions_in_force(), coverage.Selection.from_params(params), scope)


def sides(scope: Scope = COUNTRY, **params: str) -> dict[bool | None, coverage_sums.Side]:
    return {side.is_in: side for side in sums(scope, **params).sides}


def lines(scope: Scope) -> dict[str, coverage.Line]:
    rows = coverage.coverage_of(editions_in_force(), coverage.Selection(), scope)
    assert rows is not None
    return {world.LETTERS[row.village_id]: coverage.line_of(row) for row in rows}


def test_the_sums_in_pockets_and_outside_are_those_by_hand(compared):
    found = sides()
    inside, outside = found[True], found[False]
    assert (inside.villages, inside.families, inside.enrolled) == (1, 18, 12)
    assert (inside.without_programme, inside.without_proposal) == (6, 18)
    assert (inside.located, inside.inside, inside.near_border) == (13, 7, 6)
    shown = lines(COUNTRY)
    assert shown["K"].families is None
    assert shown["I"].families == 10
    # of the enrolled, K's would follow from the sum of its regency and those of I: both are hidden
    assert (outside.villages, outside.enrolled, outside.families) == (1, 0, 20)
    # K's families are hidden, and L's and I's numbers would tell them: what they are is not said
    unsaid = found[None]
    assert (unsaid.villages, unsaid.families, unsaid.suppressed) == (3, 10, 2)
    rows = coverage.coverage_of(
        editions_in_force(), coverage.Selection.from_params({"where": "unsaid"}), COUNTRY
    )
    assert {world.LETTERS[row.village_id] for row in rows} == set("IKL")


def test_the_pockets_may_be_those_of_big(compared):
    found = sides(by="published")
    assert (found[True].villages, found[True].families) == (2, 10)
    assert (found[False].villages, found[False].enrolled) == (3, 12)


def test_without_an_edition_of_big_the_pockets_are_ours(signed_in):
    """Not "no village lies in a pocket", which nobody has said."""
    world.families("A", 12, programme="PKH")
    world.families("I", 20)
    world.in_force(world.computed(percent=40))
    browser = signed_in("planner")
    answer = browser.get(f"{PAGE}?by=published")
    assert answer.context["selection"].by == ""
    found = {side.is_in: side.villages for side, _is_on, _query in answer.context["sides"]}
    assert found == {True: 1, False: 1}
    file = browser.get("/indicators/pockets/coverage.csv?by=published")
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    rows = {row["kode_desa"]: row for row in csv.DictReader(StringIO(text))}
    header = coverage.HEADER[3]
    assert rows[CODES["A"]][header] == "TRUE"
    assert rows[CODES["I"]][header] == "FALSE"


def test_a_family_with_a_proposal_is_not_without_one(tmp_path):
    made = world.families("A", 12, programme="PKH")
    with as_role("owner"):
        batch = factory.batch(persona("regency_officer"), status="submitted")
        factory.proposals(batch, 6, status="submitted")
        for proposal, family in zip(batch.proposals.order_by("pk"), made, strict=False):
            type(proposal).objects.filter(pk=proposal.pk).update(kk=family.kk)
    world.in_force(world.computed())
    assert sides()[True].without_proposal == 6


def test_a_proposal_of_another_village_proposes_no_family_in_pockets_and_measures(tmp_path):
    """One rule: village and KK, as the measure of the maps says."""
    made = world.families("A", 12, programme="PKH")
    world.families("B", 12, programme="PKH")
    with as_role("owner"):
        batch = factory.batch(persona("regency_officer"), status="submitted")
        factory.proposals(batch, 12, village="B", status="submitted")
        for number, proposal in enumerate(batch.proposals.order_by("pk")):
            village = CODES["A"] if number < 6 else CODES["B"]
            type(proposal).objects.filter(pk=proposal.pk).update(
                kk=made[number].kk, village_id=village
            )
    counted()
    world.in_force(world.computed())
    assert sides()[True].without_proposal == 18
    row = RegionCount.objects.get(region=CODES["A"])
    assert row.families_without_proposal == 6
    assert RegionCount.objects.get(region=CODES["B"]).families_without_proposal == 12


def test_programmes_are_counted_against_the_registered_persons(compared):
    found = {(one.programme, one.is_in): one for one in sums().programmes}
    pkh, sembako = found["PKH", True], found["SEMBAKO", None]
    assert (pkh.enrolled, pkh.registered) == (12, 36)
    assert pkh.percent == pytest.approx(100 / 3)
    # K's three would follow from the sum of its regency and those of I: both are hidden; L's
    # persons tell K's, so that nothing is said of L, which no programme reaches
    assert (sembako.enrolled, sembako.registered, sembako.suppressed) == (0, 0, 3)


def test_a_village_that_a_programme_does_not_reach_counts_among_the_registered(tmp_path):
    """Else a programme would look the better, the fewer villages it reaches."""
    for letter, number in (("A", 12), ("B", 20), ("I", 18), ("J", 15)):
        world.families(letter, number, programme="PKH" if letter == "A" else "")
    world.families("C", 30, programme="SEMBAKO")
    counted()
    world.in_force(world.listed(tmp_path, "AB"), world.computed(programmes=()))
    found = {
        (one.programme, one.is_in): (one.enrolled, one.registered, one.suppressed)
        for one in sums(by="published").programmes
    }
    assert found["PKH", True] == (12, 24 + 40, 0)
    assert found["PKH", False] == (0, 2 * (18 + 15 + 30), 0)
    assert found["SEMBAKO", True] == (0, 24 + 40, 0)
    assert found["SEMBAKO", False] == (30, 2 * (18 + 15 + 30), 0)


def test_programmes_of_an_edition_from_before_the_tree_was_used_are_not_shown(compared):
    with as_role("owner"):
        edition = editions_in_force().computed
        edition.summary.pop(coverage_sums.PROGRAMMES)
        edition.save()
    assert sums().programmes == []


def test_a_regency_sees_its_own_on_the_page_and_in_the_file(compared, signed_in):
    browser = signed_in("regency_officer", FOREIGN)
    page = browser.get(PAGE).content.decode()
    assert CODES["I"] in page
    assert CODES["A"] not in page
    answer = browser.get("/indicators/pockets/coverage.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {row["kode_desa"]: row for row in csv.DictReader(StringIO(text))}
    assert set(rows) == {CODES[letter] for letter in "IKL"}
    assert rows[CODES["K"]]["keluarga"] == rows[CODES["K"]]["penerima"] == ""
    assert (rows[CODES["I"]]["keluarga"], rows[CODES["I"]]["tanpa_usulan"]) == ("10", "10")


def test_before_an_edition_of_ours_is_in_force_the_page_says_so(signed_in):
    browser = signed_in("planner")
    assert 'class="empty"' in browser.get(PAGE).content.decode()
    assert browser.get("/indicators/pockets/coverage.csv").status_code == 404


def test_the_page_says_of_which_villages_it_does_not_say_what_they_are(compared, signed_in):
    page = signed_in("planner").get(PAGE).content.decode()
    with override("id"):
        word = gettext("not said")
    assert page.count(word) == 7  # the sum, three villages, two programmes, the method


def test_each_row_of_the_sums_leads_to_its_villages(compared, signed_in):
    browser = signed_in("planner")
    for side, is_on, query in browser.get(PAGE).context["sides"]:
        assert not is_on
        answer = browser.get(f"{PAGE}?{query}").context
        assert {line.is_in for line in answer["lines"]} == {side.is_in}
        assert len(answer["lines"]) == side.villages
        # the other sides stay beside it
        assert len(answer["sides"]) == 3
        assert [one.is_in for one, is_on, _query in answer["sides"] if is_on] == [side.is_in]


def test_villages_are_sorted_by_what_is_to_be_looked_at_and_by_shown_numbers_alone(signed_in):
    """C's three families are hidden, and with them D's that would tell them: they come last."""
    made = {"A": (10, 5), "B": (30, 0), "C": (3, 3), "D": (50, 50), "I": (20, 5), "J": (16, 16)}
    for letter, (number, located) in made.items():
        programme = "PKH" if letter in "AB" else ""
        world.families(letter, number, programme=programme, spots=[MIDDLE] * located)
    world.in_force(world.computed())
    browser = signed_in("planner")

    def order(sort: str) -> str:
        lines = browser.get(f"{PAGE}?sort={sort}").context["lines"]
        return "".join(world.LETTERS[line.row.village_id] for line in lines)

    assert order("village") == "ABCDIJ"
    assert order("families")[:4] == "BIJA"
    assert order("proposal")[:4] == "BIJA"
    shown = [letter for letter in order("programme") if letter in "IJAB"]
    assert shown[:2] == ["I", "J"]
    assert order("enrolled")[:2] == "BA"
    # the lowest share of families with a point first: none of B, a quarter of I, half of A
    assert order("located")[:4] == "BIAJ"
    for sort in ("families", "proposal", "programme", "enrolled", "located"):
        assert set(order(sort)[-2:]) == set("CD"), sort
    assert order("nonsense") == order("families")


def stored_sums() -> int:
    with as_role("worker"):
        return coverage_sums.store_due_sums()


def test_stored_sums_are_those_of_the_villages(compared, signed_in):
    scopes = (COUNTRY, Scope(("97",)), Scope(("97.01", "98.01")), Scope((CODES["A"], "98")))
    asked = [
        (scope, {"by": by, "region": region})
        for scope in scopes
        for by in ("computed", "published")
        for region in ("", "97", "98.01", CODES["A"][:8], CODES["I"])
    ]
    added_up = [sums(scope, **params) for scope, params in asked]
    assert coverage_sums.are_due()
    assert stored_sums()
    assert not coverage_sums.are_due()
    assert stored_sums() == 0
    assert [sums(scope, **params) for scope, params in asked] == added_up
    with CaptureQueriesContext(connection) as queries:
        signed_in("planner").get(f"{PAGE}?by=published")
    assert not any("left_out AS" in one["sql"] for one in queries)


def test_what_the_maps_hide_is_in_no_sum_any_more_also_before_the_sums_are_stored_again(compared):
    stored_sums()
    assert sides()[True].families == 18
    with as_role("worker"):
        SuppressedRegion.objects.create(region_id=CODES["A"], tables=["families"])
        hidden_later.follow_maps(now=NOW, villages=[CODES["A"]])
    hidden = sums()
    assert hidden.sides[0].families == 0
    assert {one.is_in for one in hidden.sides if one.villages} == {False, None}
    assert coverage_sums.are_due()
    assert stored_sums()
    assert sums() == hidden
    assert not PocketSum.objects.filter(is_stale=True).exists()


def test_sums_of_editions_that_are_in_force_no_more_are_not_kept(compared, tmp_path):
    stored_sums()
    world.in_force(world.listed(tmp_path, "A", "BIG 2026-10"))
    assert sides(by="published")[True].villages == 1
    assert coverage_sums.are_due()
    stored_sums()
    assert sides(by="published")[True].villages == 1
    pairs = set(PocketSum.objects.values_list("published__name", flat=True))
    assert pairs == {None, "BIG 2026-10"}


def test_the_count_of_each_minute_stores_the_sums(compared):
    counted()
    with as_role("worker"):
        job = counting.enqueue_due_refresh()
        assert job is not None
        do(job)
        assert counting.enqueue_due_refresh() is None
    assert PocketSum.objects.exists()
