"""All rows that must be fixed on one page, by the keyboard: a whole file in few clicks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.proposals.models import Finding, Proposal
from tests import workers
from tests.browser.conftest import PHONE, settled
from tests.browser.test_findings import sent, work
from tests.browser.test_pages import serious
from tests.conftest import as_role
from tests.proposals.sending import PREFIX, as_csv, point, row

pytestmark = pytest.mark.django_db(transaction=True)

ROWS, FAULTY, KINDS_OF_FAULT = 60, 35, 21
MOST_CLICKS = 20
WORKED_MS = 30_000
# Each kind of fault: what stands in the file instead of what is right.
BAD: list[Callable[[dict[str, str]], dict[str, str]]] = [
    lambda good: {"nik": good["nik"][:15]},
    lambda good: {"nik": good["nik"][:12] + "O" + good["nik"][13:]},
    lambda good: {"nik": "9" * 16},
    lambda good: {"nik": good["nik"][:12] + "0000"},
    lambda good: {"nik": PREFIX + "990588" + good["nik"][12:]},
    lambda good: {"kk": good["kk"] + "7"},
    lambda good: {"kk": good["kk"][:12] + "l" + good["kk"][13:]},
    lambda good: {"kk": "0" * 16},
    lambda good: {"name": "S1TI"},
    lambda good: {"name": "SITI @ AMINAH"},
    lambda good: {"name": "S"},
    lambda good: {"name": ""},
    lambda good: {"birth_date": "kemarin"},
    lambda good: {"birth_date": "10-05-88"},
    lambda good: {"birth_date": "31-02-1988"},
    lambda good: {"birth_date": "10-05-2088"},
    lambda good: {"rt": "A"},
    lambda good: {"ppks": "banyak"},
    lambda good: {"village_code": "97.01.01.9999"},
    lambda good: {"sex": "X"},
    lambda good: {"programme": "BANTUAN"},
]


def a_good_row(number: int) -> dict[str, str]:
    return row(9000 + number, **point("A", 0.1 + number % 30 / 40, 0.1 + number // 30 / 40))


class Clicks:
    """A hand on the mouse that counts."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        self.count += 1
        target.click()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.type || ''"))


@pytest.mark.long
def test_sixty_rows_with_thirty_five_faults_are_submitted_in_few_clicks(
    as_person, person, tmp_path, shot
):
    good = {number: a_good_row(number) for number in range(1, ROWS + 1)}
    bad = {
        number: good[number] | BAD[(number - 1) % len(BAD)](good[number])
        for number in range(1, FAULTY + 1)
    }
    path = tmp_path / "usulan_nov.csv"
    path.write_bytes(as_csv([bad.get(number, one) for number, one in good.items()]))
    page, hand = as_person("regency_officer"), Clicks()
    page.goto("/")
    with workers.worker():
        hand.on(page.get_by_role("link", name="Upload a file"))
        hand.count += 1  # the dialog of the file
        page.locator("input[type=file]").set_input_files(path)
        hand.on(page.get_by_role("button", name="Upload and check"))
        fix = page.get_by_role("link", name=f"Fix {FAULTY} rows")
        expect(fix).to_be_visible(timeout=WORKED_MS)
        with as_role("owner"):
            kinds = Finding.objects.filter(severity=3).values("code").distinct().count()
        assert kinds >= KINDS_OF_FAULT
        shot(page, "findings")
        hand.on(fix)
        hand.on(page.locator("[data-column]").first)
        shot(page, "mend")
        _type_all(page, good)
        shot(page, "typed")
        assert focused(page) == "submit"
        page.keyboard.press("Enter")
        expect(page.get_by_text("No row of this file must be fixed.")).to_be_visible(
            timeout=WORKED_MS
        )
        expect(page.locator("#done")).to_contain_text(f"Ready to submit: {FAULTY}.")
        shot(page, "mended")
        hand.on(page.get_by_role("link", name="Back to the findings"))
        hand.on(page.get_by_role("button", name=f"Submit {ROWS} rows"))
        expect(page.get_by_text(f"{ROWS} rows submitted")).to_be_visible()
    with as_role("owner"):
        assert Proposal.objects.filter(status="submitted").count() == ROWS
    assert hand.count <= MOST_CLICKS


def _type_all(page: Page, good: dict[int, dict[str, str]]) -> None:
    """With Tab from cell to cell; a list is chosen from by its first letters."""
    for _step in range(20 * FAULTY):
        name = focused(page)
        if name == "submit":
            return
        number, _dash, column = name.partition("-")
        if number.isdigit() and column != "drop":
            page.keyboard.press("Control+A")
            page.keyboard.press("Delete")
            page.keyboard.type(good[int(number)].get(column, ""))
        page.keyboard.press("Tab")
    raise AssertionError("the button was never reached")


