"""The map beside the list of proposals: the rows of the list, the user's region, no name."""

from __future__ import annotations

import pytest
import shapely
from django.contrib.gis.geos import Point

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.audit.models import Action, Entry
from apps.demo import country
from apps.maps import presentation, proposal_tiles
from apps.proposals import maps as proposal_maps
from apps.proposals.models import Proposal, Verdict
from apps.proposals.review.searching import Search
from apps.regions.models import ShapeSet
from tests.conftest import as_role
from tests.maps.tiles import address, fetched, outlined, over, read
from tests.personas import FOREIGN
from tests.proposals import factory

pytestmark = pytest.mark.django_db

LIST, ADMIN_LIST = "/proposals/review/", "/admin/proposals/proposal/"


@pytest.fixture(scope="module", autouse=True)
def _outlined(lasting):
    with lasting():
        outlined()


@pytest.fixture
def verifier(english):
    return english("verifier")


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"), status="submitted")


@pytest.fixture
def shown(tmp_path):
    """The keys of the points in the tile of A under a query."""

    def keys(browser, query=""):
        at = over("A", 12)
        found = read(fetched(browser, "proposals", at, query), at, tmp_path)
        return {row["mvt_id"] for row in found.get("point", [])}

    return keys


def pane(browser, query="", place=LIST):
    return browser.get(f"{place}?{query}").context["map"].context


# --- the same rows ---


def test_the_map_has_the_filter_of_the_list_in_both_shells(verifier, english, batch):
    factory.proposal(batch)
    query = "status=submitted&verdict=inside&sort=name&row=1&view=map"
    assert pane(verifier, query)["query"] == "status=submitted&verdict=inside"
    pusdatin = english("pusdatin_verifier")
    assert pane(pusdatin, query, ADMIN_LIST)["query"] == "status=submitted&verdict=inside"
    text = verifier.get(f"{LIST}?{query}").content.decode()
    assert 'data-query="status=submitted&amp;verdict=inside"' in text
    assert "/tiles/proposals/{z}/{x}/{y}.mvt" in text


def searched(browser, words: str, query: str = "") -> str:
    """Search for words; the query of the list that follows."""
    answer = browser.post(f"{LIST}search/?{query}", {"words": words})
    return answer["Location"].partition("?")[2]


def test_the_map_obeys_the_search_whose_words_are_in_no_address(verifier, english, batch, shown):
    siti = factory.proposal(batch, first=1, name="SITI AMINAH")
    budi = factory.proposal(batch, first=2, name="BUDI")
    assert shown(verifier) == shown(verifier, "search=1") | {budi.pk, siti.pk}
    query = searched(verifier, "siti")
    assert shown(verifier, query) == {siti.pk}
    page = verifier.get(f"{LIST}?{query}")
    assert page.context["map"].context["query"] == query
    assert shown(english("verifier", name="second-verifier"), query) == set()
    assert shown(verifier, searched(verifier, siti.nik)) == {siti.pk}
    assert shown(verifier, searched(verifier, "budi")) == {budi.pk}
    assert shown(verifier, query) == {siti.pk}
    searched(verifier, "", query)
    assert shown(verifier, query) == set()


def test_another_search_is_another_tile(verifier, batch):
    factory.proposal(batch, name="SITI")
    tags = []
    for words in ("siti", "budi"):
        query = searched(verifier, words)
        tags.append(verifier.get(address("proposals", over("A", 12), query))["ETag"])
    assert tags[0] != tags[1]


def test_the_name_of_a_tile_in_the_cache_tells_no_word_of_a_search(person):
    scope = scope_of(person("verifier"), Permission.VIEW_PROPOSAL)
    asked = [
        proposal_tiles.Asked.of(scope, {}, search)
        for search in (None, Search("SITI"), Search("BUDI"), Search(""))
    ]
    assert len({one.key for one in asked}) == 4
    assert not any("SITI" in one.key for one in asked)


# --- where it opens ---


def extent(context):
    return [float(side) for side in context["extent"].split(",")]


