"""The dashboard: each number of each role leads to exactly the rows that it counts."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.access import Scope
from apps.accounts.roles import Role
from apps.audit import record
from apps.audit.models import Action
from apps.casework.models import Cycle
from apps.common.disclosure import is_small
from apps.demo.country import CODES
from apps.indicators.measures import catalogue, region_figures
from apps.jobs.models import Job
from apps.proposals.models import Batch, Decision, Finding, Proposal, Severity
from apps.proposals.pages import batch_lists
from apps.regions.models import Boundary, Level
from portal.progress import region_findings, region_map
from tests.base import NOW, forget_cycles
from tests.conftest import as_role
from tests.indicators.measures.registered import counted
from tests.personas import FOREIGN
from tests.proposals import factory

pytestmark = pytest.mark.django_db
HUMANS = [role.value for role in Role if role != Role.AGENCY]
WAITS = re.compile(r'<a href="([^"]+)"><span>.*?<span class="count">([\d.,]+)</span></a>', re.S)
CELLS = re.compile(r'<td class="number">\s*<a href="([^"]+)">([\d.,]+)</a>\s*</td>')
FUNNEL, TREND, FINDINGS = "/progress/", "/progress/trend/", "/progress/findings/"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def filled(person, role):
    """Rows of every status in three villages and another regency, files of every kind, jobs."""
    officer = person("regency_officer")
    village = person("village_officer")
    batch = factory.batch(officer, status="submitted")
    first = 1
    statuses = [
        *("submitted", "verified", "endorsed", "accepted", "returned", "rejected"),
        *("withdrawn", "draft", "determined"),
    ]
    for number, status in enumerate(statuses, 1):
        for letter in "ABC":
            factory.proposals(batch, number, first=first, village=letter, status=status)
            first += number
    other = factory.batch(person("regency_officer", FOREIGN), region=FOREIGN, status="submitted")
    abroad = next(key for key, code in CODES.items() if code.startswith(FOREIGN))
    factory.proposals(other, 4, first=first, village=abroad, status="submitted")
    for by, counts, status in (
        (officer, {"rows": 3, "ready": 2, "held": 1}, Batch.Status.READY),
        (officer, {"rows": 3, "ready": 0, "held": 3}, Batch.Status.READY),
        (officer, {}, Batch.Status.FAILED),
        (village, {"rows": 1, "ready": 1, "held": 0}, Batch.Status.READY),
    ):
        factory.batch(by, region=village_home(by), status=status, counts=counts)
    with role("owner"):
        for status in (Job.Status.FAILED, Job.Status.RUNNING):
            Job.objects.create(
                kind="proposals.check_batch",
                subject="proposals.Batch:1",
                actor="system",
                status=status,
                created_at=NOW,
                heartbeat_at=NOW,
            )


def village_home(by: Any) -> str:
    return by.grants.get().region_id


def rows_behind(browser: Browser, address: str) -> int:
    answer = browser.get(unescape(address))
    assert answer.status_code == 200, address
    for name in ("total", "count"):
        if isinstance(answer.context.get(name), int):
            return int(answer.context[name])
    if isinstance(page := answer.context.get("page"), batch_lists.Page):
        assert not page.after, address
        if "waits=held" in address:  # rows, in these files
            return sum(batch.counts["held"] for batch in page.rows)
        return len(page.rows)
    return int(answer.context["cl"].result_count)


def number(text: str) -> int:
    return int(text.replace(".", "").replace(",", ""))


@pytest.mark.parametrize("role_name", HUMANS)
@pytest.mark.long
def test_every_number_leads_to_exactly_the_rows_that_it_counts(filled, signed_in, role_name):
    browser = signed_in(role_name)
    found = WAITS.findall(browser.get("/").content.decode())
    if browser.get("/").context["cards"]:
        for card in (FUNNEL, FINDINGS, TREND):
            found += CELLS.findall(browser.get(card).content.decode())
    wrong = {
        address: (count, rows_behind(browser, address))
        for address, count in found
        if number(count) != rows_behind(browser, address)
    }
    assert not wrong
    shown = {"verifier": 4, "head_of_office": 4, "regency_officer": 4, "pusdatin_verifier": 4}
    assert len(found) >= shown.get(role_name, 0)


@pytest.mark.parametrize("code", ["97.01.01", "97.01"])
@pytest.mark.long
def test_the_way_down_counts_the_same_rows(filled, signed_in, code):
    browser = signed_in("pusdatin_verifier")
    page = browser.get(f"{FUNNEL}?region={code}").content.decode()
    found = CELLS.findall(page)
    assert found
    for address, count in found:
        assert rows_behind(browser, address) == number(count), address


WATCHING = ["province_monitor", "planner", "operator", "administrator"]


def open_lines(browser: Browser, query: str) -> dict[str, int | None]:
    """Code → count, None where it is suppressed, of a page for who may not view proposals."""
    progress = browser.get(f"{FUNNEL}?{query}").context["progress"]
    return {line.code: line.count for line in (*progress.lines, *progress.untouched)}


@pytest.fixture
def many(filled, person):
    """Enough proposals under way that most counts are shown."""
    batch = factory.batch(person("regency_officer"), status="submitted")
    for number, (letter, count) in enumerate({"A": 40, "B": 30, "C": 25, "D": 50}.items()):
        factory.proposals(
            batch, count, first=2_000 + 100 * number, village=letter, status="submitted"
        )
    counted()


@pytest.mark.parametrize("role_name", WATCHING)
@pytest.mark.parametrize("query", ["", "region=97", "region=97.01", "region=97.01.01"])
@pytest.mark.long
def test_who_may_not_view_proposals_sees_the_numbers_of_the_thematic_maps(
    many, signed_in, role_name, query
):
    browser = signed_in(role_name)
    measure = catalogue.find("proposals_open")
    period = catalogue.periods_of(measure)[0]
    found = open_lines(browser, query)
    assert found
    for code, count in found.items():
        [row] = [
            one
            for one in region_figures.figures(
                measure, period, Level.of(code), "ID", scope=Scope(("",))
            )
            if one.code == code
        ]
        assert count == row.numerator
        assert not is_small(count or 0, 5)
    page = browser.get(f"{FUNNEL}?{query}").content.decode()
    assert not CELLS.findall(page)
    assert "1–4" not in page


def test_small_counts_are_suppressed_on_the_page_and_the_map_of_who_may_not_view_them(
    filled, signed_in
):
    """Four of I are under way."""
    counted()
    browser = signed_in("planner")
    found = open_lines(browser, "region=98.01.01")
    assert found[CODES["I"]] is None
    page = browser.get(f"{FUNNEL}?region=98.01.01").content.decode()
    assert set(re.findall(r'<td class="number">([^<]*)</td>', page)) == {"*"}
    drawn = browser.get(f"{FUNNEL}?region=98.01.01&view=map").context["map"]
    assert drawn.circles == []


@pytest.mark.parametrize("role_name", WATCHING)
def test_steps_and_findings_are_for_who_may_view_the_proposals(filled, signed_in, role_name):
    browser = signed_in(role_name)
    assert browser.get(TREND).status_code == browser.get(FINDINGS).status_code == 403
    assert [name for name, _title, _url in browser.get("/").context["cards"]] == ["progress"]


def test_a_region_outside_the_scope_is_ignored(filled, signed_in):
    browser = signed_in("verifier")
    own = browser.get(FUNNEL).context["progress"]
    for code in (FOREIGN, "98", "99.99", "ID", "x"):
        asked = browser.get(FUNNEL, {"region": code}).context
        assert asked["area"].code == ""
        assert codes_of(asked["progress"]) == codes_of(own)


def codes_of(progress: dict[str, Any]) -> list[str]:
    return [one["line"].code for one in progress["lines"]]


def test_villages_with_most_work_come_first_and_those_without_rows_are_folded(
    filled, signed_in, person
):
    factory.proposals(
        factory.batch(person("regency_officer")), 9, first=900, village="B", status="submitted"
    )
    page = signed_in("verifier").get(f"{FUNNEL}?region=97.01.01")
    lines = [one["line"] for one in page.context["progress"]["lines"]]
    assert [line.lag for line in lines] == sorted((line.lag for line in lines), reverse=True)
    assert all(line.total for line in lines)
    page = signed_in("pusdatin_verifier").get(f"{FUNNEL}?region=97")
    folded = page.context["progress"]["untouched"]
    assert "97.02" in [line.code for line in folded]
    assert not any(line.total for line in folded)
    assert 'details class="folded"' in page.content.decode()


def test_an_officer_begins_with_a_file(filled, signed_in):
    actions = signed_in("village_officer").get("/").context["actions"]
    assert actions
    assert signed_in("verifier").get("/").context["actions"] == []


@pytest.mark.parametrize("role_name", ["village_officer", "verifier", "head_of_office"])
def test_regional_links_lead_to_the_officers_pages(filled, signed_in, role_name):
    browser = signed_in(role_name)
    pages = "".join(browser.get(address).content.decode() for address in ("/", FUNNEL))
    links = [address for address, _count in WAITS.findall(pages) + CELLS.findall(pages)]
    assert any(link.startswith("/proposals/") for link in links)
    assert not any("admin/proposals/proposal" in link for link in links)


def test_pusdatin_keeps_the_admin(filled, signed_in):
    page = signed_in("pusdatin_verifier").get("/")
    links = [address for address, _count in WAITS.findall(page.content.decode())]
    assert any(link.startswith("/admin/proposals/proposal/") for link in links)
    assert page.context["house"]


def test_the_calendar_is_a_line_and_a_table_with_today_in_it(signed_in):
    page = signed_in("verifier").get("/")
    kinds = [kind for _day, _word, kind in page.context["days"]]
    assert set(kinds) == {"opens", "closes", "frozen", "today"}
    days = [day for day, _word, _kind in page.context["days"]]
    assert days == sorted(days)
    assert 'class="timeline"' in page.content.decode()


def test_without_a_calendar_the_page_says_who_sets_it(signed_in, role):
    with role("owner"):
        forget_cycles()
    page = signed_in("verifier").get("/")
    assert page.context["days"] == []
    assert page.status_code == 200


def test_a_past_cycle_names_the_next_opening(signed_in, role):
    with role("owner"):
        Cycle.objects.update(
            opens_date=date(2020, 1, 1), cutoff_date=date(2020, 1, 17), draw_date=date(2020, 1, 18)
        )
        Cycle.objects.create(
            name="Kelak",
            opens_date=date(2099, 1, 1),
            cutoff_date=date(2099, 1, 17),
            draw_date=date(2099, 1, 18),
        )
    page = signed_in("verifier").get("/")
    assert page.context["calendar"].shown.name == "Kelak"
    assert "Kelak" in page.content.decode()


@pytest.mark.parametrize(
    ("role_name", "most"), [("regency_officer", 30), ("verifier", 26), ("pusdatin_verifier", 30)]
)
def test_the_dashboard_asks_few_questions(
    filled, signed_in, django_assert_max_num_queries, role_name, most
):
    browser = signed_in(role_name)
    with django_assert_max_num_queries(most):
        browser.get("/")


def test_rows_to_be_mended_are_counted_with_the_day_until_when(person, signed_in):
    """Of a file whose other rows were submitted, too."""
    officer = person("regency_officer")
    with as_role("owner"):
        cycle = Cycle.objects.open_on(timezone.localdate()).first()
        batch = Batch.objects.create(
            region_id="97.01",
            user=officer,
            cycle=cycle,
            received_at=NOW,
            counts={"rows": 3, "ready": 1, "held": 2},
            status=Batch.Status.SUBMITTED,
        )
    browser = signed_in("regency_officer")
    lines = {line.url: line for line in browser.get("/").context["waiting"]}
    line = lines[f"/proposals/batches/{batch.pk}/mend/"]
    assert (line.count, line.until) == (2, cycle.cutoff_date)


def test_each_card_is_loaded_alone_and_keeps_the_region_of_the_address(filled, signed_in):
    browser = signed_in("verifier")
    cards = [
        url for _name, _title, url in browser.get("/?region=97.01.01&view=map").context["cards"]
    ]
    assert len(cards) == 3
    for url in cards:
        assert "region=97.01.01" in url
        part = browser.get(url, HTTP_HX_REQUEST="true").content.decode()
        assert "<html" not in part
        assert "<html" in browser.get(url).content.decode()


def test_a_role_without_progress_has_no_cards(signed_in):
    browser = signed_in("data_protection_officer")
    assert browser.get("/").context["cards"] == []
    assert browser.get(FUNNEL).status_code == 403


def test_the_trend_counts_the_steps_of_each_day_and_leads_to_them(filled, signed_in, person):
    steps = decided(person("verifier"), {"verified": 3, "endorsed": 1})
    browser = signed_in("verifier")
    page = browser.get(TREND).content.decode()
    found = CELLS.findall(page)
    assert sorted(number(count) for _address, count in found) == [1, 3]
    for address, count in found:
        assert rows_behind(browser, address) == number(count)
    listed = browser.get(unescape(found[0][0])).content.decode()
    assert any(one.proposal.name in listed for one in steps)
    assert not any(one.proposal.nik in listed for one in steps)


def test_an_undone_move_is_no_step_of_the_trend(filled, signed_in, person):
    decided(person("verifier"), {"verified": 2}, is_undo=True)
    assert signed_in("verifier").get(TREND).context["trend"]["days"] == []


@pytest.mark.parametrize("viewer", ["verifier", "steward"])
def test_a_step_that_was_undone_and_taken_again_counts_once(filled, signed_in, person, viewer):
    decided(person("verifier"), {"verified": 3})
    decided(person("verifier"), {"submitted": 2}, is_undo=True)
    decided(person("verifier"), {"verified": 1})
    browser = signed_in(viewer)
    ((address, count),) = CELLS.findall(browser.get(TREND).content.decode())
    assert number(count) == rows_behind(browser, address) == 2


def test_steps_of_another_regency_are_not_in_the_list_of_a_day(filled, signed_in, person):
    decided(person("verifier"), {"verified": 2})
    browser = signed_in("verifier", FOREIGN)
    day = timezone.localdate().isoformat()
    for region in ("", "97.01"):
        page = browser.get(f"/progress/steps/?region={region}&day={day}&status=verified")
        assert page.context["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["day=x", "day=2026-99-99", "status=x", "after=x", "region=../x"]
    + ["day=9999-12-31", "day=0001-01-01"],
)
def test_a_day_that_cannot_be_read_is_no_fault(signed_in, query):
    assert signed_in("verifier").get(f"/progress/steps/?{query}").status_code == 200


def decided(by: Any, counts: dict[str, int], *, is_undo: bool = False) -> list[Decision]:
    """So many decisions of today on rows of village A."""
    with as_role("owner"):
        rows = list(Proposal.objects.filter(village_id=CODES["A"])[: sum(counts.values())])
        reached = [status for status, count in counts.items() for _n in range(count)]
        return Decision.objects.bulk_create(
            Decision(
                proposal=row,
                village_id=row.village_id,
                from_status="submitted",
                to_status=status,
                by=by,
                by_name=str(by),
                at=timezone.now(),
                is_undo=is_undo,
            )
            for row, status in zip(rows, reached, strict=True)
        )


def test_findings_are_counted_by_region_and_lead_to_exactly_these_rows(filled, signed_in):
    with as_role("owner"):
        rows = list(Proposal.objects.filter(village_id=CODES["A"], status="submitted"))
        rows += Proposal.objects.filter(village_id=CODES["B"], status="verified")
        Proposal.objects.filter(pk__in=[row.pk for row in rows]).update(severity=Severity.WARNING)
        for row in rows:
            for field in ("kk", "nik"):  # twice the same kind: one proposal
                Finding.objects.create(
                    batch_id=row.batch_id,
                    row_number=row.row_number,
                    code="kk_two_villages",
                    severity=Severity.WARNING,
                    field=field,
                )
    browser = signed_in("verifier")
    page = browser.get(f"{FINDINGS}?region=97.01.01").content.decode()
    found = {number(count): address for address, count in CELLS.findall(page)}
    assert set(found) == {1, 2}
    for count, address in found.items():
        assert rows_behind(browser, address) == count


def test_the_map_has_a_circle_for_each_region_that_leads_to_its_rows(filled, signed_in):
    browser = signed_in("verifier")
    page = browser.get(f"{FUNNEL}?view=map&region=97.01.01&show=submitted")
    drawing = page.context["map"]
    assert {circle.code for circle in drawing.circles} == {CODES["A"], CODES["B"]}
    assert drawing.paths
    for circle in drawing.circles:
        assert rows_behind(browser, circle.url) == number(circle.text)


def test_without_room_for_names_each_circle_still_has_its_own_and_its_region_opens(
    filled, signed_in, monkeypatch
):
    monkeypatch.setattr(region_map, "MOST_NAMES", 0)
    page = signed_in("verifier").get(f"{FUNNEL}?view=map")
    text = page.content.decode()
    circles = page.context["map"].circles
    assert circles
    for circle in circles:
        assert f"<title>{circle.name}: {circle.text}</title>" in text
        assert re.search(
            rf'href="[^"]*region={circle.code}&amp;view=map[^"]*">{circle.name}<', text
        )
        assert circle.name != circle.code
    assert "<text x=" not in text.partition("legend-strip")[0]


def test_the_trend_says_how_many_a_day_are_needed_until_the_freeze(filled, signed_in):
    known = signed_in("verifier").get(TREND).context["trend"]
    pace, cycle = known["pace"], known["cycle"]
    waiting = Proposal.objects.filter(village__code__startswith="97.01")
    with as_role("owner"):
        verify = waiting.filter(status="submitted").count()
        endorse = waiting.filter(status="verified").count()
    days = (cycle.draw_date - timezone.localdate()).days
    assert (pace.to_verify, pace.to_endorse, pace.days) == (verify, verify + endorse, days)
    assert verify and pace.verify_a_day == -(-verify // days)


def test_rarer_findings_are_a_list_that_leads_to_their_rows(filled, signed_in, monkeypatch):
    with as_role("owner"):
        of_district = Proposal.objects.filter(village__code__startswith="97.01.01")
        rows = list(of_district.filter(status="submitted"))
        of_district.update(severity=Severity.WARNING)
        for row, code in (
            (rows[0], "name_titled"), (rows[0], "kk_two_villages"), (rows[1], "kk_two_villages"),
        ):  # fmt: skip
            Finding.objects.create(
                batch_id=row.batch_id,
                row_number=row.row_number,
                code=code,
                severity=Severity.WARNING,
            )
    monkeypatch.setattr(region_findings, "MOST_KINDS", 1)
    browser = signed_in("verifier")
    page = browser.get(f"{FINDINGS}?region=97.01.01")
    others = page.context["findings"]["others"]
    assert others
    assert [one["severity"] for one in others] == sorted(
        (one["severity"] for one in others), reverse=True
    )
    for one in others:
        assert rows_behind(browser, one["cell"].url) == number(one["cell"].text)
        assert str(one["cell"].label) in page.content.decode()


def test_without_boundaries_the_map_says_so(filled, signed_in):
    with as_role("owner"):
        Boundary.objects.update(is_current=False)
    page = signed_in("verifier").get(f"{FUNNEL}?view=map")
    assert page.context["map"] is None
    assert 'class="tabs"' in page.content.decode()


def test_coming_and_going_are_no_recent_acts(signed_in, person):
    user = person("verifier")
    for action in (Action.SIGN_IN, Action.SIGN_OUT, Action.SIGN_IN_FAILED, Action.DECIDE):
        record.entry(action, about=user, by=user)
    recent = signed_in("verifier").get("/").context["recent"]
    assert [entry.action for entry, _subject in recent] == [Action.DECIDE]
