"""Who sees true counts of villages, and that nobody else can compute a hidden one."""

from __future__ import annotations

import re
from datetime import timedelta
from json import loads
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.commandcentre import readers
from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.exposure import village_figures
from apps.commandcentre.models import AffectedVillage, Hazard, PlanNeed, VillageCoverage
from apps.commandcentre.reports import issuing
from apps.commandcentre.walls import devices
from apps.demo.country import CODES, at
from apps.indicators.models import SuppressedRegion
from apps.jobs.models import Job
from tests.base import NOW
from tests.commandcentre.exposure.test_assessment import covers
from tests.commandcentre.hazards.messages import take
from tests.commandcentre.planning.needs import solved
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.jobs.doing import do
from tests.personas import grant

pytestmark = pytest.mark.django_db
BOARD = "/command-centre/"
COVERAGE = f"{BOARD}coverage/"
# C has too few; D is the only other village of its district, so that its count would tell C's
FAMILIES = {"A": 40, "B": 30, "C": 3, "D": 537}
# what a planner must not read: D, C and D, all four, and the rice of three days for each of these
SECRET = {"537", "540", "610", "645", "648", "732", "733"}
MOMENT = re.compile(
    r"\d{1,2} \w{3,9} \d{4}|\d{4}-\d\d-\d\dT[\d:.+]+|\d\d\.\d\d(\.\d\d)?"
    r"|\d+\s(menit|detik|jam)|[A-Za-z0-9]{64}|nonce=\S+"
    r'|data-(clock|since|answered-at|stale-at)="\d+"'
)


@pytest.fixture
def hazard(person) -> Hazard:
    """An assessed hazard over A to D, with a plan and the coverage. The thematic maps hide two
    of the counts.
    """
    with as_role("owner"):
        for letter, families in FAMILIES.items():
            registered(letter, families)
        store = facility()
        for good in ("rice", "water", "family_kit", "blanket"):
            stocked(store, 400, good)
    counted()
    now = timezone.now()
    with as_role("worker"):
        found = take(magnitude=3.0).hazard
        covers(found, at("C", 0.1, 0.1), at("B", 0.9, 0.9))
        assessments.assess(found, now=now)
        Hazard.objects.filter(pk=found.pk).update(
            occurred_at=now - timedelta(minutes=4), received_at=now
        )
        village_coverage.refresh(now=now)
    solved(found.assessments.get(), person("operator"))
    return Hazard.objects.get(pk=found.pk)


def addresses(hazard: Hazard) -> list[str]:
    page = reverse("commandcentre:hazard", args=[hazard.pk])
    return [
        *(BOARD, page, f"{page}?villages=all", f"{page}?days=7", f"{page}map.json"),
        *(f"{page}villages.csv", f"{page}villages.geojson", f"{page}report/"),
        *(f"{page}clusters.csv", f"{page}clusters.geojson"),
        *(f"{page}report/map.svg", f"{page}report/cap/", f"{BOARD}shift/"),
        *(COVERAGE, f"{COVERAGE}?families=1", f"{COVERAGE}?families=500"),
        f"{COVERAGE}villages.csv",
    ]


