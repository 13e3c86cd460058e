"""An officer mends a file in Chromium: the usability tests 1 and 2, rows in place, the phone."""

from __future__ import annotations

import gzip
import io
import re
import time
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.casework.models import Document
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.proposals.columns import TEMPLATE
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, FixedRow, Proposal
from apps.proposals.upload import intake
from tests.browser.conftest import PHONE, settled, working
from tests.browser.test_pages import FIRST_PAGE_BYTES, FIRST_PAGE_REQUESTS, serious
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.limits import within
from tests.proposals.sending import as_csv, point, row

pytestmark = pytest.mark.django_db(transaction=True)

GOOD, FAULTS = 470, 30
RECHECKED_S = 2  # from the key to the verdict beside the cell


def sent(rows, officer, name="usulan_nov.csv") -> Batch:
    """A file that was uploaded and checked."""
    with as_role("worker"):
        received = intake.receive_file(
            file=io.BytesIO(as_csv(rows)),
            file_name=name,
            by=officer,
            region_code="97.01",
            now=timezone.now(),
        )
        do(received.job)
        return Batch.objects.get(pk=received.batch.pk)


def work() -> None:
    """The worker does what waits."""
    with working():
        for job in Job.objects.filter(status="waiting", kind=row_fixes.FIX_ROWS).order_by("pk"):
            do(job)


def swapped(number: int) -> dict[str, str]:
    spot = point("A", 0.1 + number % 20 / 40, 0.1 + number // 20 / 40)
    return row(9000 + number, latitude=spot["longitude"], longitude=spot["latitude"])


def faults() -> list[tuple[dict[str, str], dict[str, str]]]:
    """Thirty bad rows of five kinds, each with the cells that mend it."""
    found = []
    for n in range(FAULTS):
        good = row(9500 + n)
        bad: dict[str, str] = [
            {"nik": good["nik"][:15]},
            {"birth_date": "31-02-1988"},
            {"sex": "X"},
            {"name": "S1TI"},
            {"kk": good["kk"] + "7"},
        ][n % 5]
        found.append((good | bad, {name: good[name] for name in bad}))
    return found


@pytest.mark.long
def test_five_hundred_rows_with_thirty_faults_are_mended_through_the_returned_file(
    as_person, person, tmp_path, shot
):
    officer = person("regency_officer")
    bad = faults()
    batch = sent([*(row(9000 + n) for n in range(GOOD)), *(one for one, _ in bad)], officer)
    page = as_person("regency_officer")
    page.goto(f"/proposals/batches/{batch.pk}/")
    expect(page.locator("#counts")).to_contain_text("470 ready to submit")
    expect(page.locator("#counts")).to_contain_text("30 must be fixed")
    expect(page.get_by_role("button", name="Submit 470 rows")).to_be_visible()
    shot(page, "500-rows")

    with page.expect_download() as fetched:
        page.get_by_role("link", name="must be fixed").click()
        page.get_by_role("link", name="Download these rows").click()
    corrected = _mended(Path(fetched.value.path()), bad, tmp_path)
    page.get_by_role("link", name="Upload corrections").click()
    shot(page, "corrections")
    page.locator("input[type=file]").set_input_files(corrected)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("The corrected rows are being read")).to_be_visible()
    work()
    expect(page.get_by_text("30 rows were changed")).to_be_visible(timeout=10_000)
    shot(page, "corrected")
    page.get_by_role("link", name="Back to the findings").click()
    expect(page.locator("#counts")).to_contain_text("500 ready to submit")
    page.get_by_role("button", name="Submit 500 rows").dblclick()
    expect(page.get_by_text(re.compile("500 rows submitted|submitted on"))).to_be_visible()
    shot(page, "submitted")
    with as_role("owner"):
        assert Proposal.objects.filter(status="submitted").count() == GOOD + FAULTS


