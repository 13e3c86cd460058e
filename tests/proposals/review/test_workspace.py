"""The list with its map and its evidence: one filter, whatever it consists of."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from apps.audit.models import Action, Entry
from apps.common import soft_cache
from apps.demo.country import CODES, at
from apps.proposals.models import Proposal
from apps.proposals.review import evidence, listing, lookers, presentation
from apps.proposals.review.display import Display
from apps.proposals.review.listing import Following
from apps.proposals.selection import Selection
from apps.ui import paging
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db

LIST = "/proposals/review/"


@pytest.fixture
def verifier(english):
    return english("verifier")


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"), file_name="usulan.csv")


def shown(browser, query="", place=LIST):
    return browser.get(f"{place}?{query}").context["page"].rows


def names(browser, query="", place=LIST):
    return [row.name for row in shown(browser, query, place)]


def found(query):
    rows = Selection.from_params(QueryDict(query)).apply(Proposal.objects.all())
    return set(rows.values_list("row_number", flat=True))


# --- the filters that the workspace adds ---


@pytest.fixture
def rows(batch, person, gate):
    today = timezone.localdate()
    x, y = at("A", 0.5, 0.5)
    factory.proposal(batch, first=1, birth_date=today - timedelta(days=365 * 70), distance_m=0.0)
    factory.proposal(batch, first=2, birth_date=date(2000, 1, 1), distance_m=2400.0, ppks=[2, 9])
    factory.proposal(batch, first=3, birth_date=today, distance_m=None, location=Point(x, y))
    other = factory.batch(person("village_officer"), region="97.01.01.2001")
    factory.proposal(other, first=4, birth_date=date(1980, 6, 1), distance_m=80.0)
    gate(person("verifier"))
    return batch


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("age_from=60", {1}),
        ("age_to=0", {3}),
        ("age_from=20&age_to=60", {2, 4}),
        ("distance_from=100", {2}),
        ("distance_from=50&distance_to=100", {4}),
        ("ppks=9", {2}),
        ("ppks=1", set()),
        ("age_from=sixty", set()),
        ("distance_to=-1", set()),
        ("differs=name", set()),
    ],
)
def test_each_added_field_narrows(rows, query, expected):
    assert found(query) == expected


def test_rows_are_filtered_by_their_sender_and_by_ticks(rows, person):
    officer = person("village_officer")
    assert found(f"officer={officer.pk}") == {4}
    keys = list(Proposal.objects.filter(row_number__in=[1, 3]).values_list("pk", flat=True))
    assert found(f"rows={keys[0]}&rows={keys[1]}") == {1, 3}
    assert found(f"rows={keys[0]}&age_to=0") in ({3}, set())


def test_a_drawn_area_selects_the_points_inside_it(rows):
    x, y = at("A", 0.5, 0.5)
    around = f"{x - 0.001},{y - 0.001},{x + 0.001},{y - 0.001},{x},{y + 0.001}"
    assert 3 in found(f"area={around}")
    far = f"{x + 3},{y},{x + 3.1},{y},{x + 3},{y + 0.1}"
    assert found(f"area={far}") == set()


def test_an_area_is_rounded_in_the_address_to_a_metre():
    chosen = Selection.from_params({"area": "110.123456789,-7.1,110.2,-7.1,110.2,-7.2"})
    assert chosen.params()["area"].startswith("110.12346,-7.1,")
    assert Selection.from_params(chosen.params()) == chosen


@pytest.mark.parametrize(
    "area",
    [
        "110,-7,110.1,-7.1",
        "110,-7,110.1",
        "a,b,c,d,e,f",
        "200,-7,110,-7.1,110,-7.2",
        "110,-95,110,-7,111,-7",
        ",".join(["110", "-7"] * 100),
    ],
)
def test_what_is_no_area_selects_nothing(area):
    assert Selection.from_params({"area": area}).is_nothing


def test_an_area_whose_lines_cross_is_refused_in_words(verifier, rows):
    answer = verifier.get(LIST, {"area": "110,-7,110.1,-7.1,110.1,-7,110,-7.1"})
    assert "cross each other" in answer.content.decode()
    assert answer.context["page"].rows == []


def in_form(answer) -> dict[str, str]:
    """The fields of the page's filter form that its answer to "Show" would send, besides ticks."""
    text = answer.content.decode()
    form = text[text.index('<form method="get" class="plain filters">') :]
    form = form[: form.index("</form>")]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if given.get("type") in {"text", "hidden"} and given.get("value"):
            found[given["name"]] = given["value"]
    return found