def content(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


def numbers(text: str) -> set[str]:
    """The numbers that are read in a page or a file, without those of coordinates."""
    words = re.sub(r"<[^>]*>", " ", MOMENT.sub("", text))
    return {one.replace(".", "") for one in re.findall(r"(?<![\d.,-])\d{1,3}(?:\.\d{3})*\b", words)}


def change_what_is_hidden() -> None:
    """Other counts of C and D, which are hidden as before."""
    with as_role("owner"):
        codes = {CODES["C"]: 1, CODES["D"]: 893}
        for code, families in codes.items():
            AffectedVillage.objects.filter(village=code).update(
                families=families, persons=families + 1, families_without_point=families,
                elderly=families // 2, disability=families // 3, share_families=0.25,
            )  # fmt: skip
            VillageCoverage.objects.filter(village=code).update(families=families)
        assessments.Assessment.objects.update(families=964, persons=966, totals={"elderly": 446})
        PlanNeed.objects.filter(village__in=codes).update(quantity=F("quantity") + 211)


def test_an_operator_sees_true_counts(signed_in, hazard):
    operator = signed_in("operator")
    page = reverse("commandcentre:hazard", args=[hazard.pk])
    assert {"3", "537", "610"} <= numbers(content(operator, page))
    assert {"537", "610"} <= numbers(content(operator, f"{page}report/"))
    assert f"{CODES['D']},Duku," in content(operator, f"{page}villages.csv")
    assert "537" in numbers(content(operator, COVERAGE))
    assert "disamarkan" not in content(operator, f"{page}villages.csv")


@pytest.mark.long
def test_a_planner_reads_no_hidden_count_nor_a_sum_with_one(signed_in, hazard):
    planner = signed_in("planner")
    for address in addresses(hazard):
        text = content(planner, address)
        cells = text.replace(",", " ") if address.endswith(".csv") else text
        assert not numbers(cells) & SECRET, address


@pytest.mark.long
def test_nothing_that_a_planner_sees_depends_on_a_hidden_count(signed_in, hazard):
    """If it did, it could be computed from what is seen: any such difference is a leak."""
    planner, operator = signed_in("planner"), signed_in("operator")
    seen = {one: MOMENT.sub("", content(planner, one)) for one in addresses(hazard)}
    page = content(operator, addresses(hazard)[1])
    change_what_is_hidden()
    for address, before in seen.items():
        assert MOMENT.sub("", content(planner, address)) == before, address
    assert content(operator, addresses(hazard)[1]) != page


def test_the_report_of_a_planner_does_not_depend_on_a_hidden_count(person, hazard):
    def drafted(role: str) -> issuing.Draft:
        return issuing.draft_report(hazard, reader=readers.reader_of(person(role)), at=NOW)

    planned, operated = drafted("planner"), drafted("operator")
    change_what_is_hidden()
    again = drafted("planner")
    assert (again.sheet, again.features, again.drawing) == (
        planned.sheet, planned.features, planned.drawing,
    )  # fmt: skip
    assert drafted("operator").sheet != operated.sheet
    text = str(planned.sheet)
    assert "≥ 70" in text
    assert "Disamarkan" in text


def test_a_hidden_count_and_the_one_that_would_tell_it_are_marked(signed_in, hazard):
    planner = signed_in("planner")
    page = reverse("commandcentre:hazard", args=[hazard.pk])
    features = loads(content(planner, f"{page}map.json"))["features"]
    villages = {
        one["properties"]["code"]: one["properties"]
        for one in features
        if one["properties"]["what"] == "village"
    }
    assert villages[CODES["A"]]["persons"] == 40
    for letter in "CD":
        assert "persons" not in villages[CODES[letter]]
        assert villages[CODES[letter]]["note"] == "disamarkan"
    assert not [one for one in features if "units" in one["properties"]]
    lines = content(planner, f"{page}villages.csv").splitlines()
    assert sum("disamarkan" in line for line in lines) == 2
    text = content(planner, page)
    assert "≥ 70" in text
    assert text.count('<abbr title="disamarkan">*</abbr>') >= 4


def test_the_coverage_neither_lists_nor_orders_nor_filters_by_a_hidden_count(signed_in, hazard):
    planner = signed_in("planner")

    def codes(query: str) -> list[str]:
        rows = planner.get(COVERAGE + query).context["page"].rows
        return [row.village_id for row in rows]

    assert set(codes("")) == {CODES[letter] for letter in FAMILIES}
    for least in (0, 1, 4, 5, 500):
        assert not {CODES["C"], CODES["D"]} & set(codes(f"?families={least}"))
    lines = content(planner, f"{COVERAGE}villages.csv").splitlines()
    assert sum("disamarkan" in line for line in lines) == 2


def test_a_count_that_is_small_is_hidden_before_the_thematic_maps_know_it(signed_in, hazard):
    with as_role("owner"):
        SuppressedRegion.objects.all().delete()
    features = loads(
        content(
            signed_in("planner"), f"{reverse('commandcentre:hazard', args=[hazard.pk])}map.json"
        )
    )["features"]
    shown = {
        one["properties"]["code"]: one["properties"].get("persons")
        for one in features
        if one["properties"]["what"] == "village"
    }
    assert (shown[CODES["C"]], shown[CODES["A"]]) == (None, 40)


def test_a_part_is_hidden_where_it_its_rest_or_its_whole_is_small(person, hazard):
    found = hazard.assessments.get()
    with as_role("owner"):
        SuppressedRegion.objects.all().delete()
        rows = AffectedVillage.objects.filter(assessment=found)
        rows.filter(village=CODES["A"]).update(persons=40, under_five=2, elderly=38, disability=20)
        rows.filter(village=CODES["B"]).update(families=30, families_without_point=29)
    reader = readers.reader_of(person("planner"))
    named = village_figures.rows_of(found, reader).select_related("village", "footprint")
    by_code = {one.village_id: one for one in village_figures.figures_of(named, reader)}
    row = by_code[CODES["A"]]
    assert (row.persons, row.under_five, row.elderly, row.disability) == (40, None, None, 20)
    assert by_code[CODES["B"]].families_without_point is None
    few = by_code[CODES["C"]]
    assert (few.families, few.persons, few.disability) == (None, None, None)
    totals = village_figures.totals_of(found, reader)
    assert (totals["under_five"].value, totals["disability"].value) == (0, 20)


@pytest.mark.long
def test_plans_and_issued_reports_are_for_those_who_act(signed_in, person, hazard):
    operator = person("operator")
    report = issuing.issue_report(
        hazard=hazard, corrects=None, reason="", reader=readers.reader_of(operator), by=operator,
        now=NOW,
    )  # fmt: skip
    planner = signed_in("planner")
    closed = [
        reverse("commandcentre:plan", args=[hazard.plans.get().pk]),
        reverse("commandcentre:issued-report", args=[report.pk]),
        *(reverse("commandcentre:issued-file", args=[report.pk, end]) for end in ("pdf", "csv")),
    ]
    for address in closed:
        assert planner.get(address).status_code == 403, address
        assert signed_in("operator").get(address).status_code == 200, address
    page = content(planner, reverse("commandcentre:report", args=[hazard.pk]))
    assert not [address for address in closed if address in page]


def test_who_may_see_registered_persons_sees_true_counts(person, hazard):
    user = person("planner")
    assert not readers.reader_of(user).sees_all
    with as_role("owner"):
        grant(user, "steward", "ID")
    assert readers.reader_of(User.objects.get(pk=user.pk)).sees_all


def test_true_counts_of_one_region_say_nothing_of_another(person, hazard):
    found = hazard.assessments.get()
    whole = readers.reader_of(person("planner")).scope
    reader = readers.Reader(whole, readers.Scope((CODES["C"],)))
    named = village_figures.rows_of(found, reader).select_related("village", "footprint")
    by_code = {one.village_id: one for one in village_figures.figures_of(named, reader)}
    assert (by_code[CODES["C"]].families, by_code[CODES["D"]].families) == (3, None)
    assert village_figures.totals_of(found, reader)["families"] == readers.Total(73, 1)


def test_the_wall_shows_what_everybody_may_see(person, hazard):
    _wall, code = devices.make_wall(name="Ruang 1", by=person("operator"), now=timezone.now())
    screen = Browser(REMOTE_ADDR="10.0.0.5")
    screen.post(f"{BOARD}wall/", {"code": code})
    text = content(screen, f"{BOARD}wall/")
    assert "≥ 70" in text
    assert not numbers(text) & SECRET
    drawn = content(screen, f"{BOARD}wall/map/{hazard.pk}.svg")
    change_what_is_hidden()
    assert MOMENT.sub("", content(screen, f"{BOARD}wall/")) == MOMENT.sub("", text)
    assert content(screen, f"{BOARD}wall/map/{hazard.pk}.svg") == drawn


def test_the_work_that_assessed_keeps_no_count_of_people(hazard, person):
    with as_role("worker"):
        job = Job.objects.filter(subject=f"commandcentre.Hazard:{hazard.pk}").latest("pk")
        do(job)
        job.refresh_from_db()
    assert job.result["village_count"] == 4
    assert not {"families", "persons"} & set(job.result)


def test_counts_of_villages_reach_a_person_in_two_places_only():
    """Pages, maps, reports and files go through `village_figures` and `coverage_list`; the others
    compute: the assessment, its needs for plans, the coverage, the places of a plan's lines.
    """
    folder = Path(readers.__file__).parent
    tables = (
        "AffectedVillage",
        "VillageCoverage",
        "commandcentre_affected",
        "commandcentre_villagec",
    )
    reading = {
        str(path.relative_to(folder))
        for path in [*folder.rglob("*.py"), *folder.rglob("*.sql")]
        if any(name in path.read_text("utf-8") for name in tables)
    }
    assert {path for path in reading if not path.startswith(("models/", "migrations/"))} == {
        *("exposure/village_figures.py", "coverage/coverage_list.py"),
        *("exposure/assessment.py", "exposure/sql/count_affected.sql"),
        *("coverage/village_coverage.py", "coverage/sql/store_coverage.sql"),
        "reports/sql/draw_plan.sql",
        "exposure/sql/sum_programmes.sql",  # asked for who sees all counts alone
        "exposure/pruning.py",  # removes them
        "exposure/worsening.py",  # in how many villages anybody lives, which is not hidden
    }


def test_no_page_reads_the_stored_sums_of_an_assessment():
    pages = Path(settings.BASE_DIR) / "templates/commandcentre"
    stored = re.compile(r"(assessment|found)\.(families|totals)|(assessment)\.persons\|")
    assert [
        path.name for path in pages.rglob("*.html") if stored.search(path.read_text("utf-8"))
    ] == []