def test_it_opens_on_the_region_of_the_user_or_of_the_filter(verifier, english, batch):
    factory.proposal(batch)
    west, south, east, north = extent(pane(verifier))
    assert (west, south) == pytest.approx(country.at("C", 0, 0), abs=0.001)
    assert (east, north) == pytest.approx(country.at("B", 1, 1), abs=0.001)
    village = extent(pane(verifier, f"region={country.CODES['B']}"))
    assert (village[0], village[1]) == pytest.approx(country.at("B", 0, 0), abs=0.001)
    assert extent(pane(verifier, f"region={FOREIGN}")) == [west, south, east, north]
    assert extent(pane(verifier, "region=97")) == [west, south, east, north]
    pusdatin = english("pusdatin_verifier")
    own = extent(pane(pusdatin, f"batch={batch.pk}", ADMIN_LIST))
    assert own == [west, south, east, north]  # the regency that sent the file
    whole = extent(pane(pusdatin, "", ADMIN_LIST))
    assert whole[0] <= west and whole[2] >= east


def test_points_outside_the_chosen_region_are_far_away(english, batch):
    away = Point(113.5, -7.0, srid=4326)
    far = factory.proposal(batch, location=away, verdict=Verdict.UNMAPPED)
    pusdatin = english("pusdatin_verifier")
    # for those who see the country it is abroad, as it lies in no village
    assert pusdatin.get("/tiles/away.json").json() == {
        "count": 1, "places": [[113.5, -7.0]], "proposals": [far.pk],
    }  # fmt: skip
    with as_role("worker"):
        Proposal.objects.filter(pk=far.pk).update(location=Point(114.5, -7.0, srid=4326))
    assert pusdatin.get("/tiles/away.json").json()["places"] == [[114.5, -7.0]]
    with as_role("worker"):
        Proposal.objects.filter(pk=far.pk).update(location=away)
    assert pusdatin.get(f"/tiles/away.json?region={far.village_id}").json() == {
        "count": 1,
        "places": [[113.5, -7.0]],
        "proposals": [far.pk],
    }


def test_a_point_of_a_village_without_polygon_is_far_away_where_it_is(english, person):
    """Its verdict is "no polygon", wherever it lies. For the country it may be in any village."""
    own = factory.batch(person("regency_officer", "97.02"), region="97.02")
    _near, far = [
        factory.proposal(
            own, first=number, village="H", verdict=Verdict.NO_POLYGON,
            location=Point(*place, srid=4326),
        )
        for number, place in enumerate((country.at("H"), (113.5, -7.0)), 1)
    ]  # fmt: skip
    verifier, pusdatin = english("verifier", "97.02"), english("pusdatin_verifier")
    assert verifier.get("/tiles/away.json").json() == {
        "count": 1, "places": [[113.5, -7.0]], "proposals": [far.pk],
    }  # fmt: skip
    assert pusdatin.get("/tiles/away.json").json()["count"] == 0


def test_without_outlines_there_is_a_sentence_and_the_list(verifier, batch):
    row = factory.proposal(batch)
    with as_role("owner"):
        ShapeSet.objects.update(ready_at=None)
    page = verifier.get(LIST)
    text = page.content.decode()
    assert page.context["map"] is None
    assert "There are no boundaries for maps yet." in text
    assert row.name in text
    assert "vector_map" not in text


def test_outlines_of_many_villages_are_those_of_the_regions_above(
    verifier, english, batch, person, monkeypatch
):
    """Without WebGL2 they are all that the map shows."""
    for number, letter in enumerate("ABC", 1):
        factory.proposal(batch, first=number, village=letter)
    other = factory.batch(person("regency_officer", FOREIGN), region=FOREIGN)
    factory.proposal(other, first=9, village="I")

    def drawn(browser, most):
        monkeypatch.setattr(proposal_maps, "MOST_OUTLINES", most)
        found = browser.get(f"{LIST}outlines.json").json()
        west, south = country.at("C", 0, 0)
        for one in found["features"]:
            shape = shapely.geometry.shape(one["geometry"])
            assert shape.bounds[:2] == pytest.approx((west, south), abs=0.02)
        return [one["properties"]["code"] for one in found["features"]], found.get("omitted")

    assert drawn(verifier, 3) == ([country.CODES[letter] for letter in "ABC"], None)
    districts = [country.CODES[letter][:8] for letter in "AC"]
    assert drawn(verifier, 2) == (districts, 3)
    assert drawn(verifier, 1) == ([country.CODES["A"][:5]], 3)
    assert drawn(english("pusdatin_verifier"), 1) == (["97", "98"], 4)