def test_an_area_that_is_refused_keeps_the_other_filters_and_its_corners(verifier, rows):
    crossing = "110,-7,110.1,-7.1,110.1,-7,110,-7.1"
    asked = {"area": crossing, "verdict": "inside", "age_from": "60"}
    answer = verifier.get(LIST, asked)
    assert dict(QueryDict(answer.context["area_query"]).items()) == {
        "verdict": "inside", "age_from": "60",
    }  # fmt: skip
    assert f'data-area="{crossing}"' in answer.content.decode() or not answer.context["map"]
    # drawn again, as the script of the map does
    x, y = at("A", 0.5, 0.5)
    again = f"{x - 1},{y - 1},{x + 1},{y - 1},{x + 1},{y + 1},{x - 1},{y + 1}"
    shown = verifier.get(f"{LIST}?{answer.context['area_query']}&area={again}")
    assert not shown.context["selection"].problem
    assert shown.context["selection"].age_from == 60.0
    assert [row.row_number for row in shown.context["page"].rows] == [1]
    # every other link stays empty, so that nothing is decided by mistake
    assert verifier.get(f"{LIST}?{answer.context['here']}").context["page"].rows == []


def test_a_field_that_cannot_be_read_keeps_what_was_typed_and_is_named(verifier, rows):
    asked = {"age_from": "60 th", "distance_to": "500", "kind": "new", "region": "97.01"}
    answer = verifier.get(LIST, asked)
    assert answer.context["page"].rows == []
    assert (answer.context["total"], answer.context["bulk_steps"]) == (0, [])
    assert "age from: “60 th” is no number from 0 to 150" in answer.content.decode()
    sent = in_form(answer)
    assert (sent["age_from"], sent["distance_to"]) == ("60 th", "500")
    assert "nothing" not in sent
    corrected = verifier.get(LIST, asked | sent | {"age_from": "60"})
    assert [row.row_number for row in corrected.context["page"].rows] == [1]
    chips = {chip.name: chip.query for chip in answer.context["active"]}
    assert shown(verifier, chips["distance_to"]) == []
    assert [row.row_number for row in shown(verifier, chips["age_from"])] == [1, 4]


def test_the_form_of_an_address_of_nothing_can_be_sent(verifier, rows):
    answer = verifier.get(LIST, {"nothing": "1", "verdict": "inside"})
    assert answer.context["page"].rows == []
    assert in_form(answer) == {"verdict": "inside"}


def test_a_region_that_fits_no_single_one_selects_nothing_and_offers_which(verifier, rows):
    for typed in ("Barat Lor", "97.01.01", "Barat Lorr", "98.01"):
        answer = verifier.get(LIST, {"region_text": typed})
        if typed == "97.01.01":
            assert len(answer.context["page"].rows) == 4
            continue
        assert answer.context["page"].rows == [], typed
        assert answer.context["total"] == 0
        assert shown(verifier, answer.context["here"]) == []
        if typed.startswith("Barat"):
            assert in_form(answer)["region_text"] == typed
            assert f"“{typed}” names no single region" in answer.content.decode()
    two = verifier.get(LIST, {"region_text": "Barat Lor"})
    choices = two.context["asked_region"].choices
    assert len(choices) > 1
    assert f'value="{choices[0].code}"' in two.content.decode()


def test_typed_text_counts_where_it_contradicts_the_chosen_region(verifier, rows):
    asked = {"region": "97.01.01.2001", "region_text": "Barat Lorr"}
    assert shown(verifier, urlencode(asked)) == []
    assert len(shown(verifier, urlencode({"region": "97.01.01.2001", "region_text": "97.01"}))) == 4
    assert len(shown(verifier, "region=97.01.01.2001&region_text=97.01.01.20")) == 4