def _mended(path: Path, bad: list, folder: Path) -> Path:
    """What the officer types into the returned workbook."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    sheet = book.active
    header = [cell.value for cell in sheet[1]]
    at = header.index("Row") + 1
    for line in range(2, sheet.max_row + 1):
        number = int(sheet.cell(line, at).value) - 1  # the line of the officer's file
        for name, value in bad[number - GOOD - 1][1].items():
            sheet.cell(line, header.index(TEMPLATE[name]) + 1).value = value
    target = folder / "usulan_nov-temuan.xlsx"
    book.save(target)
    return target


@pytest.mark.long
def test_214_swapped_points_are_one_group_seen_on_the_map_and_mended_by_one_button(
    as_person, person, shot
):
    officer = person("regency_officer")
    batch = sent([*(swapped(n) for n in range(214)), *(row(9300 + n) for n in range(6))], officer)
    page = as_person("regency_officer")
    page.goto(f"/proposals/batches/{batch.pk}/")
    group = page.get_by_role("row", name=re.compile("Latitude and longitude are swapped"))
    expect(group).to_have_count(1)
    expect(group).to_contain_text("214")
    shot(page, "groups")
    button = "Swap latitude and longitude for 214 rows"
    group.get_by_role("button", name=button).click()
    work()
    expect(page.get_by_text("214 rows would change")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name=button)).to_be_visible()
    assert serious(page) == []
    page.get_by_role("link", name="Map: then").click()
    expect(page.locator("#proposals-map")).to_have_attribute("data-drawn", "214")
    settled(page)
    assert serious(page) == []
    shot(page, "preview-map")
    page.get_by_role("link", name="Map: before").click()
    settled(page)
    shot(page, "preview-map-before")
    page.get_by_role("button", name=button).click()
    work()
    expect(page.get_by_text("214 rows were changed")).to_be_visible(timeout=10_000)
    shot(page, "swapped")
    page.get_by_role("link", name="Back to the findings").click()
    expect(page.get_by_text("Nothing must be fixed")).to_be_visible()
    with as_role("owner"):
        verdicts = set(Proposal.objects.filter(batch=batch).values_list("verdict", flat=True))
    assert verdicts == {"inside"}


@pytest.mark.timed
@pytest.mark.long
def test_enter_saves_a_cell_and_moves_down(as_person, person, shot):
    officer = person("regency_officer")
    rows = [row(9001, nik="12"), row(9002, nik="13"), row(9003)]
    batch = sent(rows, officer)
    page = as_person("regency_officer")
    page.goto(f"/proposals/batches/{batch.pk}/findings/nik_length/")
    first = page.locator("#row-1 input[name=nik]")
    expect(first).to_have_value("12")
    first.fill(row(9001)["nik"])
    first.press("Enter")
    expect(page.locator("#row-1")).to_contain_text("Being checked")
    expect(page.locator("#row-2 input[name=nik]")).to_be_focused()
    shot(page, "checking")
    work()
    expect(page.locator("#row-1")).to_contain_text("ready to submit", timeout=5_000)
    expect(page.locator("#row-1")).to_contain_text("before: 12")
    page.keyboard.type("139")
    began = time.monotonic()
    page.keyboard.press("Enter")
    expect(page.locator("#row-2")).to_contain_text("Being checked")
    work()
    expect(page.locator("#row-2")).to_contain_text("NIK has 3 digits", timeout=5_000)
    assert time.monotonic() - began <= within(RECHECKED_S)
    page.goto("about:blank")  # nothing asks any more while the tables are emptied
    shot(page, "edited")
    with as_role("owner"):
        changed = dict(FixedRow.objects.values_list("row_number", "before"))
    assert changed[1] == {"nik": "12"}


@pytest.mark.long
def test_evidence_is_brought_for_the_village_that_lacks_it(as_person, person, shot, tmp_path):
    officer = person("regency_officer")
    with as_role("owner"):
        Document.objects.filter(region_id=CODES["B"]).delete()
    batch = sent([row(9001), row(9002, village_code=CODES["B"], **point("B"))], officer)
    page = as_person("regency_officer")
    page.goto(f"/proposals/batches/{batch.pk}/")
    expect(page.get_by_text("Minutes were not uploaded for 1 of 2 villages.")).to_be_visible()
    expect(page.get_by_role("button", name="Submit 1 rows")).to_be_visible()
    page.get_by_role("link", name="Upload evidence").click()
    page.get_by_role("link", name="Upload Beji").click()
    page.get_by_label("Number").fill("12/BA/2026")
    page.get_by_label("Date on the document").fill("31-31-2026")
    shot(page, "evidence")
    page.get_by_role("button", name="Store").click()
    expect(page.locator("#wrong")).to_be_focused()
    assert page.title().startswith("To be corrected:")
    expect(page.get_by_label("Number")).to_have_value("12/BA/2026")
    shot(page, "evidence-wrong")
    page.get_by_label("Date on the document").fill("02-11-2026")
    paper = tmp_path / "ba.pdf"
    paper.write_bytes(b"%PDF-1.4\n%%EOF\n")
    page.locator("input[type=file]").set_input_files(paper)
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_text("Every village of this file has its evidence")).to_be_visible()
    page.goto(f"/proposals/batches/{batch.pk}/")
    page.get_by_role("button", name="Submit 2 rows").click()
    expect(page.get_by_text("2 rows submitted")).to_be_visible()


@pytest.fixture
def mixed(person) -> Batch:
    spot = point("A", 0.33, 0.33)
    rows = [
        *(swapped(n) for n in range(3)),
        *(row(9100 + n, nik=str(n)) for n in range(2)),
        *(row(9200 + n, **spot) for n in range(6)),
        row(9300, nik="9701 0150 0588 9300"),
    ]
    return sent(rows, person("regency_officer"))


PAGES = ["", "?view=map", "findings/axes_swapped/", "held/", "rows/4/", "evidence/", "corrections/"]


@pytest.mark.long
def test_nothing_runs_over_the_edge_of_a_phone_and_axe_is_content(mixed, as_person, shot):
    page = as_person("regency_officer", PHONE)
    found = {}
    for address in PAGES:
        page.set_viewport_size(PHONE)
        page.goto(f"/proposals/batches/{mixed.pk}/{address}")
        settled(page)
        shot(page, "phone-" + re.sub(r"\W+", "-", address))
        fits = page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        found[address] = fits, serious(page)
        page.set_viewport_size({"width": 1366, "height": 768})
        shot(page, "laptop-" + re.sub(r"\W+", "-", address))
    assert found == dict.fromkeys(PAGES, (True, []))


@pytest.mark.long
def test_the_pages_without_a_map_are_small(mixed, as_person):
    for address in ("", "findings/shared_point/", "held/", "evidence/"):
        page = as_person("regency_officer")
        assert _weight(page, f"/proposals/batches/{mixed.pk}/{address}") == []


def _weight(page: Page, address: str) -> list[str]:
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(gzip.compress(answer.body()))))
    page.goto(address)
    settled(page)
    over = []
    if len(sizes) > FIRST_PAGE_REQUESTS:
        over.append(f"{address}: {len(sizes)} requests")
    if sum(sizes) > FIRST_PAGE_BYTES:
        over.append(f"{address}: {sum(sizes)} bytes")
    return over