# --- what the page says of a point ---


def test_the_rows_at_a_place_are_named_as_in_the_list(verifier, batch):
    first = factory.proposal(
        batch, first=1, verdict="neighbour", distance_m=412, actual_village_id=country.CODES["B"]
    )
    second = factory.proposal(batch, first=2)
    answer = verifier.get(f"{LIST}picked/?at={second.pk},{first.pk}&status=submitted")
    assert answer.context["picked"] == [second, first]
    text = answer.content.decode()
    assert "2 proposals at this place" in text
    assert "412 m · Beji" in text
    assert f'href="{LIST}{first.pk}/?status=submitted"' in text
    assert first.nik not in text
    with as_role("owner"):
        entry = Entry.objects.filter(action=Action.READ).latest("pk")
    assert entry.details["proposals"] == [second.pk, first.pk]


def test_rows_of_other_regions_are_not_named(english, batch):
    row = factory.proposal(batch, name="SITI")
    other = english("verifier", FOREIGN)
    answer = other.get(f"{LIST}picked/?at={row.pk},x,,{10**30}")
    assert answer.context["picked"] == []
    assert "SITI" not in answer.content.decode()


def test_of_many_rows_at_one_place_the_rest_are_counted(verifier, batch):
    rows = factory.proposals(batch, 60)
    answer = verifier.get(f"{LIST}picked/?at={','.join(str(row.pk) for row in rows)}")
    assert len(answer.context["picked"]) == 50
    assert "and 10 more" in answer.content.decode()


def test_thousands_of_rows_at_one_place_are_counted_and_lead_to_their_list(verifier, batch):
    place = Point(*country.at("A", 0.4, 0.4), srid=4326)
    factory.many_proposals(batch, 5_000, status="submitted", location=place)
    factory.proposal(batch, first=8_000, location=place)
    factory.proposal(batch, first=8_001)
    spot = f"{place.x},{place.y},5"
    answer = verifier.get(f"{LIST}picked/?status=submitted&sort=name&spot={spot}")
    assert len(answer.context["picked"]) == 50
    text = answer.content.decode()
    assert "5000 proposals at this place" in text.replace(",", "")
    assert "and 4,950 more" in text
    assert "near" not in answer.context["query"]  # a row is opened in the list as it is
    listed = verifier.get(f"{LIST}?{answer.context['spot_query']}")
    assert listed.context["total"] == 5_000
    assert listed.context["display"].sort == "name"
    assert "within 5 m of" in listed.content.decode()


@pytest.mark.parametrize("spot", ["", "1,2", "x", "1,2,99999"])
def test_a_spot_that_is_none_names_nobody(verifier, batch, spot):
    factory.proposal(batch)
    answer = verifier.get(f"{LIST}picked/?spot={spot}")
    assert (answer.context["picked"], answer.context["spot_query"]) == ([], "")


def test_the_place_of_a_protected_need_is_not_given_to_the_map(verifier, batch):
    shown_row = factory.proposal(batch, first=1)
    hidden = factory.proposal(batch, first=20, ppks=[16])
    text = verifier.get(f"{LIST}?row={hidden.pk}").content.decode()
    place = f"{shown_row.location.x:.6f},{shown_row.location.y:.6f}"
    assert text.count(f'data-at="{place}"') == 1
    assert text.count('data-at=""') == 2  # in the list, and beside it


def test_the_map_of_one_filter_on_its_own_page_has_it_too(person):
    scope = scope_of(person("verifier"), Permission.VIEW_PROPOSAL)
    context = presentation.vector_map(scope, {"verdict": "inside", "search": "1"})
    assert context["query"] == "verdict=inside&search=1"