def test_metres_with_a_point_between_thousands_are_refused_in_words(verifier, rows):
    for typed in ("2.400", "2,400"):
        answer = verifier.get(LIST, {"distance_from": typed})
        assert answer.context["page"].rows == [], typed
        assert "without a point or comma between thousands" in answer.content.decode()
    assert found("distance_from=2400") == {2}
    assert found("distance_from=79,5&distance_to=80.5") == {4}


def test_a_number_of_seven_digits_is_the_same_in_every_link():
    for text, metres in (("1178123", 1178123.0), ("1178123.25", 1178123.25), ("2.125", None)):
        chosen = Selection.from_params({"distance_from": text})
        assert chosen.distance_from == metres
        assert Selection.from_params(chosen.params()) == chosen
    assert Selection(distance_from=2.125).params() == {"distance_from": "2.1250"}


def test_a_filter_of_ten_kilobytes_selects_nothing_and_is_answered(verifier, rows):
    answer = verifier.get(LIST, {"rows": ",".join(str(n) for n in range(1_600))})
    assert answer.status_code in {200, 414}
    if answer.status_code == 200:
        assert answer.context["page"].rows == []


# --- sorting, columns, pages ---


@pytest.mark.long
def test_the_list_is_sorted_and_its_pages_keep_the_order(verifier, batch):
    for number in range(1, 121):
        factory.proposal(batch, first=number, name=f"NAMA {number % 7}", distance_m=number * 1.5)
    first = verifier.get(LIST, {"sort": "farthest"})
    distances = [row.distance_m for row in first.context["page"].rows]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] == 180.0
    second = shown(verifier, first.context["page"].after)
    assert second[0].distance_m == distances[-1] - 1.5
    by_name = verifier.get(LIST, {"sort": "name"}).context["page"]
    assert "NAMA" not in by_name.after
    assert "sort=name" in by_name.after


@pytest.fixture
def queue(batch, monkeypatch):
    """Six rows that wait the longer the lower their number; a page of the list has three."""
    monkeypatch.setattr(paging, "PAGE", 3)
    now = timezone.now()
    return [
        factory.proposal(
            batch, first=n, kk=factory.nik_of(800 + n), status="submitted",
            step_at=now - timedelta(days=10 - n),
        )
        for n in range(1, 7)
    ]  # fmt: skip


def verified_beside(verifier, row, query):
    address = reverse("proposals:review_decide", args=[row.pk])
    given = {"step": "verify", "seen": "submitted"}
    answer = verifier.post(f"{address}?{query}", given, headers={"HX-Request": "true"})
    return answer.content.decode()


def test_after_skipped_rows_the_next_one_is_that_after_the_decided_one(verifier, queue):
    text = verified_beside(verifier, queue[2], "status=submitted&sort=waiting")
    assert f'data-next="{queue[3].pk}"' in text


def test_a_page_goes_on_where_its_last_row_was_before_it_was_decided(verifier, queue):
    first = verifier.get(LIST, {"status": "submitted", "sort": "waiting"})
    after = first.context["page"].after
    second = f"{LIST}?{after}"
    assert [row.pk for row in verifier.get(second).context["page"].rows] == [
        row.pk for row in queue[3:]
    ]
    verified_beside(verifier, queue[2], "status=submitted&sort=waiting")
    assert [row.pk for row in verifier.get(second).context["page"].rows] == [
        row.pk for row in queue[3:]
    ]
    # the address says when a row waited since, and nothing about a person
    assert re.fullmatch(rf"\d{{16}}-{queue[2].pk}", QueryDict(after)["after"])
    for edge in ("x", "1", "1-2-3", f"{2**63 - 1}-1", "-5-1"):
        asked = {"status": "submitted", "sort": "waiting", "after": edge}
        assert verifier.get(LIST, asked).status_code == 200


def test_an_unknown_sorting_or_column_is_the_usual_one(verifier, batch):
    factory.proposal(batch)
    assert len(shown(verifier, "sort=nik&columns=mother_name&row=x&view=globe")) == 1


def test_chosen_columns_are_shown(verifier, batch):
    factory.proposal(batch)
    text = verifier.get(LIST, {"columns": ["birth_date", "nik"]}).content.decode()
    headings = text[text.index("<thead") : text.index("</thead>")]
    assert "Date of birth" in headings
    assert "NIK" in headings
    assert "Programme" not in headings