@pytest.fixture
def page_of_four(as_person, person) -> Page:
    officer = person("regency_officer")
    rows = [
        row(9001, nik="12", birth_date="31-02-1988"),
        row(9002, birth_date="x", sex="X"),
        row(9003, nik="13"),
        row(9004),
        row(9005, nik=row(9004)["nik"]),
    ]
    batch = sent(rows, officer)
    page = as_person("regency_officer")
    page.goto(f"/proposals/batches/{batch.pk}/mend/")
    return page


@pytest.mark.long
def test_enter_goes_down_the_column_and_leaves_nothing_behind(page_of_four, shot):
    page = page_of_four
    assert [one.get_attribute("id") for one in page.locator(".mend-row").all()] == [
        "row-1",
        "row-2",
        "row-3",
        "row-5",
    ]  # two faults each, then one
    page.locator("[name='1-nik']").focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    assert focused(page) == "3-nik"  # the same column, past a row without it
    page.keyboard.press("Enter")
    assert focused(page) == "5-nik"
    page.keyboard.press("Enter")
    assert focused(page) == "submit"
    page.locator("[name='1-birth_date']").focus()
    page.keyboard.press("Enter")
    assert focused(page) == "2-birth_date"
    page.locator("[name='2-sex']").focus()
    page.keyboard.press("Enter")
    assert focused(page) == "3-nik"  # no such column below: the next row
    assert page.locator("[name='1-nik']").input_value() == "112"
    assert "fix=" not in page.url  # nothing was sent
    assert serious(page) == []
    page.reload()


@pytest.mark.long
def test_a_row_is_left_out_there_and_taken_in_again(page_of_four, shot):
    page = page_of_four
    page.locator("#row-5").get_by_label("Leave this row out").check()
    page.locator("[name='3-nik']").fill(row(9003)["nik"])
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("are being checked")).to_be_visible()
    work()
    expect(page.locator("#done")).to_contain_text("Left out: 1.", timeout=10_000)
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator(".mend-row")).to_have_count(2)
    shot(page, "left")
    page.get_by_role("link", name="usulan_nov.csv").click()
    page.get_by_role("link", name="left out").click()
    shot(page, "dropped")
    page.get_by_role("button", name="Take in again").click()
    work()
    expect(page.get_by_text("1 row was taken in again: 6.")).to_be_visible(timeout=10_000)


@pytest.mark.long
def test_without_script_the_form_saves_all_the_same(page_of_four, browser, portal):
    page = page_of_four
    plain = browser.new_context(java_script_enabled=False, base_url=portal)
    plain.add_cookies(page.context.cookies())
    still = plain.new_page()
    still.goto(page.url)
    still.locator("[name='3-nik']").fill(row(9003)["nik"])
    still.locator("[name='3-nik']").press("Enter")
    still.wait_for_url(re.compile(r"fix=\d+$"))
    work()
    still.get_by_role("link", name=re.compile("Load again|Muat")).click()
    expect(still.locator("#done")).to_be_visible()
    expect(still.locator(".mend-row")).to_have_count(3)
    plain.close()


@pytest.mark.long
def test_the_page_fits_a_phone_and_a_laptop(page_of_four, shot):
    page = page_of_four
    for size, name in ((PHONE, "phone"), ({"width": 1366, "height": 768}, "laptop")):
        page.set_viewport_size(size)
        settled(page)
        shot(page, f"mend-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert serious(page) == []


@pytest.mark.long
def test_a_group_is_left_out_after_it_was_shown(as_person, person, shot):
    officer = person("regency_officer")
    batch = sent([row(9001, nik="12"), row(9002, nik="13"), row(9003)], officer)
    page = as_person("regency_officer")
    page.goto(f"/proposals/batches/{batch.pk}/findings/nik_length/")
    page.get_by_role("button", name="Leave 2 rows out").click()
    work()
    expect(page.get_by_text("2 rows would be left out")).to_be_visible(timeout=10_000)
    shot(page, "group-preview")
    page.get_by_role("button", name="Leave 2 rows out").click()
    work()
    expect(page.get_by_text("2 rows were left out")).to_be_visible(timeout=10_000)
    page.get_by_role("link", name="Back to the findings").click()
    expect(page.locator("#counts")).to_contain_text("2 left out")
