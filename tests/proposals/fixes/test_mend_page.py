"""One page for all rows that must be mended: worst first, cells and lists, saved as one change."""

from __future__ import annotations

import html
import re

import pytest
from django.utils import timezone

from apps.audit.models import Entry
from apps.jobs.models import Job
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, Fix
from apps.proposals.submitting.submission import submit
from apps.ui.paging import PAGE
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.proposals.sending import findings, places, row, send

pytestmark = pytest.mark.django_db

WHOLE = row(9004)["nik"]
FIELD = re.compile(r'<input type="(?:hidden|text)"\s+name="([^"]+)"\s+value="([^"]*)"')


@pytest.fixture(scope="module")
def sent(lasting):
    rows = [
        row(9001),
        row(9002, nik="12"),
        row(9003, birth_date="31-02-1988", sex="X", name="S1TI"),
        row(9004, sex="L"),
        row(9005, programme="BANTUAN", village_code="99"),
    ]
    with lasting():
        return send(rows, persona("regency_officer")).pk


@pytest.fixture
def batch(sent, person, gate):
    gate(person("regency_officer"))
    return Batch.objects.get(pk=sent)


@pytest.fixture
def browser(signed_in):
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def at(batch):
    return f"/proposals/batches/{batch.pk}/mend/"


def shown(answer):
    """What the page's form holds: the names of its fields with their values."""
    text = answer.content.decode()
    found = dict(FIELD.findall(text))
    for name, options in re.findall(r'<select name="([^"]+)"(.*?)</select>', text, re.S):
        found[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return {name: html.unescape(value) for name, value in found.items()}


def save(browser, batch, page, **cells):
    """Send the form with these cells typed over; names are `row__column`."""
    form = {name: value for name, value in shown(page).items() if name != "row"}
    form |= {name.removeprefix("r").replace("__", "-"): value for name, value in cells.items()}
    numbers = [line.row.number for line in page.context["page"].lines]
    return browser.post(at(batch), {**form, "row": numbers})


def work():
    with as_role("worker"):
        for job in Job.objects.filter(status="waiting", kind=row_fixes.FIX_ROWS).order_by("pk"):
            do(job)


def test_the_worst_rows_come_first_with_their_wrong_cells_only(browser, batch):
    page = browser.get(at(batch))
    lines = page.context["page"].lines
    assert [line.row.number for line in lines] == [3, 5, 2, 4]
    assert "4 rows must be fixed" in page.content.decode()
    cells = {
        line.row.number: [field.cell.name for fault in line.faults for field in fault.inputs]
        for line in lines
    }
    assert sorted(cells[3]) == ["birth_date", "name", "sex"]
    assert cells[2] == ["nik"]
    assert sorted(cells[5]) == ["programme", "village_code"]
    assert cells[4] == ["nik", "sex"]


def test_coded_cells_are_lists_and_villages_are_proposed(browser, batch):
    page = browser.get(at(batch))
    text = page.content.decode()
    assert '<select name="3-sex"' in text
    assert '<select name="5-programme"' in text
    assert shown(page)["3-sex"] == "X"  # what was written stays until somebody chooses
    assert re.search(r'name="5-village_code"[^>]*list="villages"', text, re.S)
    assert '<option value="97.01.01.2001">' in text


def test_a_whole_nik_is_masked_and_stays_where_nothing_is_typed(browser, batch):
    page = browser.get(at(batch))
    assert WHOLE not in page.content.decode()
    assert shown(page)["4-nik"] == ""
    save(browser, batch, page, r4__sex="P")
    work()
    assert places(batch)[4].nik == WHOLE


def test_looking_is_on_record(browser, batch):
    browser.get(at(batch))
    with as_role("worker"):
        assert Entry.objects.filter(action="read").latest("pk").details["rows"] == [3, 5, 2, 4]


def test_what_is_saved_is_one_change_and_the_page_shows_what_is_left(browser, batch):
    page = browser.get(at(batch))
    answer = save(
        browser, batch, page, r2__nik=row(9002)["nik"], r3__birth_date="10-05-1988", r3__sex="P"
    )
    fix = Fix.objects.get()
    assert answer["Location"] == f"{at(batch)}?fix={fix.pk}"
    assert (fix.kind, fix.rows) == ("edit", 2)
    waiting = browser.get(answer["Location"]).content.decode()
    assert "being checked" in waiting
    assert "http-equiv" in waiting  # without script, too
    work()
    left = browser.get(answer["Location"])
    assert "Ready to submit: 1. Must be fixed still: 1." in left.content.decode()
    assert [line.row.number for line in left.context["page"].lines] == [5, 3, 4]
    assert findings(batch)[3] == {"name_digits"}


def test_a_ticked_row_is_left_out_with_what_is_saved_beside(browser, batch):
    page = browser.get(at(batch))
    save(browser, batch, page, r5__drop="1", r2__nik=row(9002)["nik"])
    work()
    batch.refresh_from_db()
    assert (batch.counts["ready"], batch.counts["held"], batch.counts["dropped"]) == (2, 2, 1)
    shown_ = browser.get(f"/proposals/batches/{batch.pk}/dropped/").content.decode()
    assert "1 row is left out" in shown_
    browser.post(f"/proposals/batches/{batch.pk}/dropped/", {"row": "5"})
    work()
    batch.refresh_from_db()
    assert (batch.counts["held"], batch.counts["dropped"]) == (3, 0)


def test_nothing_typed_is_said_and_nothing_is_asked(browser, batch):
    answer = save(browser, batch, browser.get(at(batch)))
    assert "every cell is as it was" in answer.content.decode()
    assert not Fix.objects.exists()


def test_what_a_colleague_changed_meanwhile_is_told_and_what_was_typed_stays(browser, batch):
    page = browser.get(at(batch))
    save(browser, batch, page, r3__sex="P")
    work()
    answer = save(browser, batch, page, r3__name="SITI", r2__nik="123")
    text = answer.content.decode()
    assert "Row 4 was changed by" in text
    assert shown(answer)["3-name"] == "SITI"
    assert shown(answer)["2-nik"] == "123"
    assert shown(answer)["3-seen"] != shown(page)["3-seen"]


def test_fifty_rows_are_a_page_and_a_key_leads_on(browser, gate):
    officer = persona("regency_officer", name="lain")
    with as_role("owner"):
        batch = send([row(9000 + n, nik=str(n)) for n in range(1, 54)], officer)
    first = browser.get(at(batch))
    assert len(first.context["page"].lines) == PAGE
    rest = browser.get(f"{at(batch)}?{first.context['page'].pages.after}")
    assert [line.row.number for line in rest.context["page"].lines] == [51, 52, 53]
    assert rest.context["page"].pages.after == ""
    back = browser.get(f"{at(batch)}?{rest.context['page'].pages.before}")
    assert [line.row.number for line in back.context["page"].lines] == [*range(1, 51)]


def test_the_page_stays_after_the_others_were_submitted(browser, batch, gate):
    officer = batch.user
    gate(officer)
    submit(batch=batch, by=officer, now=timezone.now())
    page = browser.get(f"/proposals/batches/{batch.pk}/").content.decode()
    assert f'href="{at(batch)}">Fix 4 rows' in page
    assert "They can be mended until" in page
    save(browser, batch, browser.get(at(batch)), r2__nik=row(9002)["nik"])
    work()
    batch.refresh_from_db()
    assert batch.status == "ready"


def test_a_row_is_left_out_and_taken_in_again_on_its_own_page_and_in_its_group(browser, batch):
    address = f"/proposals/batches/{batch.pk}/rows/2/"
    answer = browser.post(address, {"drop": "1", "seen": "0"})
    assert answer["Location"] == f"{address}?fix={Fix.objects.get().pk}"
    work()
    page = browser.get(address).content.decode()
    assert "The row is left out" in page
    assert "12" in page  # its cells are still there
    line = browser.post(
        address, {"restore": "1", "code": "nik_length"}, headers={"HX-Request": "true"}
    )
    assert "Being checked" in line.content.decode()
    work()
    assert findings(batch)[2] == {"nik_length"}


def test_a_person_of_another_regency_finds_no_page(signed_in, person, batch):
    person("regency_officer", "97.02")
    other = signed_in("regency_officer", "97.02")
    assert other.get(at(batch)).status_code == 404