@pytest.mark.long
def test_counts_of_the_filter_are_those_of_its_lists(verifier, batch):
    for number in range(1, 13):
        factory.proposal(
            batch,
            first=number,
            status=["submitted", "verified"][number % 2],
            severity=[0, 2, 1][number % 3],
            verdict=["inside", "neighbour"][number % 4 == 0],
        )
    page = verifier.get(LIST, {"status": "submitted"})
    for name, _label, options in page.context["facets"]:
        for option in options:
            if option.count is not None:
                query = f"{name}={option.value}" + ("&status=submitted" if name != "status" else "")
                assert len(shown(verifier, query)) == option.count, (name, option.value)
    for entry in page.context["legend"]:
        assert len(shown(verifier, entry.query)) == entry.count


def test_links_of_the_legend_and_of_chips_keep_search_sorting_columns_and_tab(verifier, batch):
    for number in range(1, 7):
        name, verdict = ["SITI AMINAH", "BUDI"][number % 2], ["inside", "elsewhere"][number > 3]
        factory.proposal(batch, first=number, name=name, verdict=verdict)
    kept = "sort=newest&columns=nik&view=map"
    page = verifier.get(f"{LIST}?{query_of(search(verifier, 'siti', f'kind=new&{kept}'))}")
    for entry in page.context["legend"]:
        rows = shown(verifier, entry.query)
        assert (len(rows), {row.name for row in rows} - {"SITI AMINAH"}) == (entry.count, set())
    [chip] = page.context["active"]
    for query in (chip.query, page.context["legend"][0].query):
        display = verifier.get(f"{LIST}?{query}").context["display"]
        assert (display.sort, display.columns, display.view) == ("newest", ("nik",), "map")
        assert display.search
    # the search itself is ended by its own chip, and by an empty field; a refused one ends nothing
    assert len(shown(verifier, page.context["unsearched_query"])) == 6
    here = page.context["here"]
    assert len(names(verifier, query_of(search(verifier, "x", here)))) == 3
    assert "sort=newest" in query_of(search(verifier, "", here))
    assert len(names(verifier, query_of(search(verifier, "", here)))) == 6


def test_kept_counts_follow_every_change_and_are_ones_own(english, batch, person):
    rows = factory.proposals(batch, 3, status="submitted")
    verifier, foreign = english("verifier"), english("verifier", "98.01")

    def submitted(browser, query=""):
        facets = browser.get(f"{LIST}?{query}").context["facets"]
        options = next(options for name, _label, options in facets if name == "status")
        return next(one.count for one in options if one.value == "submitted")

    assert [submitted(verifier), submitted(verifier, "verdict=inside")] == [3, 3]
    assert submitted(foreign) == 0
    with CaptureQueriesContext(connection) as asked:
        assert submitted(verifier, "sort=name&programme=PKH") == 3
    assert not any("GROUP BY" in one["sql"] and "severity" in one["sql"] for one in asked)
    verifier.post(
        reverse("proposals:review_decide", args=[rows[0].pk]),
        {"step": "verify", "seen": "submitted"},
    )
    assert submitted(verifier) == 2
    assert submitted(verifier, "age_from=120") == 0
    assert submitted(verifier, query_of(search(verifier, rows[1].name))) == 1
    assert submitted(verifier) == 2


# --- search ---


def search(browser, words, query=""):
    return browser.post(f"{LIST}search/?{query}", {"words": words})


def query_of(answer) -> str:
    return answer["Location"].partition("?")[2]


def test_a_search_by_name_or_number_is_not_in_any_address(verifier, batch):
    one = factory.proposal(batch, first=1, name="SITI AMINAH")
    factory.proposal(batch, first=2, name="BUDI")
    answer = search(verifier, "amina", "verdict=inside")
    assert "amina" not in answer["Location"].lower()
    assert names(verifier, query_of(answer)) == ["SITI AMINAH"]
    answer = search(verifier, one.nik)
    assert one.nik not in answer["Location"]
    assert names(verifier, query_of(answer)) == ["SITI AMINAH"]
    assert "SITI AMINAH" in names(verifier, query_of(search(verifier, one.kk)))
    assert len(names(verifier)) == 2
    with as_role("owner"):
        entries = Entry.objects.filter(action=Action.SEARCH, subject="proposals.Proposal")
        assert [entry.details["criteria"] for entry in entries.order_by("pk")] == [
            ["name"], ["number"], ["number"],
        ]  # fmt: skip
        assert not any(one.nik in str(entry.details) for entry in entries)


