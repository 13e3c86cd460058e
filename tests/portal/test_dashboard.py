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

from apps.accounts.roles import Role
from apps.casework.models import Cycle
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.proposals.models import Batch
from apps.proposals.pages import batch_lists
from portal.pages.region_progress import roughly
from tests.base import NOW, forget_cycles
from tests.conftest import as_role
from tests.personas import FOREIGN
from tests.proposals import factory

pytestmark = pytest.mark.django_db
HUMANS = [role.value for role in Role if role != Role.AGENCY]
WAITS = re.compile(r'<a href="([^"]+)"><span>.*?<span class="count">([\d.,]+)</span></a>', re.S)
CELLS = re.compile(r'<td class="number"><a href="([^"]+)">([\d.,]+)</a></td>')


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
        assert page.older is None, address
        if "waits=held" in address:  # rows, in these files
            return sum(batch.counts["held"] for batch in page.rows)
        return len(page.rows)
    return int(answer.context["cl"].result_count)


def number(text: str) -> int:
    return int(text.replace(".", "").replace(",", ""))


@pytest.mark.parametrize("role_name", HUMANS)
def test_every_number_leads_to_exactly_the_rows_that_it_counts(filled, signed_in, role_name):
    browser = signed_in(role_name)
    page = browser.get("/").content.decode()
    found = WAITS.findall(page) + CELLS.findall(page)
    wrong = {
        address: (count, rows_behind(browser, address))
        for address, count in found
        if number(count) != rows_behind(browser, address)
    }
    assert not wrong
    shown = {"verifier": 4, "head_of_office": 4, "regency_officer": 4, "pusdatin_verifier": 4}
    assert len(found) >= shown.get(role_name, 0)


@pytest.mark.parametrize("code", ["97.01.01", "97.01"])
def test_the_way_down_counts_the_same_rows(filled, signed_in, code):
    browser = signed_in("pusdatin_verifier")
    page = browser.get(f"/?region={code}").content.decode()
    found = CELLS.findall(page)
    assert found
    for address, count in found:
        assert rows_behind(browser, address) == number(count), address


def test_the_province_watches_counts_down_to_the_village_and_sees_no_rows(filled, signed_in):
    browser = signed_in("province_monitor")
    page = browser.get("/?region=97.01.01")
    lines = {line.code: line for line in page.context["progress"]["lines"]}
    assert lines[CODES["A"]].counts[0] == 1
    assert not CELLS.findall(page.content.decode())
    assert page.context["waiting"] == []


@pytest.mark.parametrize("role_name", ["province_monitor", "planner", "operator", "administrator"])
def test_a_role_without_rows_sees_no_small_counts(filled, signed_in, role_name):
    page = signed_in(role_name).get("/?region=97.01.01").content.decode()
    counts = re.findall(r'<td class="number">([^<]*)</td>', page)
    assert "1–4" in counts
    assert all(count == "1–4" or number(count) % 5 == 0 for count in counts)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (1, "1–4"), (4, "1–4"), (5, "5"), (7, "5"), (8, "10"), (1_234, "1.235")],
)
def test_counts_are_rounded_to_fives(count, shown):
    assert roughly(count) == shown


def test_a_region_outside_the_scope_is_ignored(filled, signed_in):
    browser = signed_in("verifier")
    own = browser.get("/").context["progress"]
    for code in (FOREIGN, "98", "99.99", "ID", "x"):
        asked = browser.get("/", {"region": code}).context["progress"]
        assert asked["area"] == ""
        assert [line.code for line in asked["lines"]] == [line.code for line in own["lines"]]


def test_villages_with_most_work_come_first_and_those_without_rows_are_counted(
    filled, signed_in, person
):
    factory.proposals(
        factory.batch(person("regency_officer")), 9, first=900, village="B", status="submitted"
    )
    progress = signed_in("verifier").get("/?region=97.01.01").context["progress"]
    codes = [line.code for line in progress["lines"]]
    with_lag = [line.code for line in progress["lines"] if line.lag]
    assert codes[: len(with_lag)] == with_lag
    assert progress["untouched"] == sum(1 for line in progress["lines"] if not line.total)


def test_an_officer_begins_with_a_file(filled, signed_in):
    actions = signed_in("village_officer").get("/").context["actions"]
    assert actions
    assert signed_in("verifier").get("/").context["actions"] == []


@pytest.mark.parametrize("role_name", ["village_officer", "verifier", "head_of_office"])
def test_regional_links_lead_to_the_officers_pages(filled, signed_in, role_name):
    page = signed_in(role_name).get("/").content.decode()
    links = [address for address, _count in WAITS.findall(page) + CELLS.findall(page)]
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