def test_a_bulk_step_needs_ticks_under_a_search(verifier, batch):
    row = factory.proposal(batch, first=1, name="SITI", status="submitted")
    factory.proposal(batch, first=20, name="BUDI", status="submitted")
    query = query_of(search(verifier, "siti"))
    for more in ("", "&rows="):
        answer = verifier.get(f"{LIST}bulk/?step=verify&{query}{more}")
        assert answer["Location"] == f"{LIST}?{query}"
    assert verifier.get(f"{LIST}bulk/?step=verify&rows=")["Location"] == LIST
    ticked = verifier.get(f"{LIST}bulk/?step=verify&{query}&rows={row.pk}")
    assert ticked.context["preview"].total == 1


def test_everything_that_a_search_finds_can_be_ticked(verifier, batch, monkeypatch):
    rows = [factory.proposal(batch, first=n, name="SITI", status="submitted") for n in (1, 20)]
    factory.proposal(batch, first=40, name="BUDI", status="submitted")
    query = query_of(search(verifier, "siti"))
    page = verifier.get(f"{LIST}?{query}")
    assert page.context["found_keys"] == ",".join(str(row.pk) for row in rows)
    text = page.content.decode()
    assert "Tick all 2 rows found" in text
    assert "is decided by its ticks" in text
    monkeypatch.setattr(presentation, "MOST_TICKED", 1)
    text = verifier.get(f"{LIST}?{query}").content.decode()
    assert "rows found" not in text
    assert "At most 1 rows can be ticked" in text


def test_an_address_of_a_search_shows_nothing_to_another_session(verifier, english, batch):
    factory.proposal(batch, name="SITI")
    query = query_of(search(verifier, "siti"))
    other = english("verifier", name="second-verifier")
    for asked in (query, "search=1"):
        answer = other.get(f"{LIST}?{asked}")
        assert answer.context["page"].rows == []
        assert "not part of the address" in answer.content.decode()


def test_two_tabs_search_for_different_names(verifier, batch):
    factory.proposal(batch, first=1, name="SITI AMINAH")
    factory.proposal(batch, first=2, name="BUDI")
    first, second = query_of(search(verifier, "siti")), query_of(search(verifier, "budi"))
    assert names(verifier, first) == ["SITI AMINAH"]
    assert names(verifier, second) == ["BUDI"]
    # the end of one is not the end of the other
    assert query_of(search(verifier, "", first)) == ""
    assert (names(verifier, first), names(verifier, second)) == ([], ["BUDI"])
    # five are kept, the latest ones
    for words in ("aaa", "bbb", "ccc", "ddd"):
        search(verifier, words)
    assert names(verifier, second) == ["BUDI"]
    search(verifier, "eee")
    assert names(verifier, second) == []


@pytest.mark.parametrize("words", ["ab", "12345", "  a b "])
def test_a_search_that_is_too_short_is_refused_in_words(verifier, batch, words):
    factory.proposal(batch, name="AB CD")
    answer = search(verifier, words)
    assert "search=" not in answer["Location"]
    assert "three letters" in verifier.get(answer["Location"]).content.decode()


def test_an_empty_search_ends_it(verifier, batch):
    factory.proposal(batch, name="SITI")
    query = query_of(search(verifier, "siti"))
    search(verifier, "", query)
    assert shown(verifier, query) == []
    assert names(verifier) == ["SITI"]


# --- evidence beside the list ---


def test_the_address_carries_the_open_row_and_its_evidence(verifier, batch):
    row = factory.proposal(batch, name="SITI", status="submitted")
    page = verifier.get(LIST, {"row": row.pk})
    text = page.content.decode()
    assert f'data-id="{row.pk}"' in text
    assert "The checks found nothing to remark" in text
    assert reverse("proposals:review_decide", args=[row.pk]) in text
    assert verifier.get(LIST, {"row": row.pk + 1000}).status_code == 200


def test_evidence_of_another_region_is_not_opened(english, batch):
    row = factory.proposal(batch, name="SITI")
    other = english("verifier", "97.02")
    assert "SITI" not in other.get(LIST, {"row": row.pk}).content.decode()


def test_a_fragment_is_the_evidence_alone(verifier, batch):
    row = factory.proposal(batch, name="SITI")
    address = reverse("proposals:review_row", args=[row.pk])
    text = verifier.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "SITI" in text


def test_evidence_names_both_villages_with_their_borders(batch, gate, person):
    x, y = at("B", 0.5, 0.5)
    row = factory.proposal(
        batch,
        village="A",
        location=Point(x, y, srid=4326),
        verdict="neighbour",
        distance_m=2000.0,
        actual_village_id=CODES["B"],
    )
    gate(person("verifier"))
    claimed, actual = evidence.borders_of(row)
    assert (claimed.code, claimed.is_claimed) == (CODES["A"], True)
    assert (actual.code, actual.is_claimed) == (CODES["B"], False)
    assert claimed.edition and claimed.tolerance_m > 0
    lon, lat = evidence.missed_border(row)
    assert (lon, lat) != (x, y)


def test_a_point_inside_misses_no_border(batch, gate, person):
    row = factory.proposal(batch, distance_m=0.0)
    gate(person("verifier"))
    assert evidence.missed_border(row) == []


def beside(browser, row):
    """The other rows with its NIK, as the page of a row shows them."""
    return browser.get(reverse("proposals:review_row", args=[row.pk])).context["same_person"]


def test_other_rows_of_the_same_person_are_side_by_side_with_what_differs(batch, person, verifier):
    row = factory.proposal(batch, first=1, name="SITI AMINAH", rw="002")
    other = factory.batch(person("village_officer"), region="97.01.01.2001")
    twin = factory.proposal(
        other, first=1, name="SITI AMINA", rw="003", nik=row.nik, programme_id="SEMBAKO",
        location=Point(*at("A", 0.5, 0.51), srid=4326),
    )  # fmt: skip
    (found,) = beside(verifier, row).rows
    assert found.row == twin
    lines = {line.label: (line.ours, line.theirs, line.is_other) for line in found.lines}
    assert lines["name"] == ("SITI AMINAH", "SITI AMINA", True)
    assert lines["RW"] == ("002", "003", True)
    assert lines["programme"] == ("PKH", "SEMBAKO", True)
    assert lines["mother's name"] == ("IBU", "IBU", False)
    assert lines["No. KK"] == (row.masked_kk, row.masked_kk, False)
    assert lines["point"] == ("a point", "11 m from there", True)
    text = verifier.get(reverse("proposals:review_row", args=[row.pk])).content.decode()
    assert "differs in: name, RW, programme, point" in text
    assert row.nik not in text


def test_of_a_protected_twin_no_distance_and_no_sameness_is_said(batch, person, verifier):
    row = factory.proposal(batch, first=1)
    other = factory.batch(person("village_officer"), region="97.01.01.2001")
    factory.proposal(other, first=1, nik=row.nik, kk=factory.nik_of(77), ppks=[16])
    (found,) = beside(verifier, row).rows
    (line,) = [line for line in found.lines if line.label == "point"]
    assert (line.ours, line.theirs, line.is_other) == ("protected", "protected", False)


def test_other_rows_beyond_those_that_are_shown_are_counted(batch, person, verifier, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_ROWS", 2)
    row = factory.proposal(batch, first=1)
    for number, programme in enumerate(("SEMBAKO", "PBI", "PKH")):
        other = factory.batch(person("village_officer"), region="97.01.01.2001")
        factory.proposal(other, first=10 + number, nik=row.nik, programme_id=programme)
    found = beside(verifier, row)
    assert (len(found.rows), found.total) == (2, 3)
    page = verifier.get(reverse("proposals:review_row", args=[row.pk])).content.decode()
    assert "3 other rows with this NIK" in page
    assert "And 1 more, older ones" in page


def test_other_families_at_a_point_beyond_those_that_are_shown_are_counted(
    batch, verifier, monkeypatch
):
    monkeypatch.setattr(evidence, "MOST_ROWS", 2)
    row, *_others = factory.proposals(batch, 12)
    page = verifier.get(reverse("proposals:review_row", args=[row.pk])).content.decode()
    assert "And 8 more; the map of the list" in page


def test_names_beside_a_proposal_leave_an_entry_for_their_persons(batch, person, verifier):
    row = factory.proposal(batch, first=1, name="SITI AMINAH")
    other = factory.batch(person("village_officer"), region="97.01.01.2001")
    twin = factory.proposal(other, first=1, nik=row.nik, programme_id="SEMBAKO")
    neighbour = factory.proposal(batch, first=2, location=row.location, kk=factory.nik_of(77))
    verifier.get(reverse("proposals:review_row", args=[row.pk]))
    with as_role("owner"):
        entry = Entry.objects.filter(action=Action.READ).latest("id")
    assert entry.details["proposals"] == sorted([twin.pk, neighbour.pk])


# --- deciding beside the list ---


def test_a_step_beside_the_list_opens_the_next_row_in_the_order_of_the_list(verifier, batch):
    near, far, middle = (
        factory.proposal(batch, first=n, status="submitted", distance_m=metres)
        for n, metres in ((1, 10.0), (2, 900.0), (3, 200.0))
    )
    address = reverse("proposals:review_decide", args=[far.pk])
    answer = verifier.post(
        f"{address}?status=submitted&sort=farthest",
        {"step": "verify", "seen": "submitted"},
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode()
    assert f'data-decided="{far.pk}"' in text
    assert f'data-next="{middle.pk}"' in text
    assert factory.status_of(far) == "verified"
    assert factory.status_of(near) == "submitted"


def test_after_the_last_row_of_a_filter_the_undo_beside_the_list_keeps_the_filter(verifier, batch):
    row = factory.proposal(batch, status="submitted", verdict="elsewhere")
    query = "verdict=elsewhere&sort=farthest"
    answer = verifier.post(
        f"{reverse('proposals:review_decide', args=[row.pk])}?{query}",
        {"step": "verify", "seen": "submitted"},
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode()
    assert 'data-next=""' in text
    undo = reverse("proposals:review_undo", args=[row.pk])
    assert f'action="{undo}?{query.replace("&", "&amp;")}"' in text


def test_a_refused_step_beside_the_list_keeps_what_was_typed(verifier, batch):
    row = factory.proposal(batch, status="submitted")
    answer = verifier.post(
        reverse("proposals:review_decide", args=[row.pk]),
        {"step": "return", "seen": "submitted", "note": "titiknya di sawah"},
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode()
    assert "There is a problem" in text
    assert "titiknya di sawah" in text
    assert factory.status_of(row) == "submitted"


def test_the_same_list_is_in_the_admins_shell(english, batch):
    factory.proposal(batch, name="SITI")
    browser = english("pusdatin_verifier")
    page = browser.get("/admin/proposals/proposal/", {"sort": "name"})
    assert "admin/base.html" in {template.name for template in page.templates}
    assert [row.name for row in page.context["page"].rows] == ["SITI"]
    assert "/admin/proposals/proposal/bulk/" in page.content.decode()


# --- two people, one row ---


def test_a_row_that_somebody_has_open_says_so_to_others(english, batch):
    row = factory.proposal(batch, name="SITI", status="submitted")
    one, other = english("verifier"), english("verifier", name="second-verifier")
    address = reverse("proposals:review_row", args=[row.pk])
    assert "Being looked at" not in one.get(address).content.decode()
    assert "Being looked at by" in other.get(LIST).content.decode()
    assert "Being looked at by" in other.get(address).content.decode()
    assert "Being looked at" not in one.get(LIST).content.decode()


def test_who_cannot_decide_a_row_does_not_keep_others_from_it(english, batch):
    first, second, third = factory.proposals(batch, 3, status="submitted")
    own = factory.proposal(batch, first=9, status="verified")
    verifier = english("verifier")
    for lookers_role in ("district_monitor", "regency_officer", "pusdatin_verifier"):
        english(lookers_role).get(reverse("proposals:review_row", args=[second.pk]))
    assert verifier.get(LIST).context["looking"] == {}
    assert opened_row(verified(verifier, first)) == second
    # of a decider, too, only what they can decide; what they had open before is free
    verifier.get(reverse("proposals:review_row", args=[own.pk]))
    other = english("verifier", name="second-verifier")
    assert other.get(LIST).context["looking"] == {}
    # who only looks is told who decides
    verifier.get(reverse("proposals:review_row", args=[third.pk]))
    assert "Being looked at by" in english("district_monitor").get(LIST).content.decode()


def test_who_opens_another_row_leaves_the_one_before(english, batch):
    first, second = factory.proposals(batch, 2, status="submitted")
    one, other = english("verifier"), english("verifier", name="second-verifier")
    for row in (first, second):
        one.get(reverse("proposals:review_row", args=[row.pk]))
    looking = other.get(LIST).context["looking"]
    assert list(looking) == [second.pk]


def test_a_row_in_another_tab_stays_open_until_its_own_tab_goes_on(english, batch):
    first, second, third, fourth = factory.proposals(batch, 4, status="submitted")
    one, other = english("verifier"), english("verifier", name="second-verifier")

    def beside(row, left):
        headers = {"HX-Request": "true", "X-Left": str(left)}
        one.get(reverse("proposals:review_row", args=[row.pk]), headers=headers)
        return set(other.get(LIST).context["looking"])

    assert beside(first, 0) == {first.pk}
    assert beside(second, 0) == {first.pk, second.pk}  # in a second tab
    one.get(reverse("proposals:review_row", args=[third.pk]))  # a page in a third one
    assert beside(second, second.pk) == {first.pk, second.pk, third.pk}
    assert beside(fourth, first.pk) == {second.pk, third.pk, fourth.pk}


def test_nobody_frees_the_row_of_somebody_else(english, batch):
    first, second = factory.proposals(batch, 2, status="submitted")
    one, other = english("verifier"), english("verifier", name="second-verifier")
    one.get(reverse("proposals:review_row", args=[first.pk]))
    headers = {"HX-Request": "true", "X-Left": str(first.pk)}
    other.get(reverse("proposals:review_row", args=[second.pk]), headers=headers)
    assert set(other.get(LIST).context["looking"]) == {first.pk}


def verified(browser, row, query="status=submitted"):
    address = reverse("proposals:review_decide", args=[row.pk])
    step = {"step": "verify", "seen": "submitted"}
    return browser.post(f"{address}?{query}", step, follow=True)


def opened_row(answer):
    return answer.context["proposal"]


def test_the_next_row_is_one_that_nobody_else_has_open_while_there_is_one(english, batch):
    first, second, third, fourth = factory.proposals(batch, 4, status="submitted")
    one, other = english("verifier"), english("verifier", name="second-verifier")
    one.get(reverse("proposals:review_row", args=[third.pk]))
    assert opened_row(verified(other, second)) == fourth
    assert opened_row(verified(other, fourth)) == first  # from the top again
    answer = verified(other, first)
    assert opened_row(answer) == third
    text = answer.content.decode()
    assert "Only rows are left that somebody else is looking at" in text
    assert "Being looked at by" in text
    assert "Nothing else under this filter" in verified(one, third).content.decode()


def test_two_who_go_on_at_once_get_two_rows(person, batch):
    rows = factory.proposals(batch, 3, status="submitted")
    seen = Proposal.objects.filter(batch=batch)
    people = [person("verifier"), person("verifier", name="second-verifier")]
    with as_role("owner"):
        found = [listing.following(seen, rows[2], Display(), by) for by in people]
        assert found == [Following(rows[0].pk), Following(rows[1].pk)]
        # who has a row open keeps it; the one before is free again
        assert lookers.note_open(rows[1].pk, people[1])
        assert not lookers.note_open(rows[1].pk, people[0], left=rows[0].pk)
        assert lookers.note_open(rows[0].pk, people[1])


def test_without_the_cache_the_next_row_is_the_next_in_the_list(person, batch, monkeypatch):
    rows = factory.proposals(batch, 2, status="submitted")
    seen = Proposal.objects.filter(batch=batch)
    monkeypatch.setattr(soft_cache.SoftRedisCache, "asks_from", time.monotonic() + 60)
    with as_role("owner"):
        following = listing.following(seen, rows[0], Display(), person("verifier"))
    assert following == Following(rows[1].pk)
