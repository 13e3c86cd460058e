"""Another ministry's register in Chromium: described, brought, matched once, run, a pair read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.reconciliation.models import Dataset
from tests import workers
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.test_duplicates import work
from tests.browser.test_journey import WORKED_MS, sign_in
from tests.conftest import as_role
from tests.reconciliation.sample_deliveries import a_source, as_csv, letters, row, rows
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db(transaction=True)

RUN_MS = 60_000
PERSONS, STRANGERS = 8, 2
# Headings that no dictionary knows, and what the steward says they are.
HEADINGS = {
    "NIK": ("Nomor identitas", "NIK"),
    "NAMA_LGKP": ("Sebutan", "Name needed"),
    "TGL_LHR": ("Lahirnya", "Date of birth"),
    "KODE_DESA": ("Kampung", "Village code"),
    "ID": ("Urut", "Number at the source"),
}


def named(of: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The rows under the ministry's own headings."""
    return [{own: one[ours] for ours, (own, _label) in HEADINGS.items()} for one in of]


@pytest.fixture
def delivered() -> list[dict[str, str]]:
    """Eight of the register, one of them without NIK and day and month swapped; two strangers."""
    born = date(1988, 1, 12)
    known_rows = []
    with as_role("worker"):
        for number in range(PERSONS):
            known = a_person(name=f"CONTOH {letters(9001 + number)}", birth_date=born)
            known_rows.append(row(9001 + number, NIK=known.nik or "", NAMA_LGKP=known.name))
    known_rows[0] |= {"NIK": "", "TGL_LHR": "01-12-1988"}
    strangers = [
        row(9500 + number, NAMA_LGKP=name, TGL_LHR="05-03-1949", KODE_DESA="98.01.01.2001")
        for number, name in enumerate(("WARSINI TUKINEM", "PONIRAN"))
    ]
    return [*known_rows, *strangers]


def written(folder: Path, name: str, of: Sequence[dict[str, str]]) -> Path:
    path = folder / name
    path.write_bytes(as_csv(of))
    return path


def describe(page: Page) -> None:
    """From the first page to a source that counts."""
    page.goto("/reconciliation/")
    page.get_by_role("link", name="All sources and deliveries").click()
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label("Code").fill("KEMENKES")
    page.get_by_label("Name").fill("Peserta kesehatan")
    page.get_by_label("Kind").select_option("programme")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("heading", name="This source is a draft")).to_be_visible()
    page.get_by_label("Ministry").fill("Kemenkes")
    page.get_by_label("Purpose").fill("Peserta di luar data induk")
    page.get_by_label("Legal basis").fill("Permenkes contoh")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Peserta kesehatan counts from now on.")).to_be_visible()


def bring(page: Page, path: Path, period: str = "") -> None:
    page.goto("/reconciliation/sources/KEMENKES/")
    page.get_by_role("link", name="Bring a delivery").click()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_label("Period").fill(period)
    page.get_by_role("button", name="Load", exact=True).click()
    page.wait_for_load_state()


def match(page: Page, labels: Sequence[tuple[str, str]] = tuple(HEADINGS.values())) -> None:
    """Say which column of the file is which of ours; the samples stand in each choice."""
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    for heading, label in labels:
        words = label.replace(" ", r"\s+")
        choice = page.get_by_label(re.compile(rf"^\s*{words}\b"))  # a proposal says why behind it
        told = choice.locator("option", has_text=f"{heading} —").get_attribute("value")
        choice.select_option(told)
    page.get_by_role("button", name="Load with these columns").click()
    page.wait_for_load_state()


def stop(page: Page, shot: Callable[[Page, str], Path], name: str) -> None:
    """What the steward sees here fits a laptop and a phone."""
    for kind, size in (("phone", PHONE), ("laptop", LAPTOP)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        settled(page)
        shot(page, f"{name}-{kind}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name


@pytest.mark.long
def test_a_steward_brings_two_deliveries_and_reads_why_a_pair_scored_as_it_did(
    delivered, stranger, person, tmp_path, shot
):
    page = stranger()
    sign_in(page, person("steward").username)
    describe(page)
    bring(page, written(tmp_path, "oktober.csv", named(delivered)), "2026-10")
    stop(page, shot, "columns")
    match(page)
    expect(page.get_by_text("Waiting for a free worker.")).to_be_visible()
    with workers.worker():
        # the page watches the loading and shows the profile by itself
        expect(page.get_by_text("10 rows", exact=True)).to_be_visible(timeout=WORKED_MS)
        expect(page.get_by_role("rowheader", name="Date of birth")).to_be_visible()
        stop(page, shot, "profile")
        bring_the_next(page, written(tmp_path, "november.csv", named(changed(delivered))))
        stop(page, shot, "second")
        run_against_the_register(page, shot)
    look_at_the_map(page, shot)
    read_a_pair(page, shot)


def changed(of: list[dict[str, str]]) -> list[dict[str, str]]:
    """A later state: one is told otherwise, one is gone, one is new."""
    kept = [one | {"KODE_DESA": "97.01.01.2002"} if n == 3 else one for n, one in enumerate(of)]
    return [*kept[:-1], row(9600, NAMA_LGKP="SUKARTI", TGL_LHR="09-09-1961")]


def bring_the_next(page: Page, path: Path) -> None:
    """Its columns are matched as in the first: it is loaded without a question."""
    bring(page, path, "2026-11")
    expect(page.get_by_role("heading", name="Peserta kesehatan, delivery 2")).to_be_visible()
    expect(page.locator(".tallies").first).to_have_text(
        re.compile(r"1 new\s*1 changed\s*1 gone\s*8 as before"), timeout=WORKED_MS
    )


def run_against_the_register(page: Page, shot: Callable[[Page, str], Path]) -> None:
    """Against the register as it is now; the page waits for the end by itself."""
    page.goto("/reconciliation/")
    page.get_by_role("link", name="Start a run").click()
    wanted = page.get_by_label("What is to be matched")
    told = wanted.locator("option", has_text="2026-11").get_attribute("value")
    wanted.select_option(told)
    expect(page.get_by_label("With", exact=True)).to_have_value("")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="Summary")).to_be_visible(timeout=RUN_MS)
    expect(page.locator(".boxes .sum")).to_contain_text(str(PERSONS + STRANGERS))
    expect(page.locator("#quality")).to_contain_text("Precision and recall are known once")
    expect(page.locator(".histogram rect")).not_to_have_count(0)
    stop(page, shot, "run")
    page.get_by_label("Lower threshold").fill("30")
    page.get_by_label("Upper threshold").fill("30")
    expect(page.locator("#effect")).to_contain_text("Effect, with people")
    shot(page, "effect")


def look_at_the_map(page: Page, shot: Callable[[Page, str], Path]) -> None:
    run = page.url
    page.get_by_role("link", name="Open coverage").click()
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page.locator("#coverage-map")).to_have_attribute("data-drawn", re.compile("[1-9]"))
    stop(page, shot, "coverage")
    page.goto(run)


def read_a_pair(page: Page, shot: Callable[[Page, str], Path]) -> None:
    """The pair without a NIK: a bar says what a swapped day and month count for."""
    page.get_by_role("link", name=re.compile("^Linked")).click()
    stop(page, shot, "pairs")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(PERSONS)
    rows.filter(has_not_text="••").or_(rows.last).last.get_by_role("link").click()
    line = page.get_by_role("row", name=re.compile("^Date of birth"))
    expect(line).to_contain_text("day and month swapped")
    expect(line).to_contain_text(re.compile(r"adds \d"))
    expect(line.locator("svg rect.up")).to_be_visible()
    expect(page.locator(".sum-line")).to_contain_text(re.compile(r"start .+ sum .+ one person"))
    stop(page, shot, "pair")


# --- what is wrong with a file is said on its page, and mended there ------------------------------

MENDED = tuple(HEADINGS.values())
SWAPPED = (("Sebutan", "NIK"), ("Nomor identitas", "Name needed"), *MENDED[2:])


@pytest.fixture
def steward(as_person) -> Page:
    a_source("KEMENKES", name="Peserta kesehatan")
    return as_person("steward")


@pytest.mark.long
def test_a_name_taken_for_the_nik_is_told_and_mended_on_the_page(steward, tmp_path, shot):
    bring(steward, written(tmp_path, "padan.csv", named(rows(30))))
    match(steward, SWAPPED)
    work()
    told = steward.locator(".note.fix")
    expect(told).to_contain_text(
        "Column Sebutan was taken for NIK, but 30 of 30 rows hold something else there. Nothing was"
        " loaded. Match the columns and load it again."
    )
    stop(steward, shot, "wrong-column")
    steward.get_by_role("link", name="Match columns").click()
    match(steward)
    work()
    expect(steward.get_by_text("30 rows", exact=True)).to_be_visible()


@pytest.mark.long
def test_a_file_without_names_says_so_and_what_to_do(steward, tmp_path, shot):
    bring(steward, written(tmp_path, "tanpa_nama.csv", rows(10, NAMA_LGKP="")))
    work()
    expect(steward.locator(".note.fix")).to_contain_text(
        "Not one of 10 rows holds a name. Nothing was loaded. Look at the column that was taken for"
        " the name, or ask the source for a new file."
    )
    stop(steward, shot, "no-names")


@pytest.mark.long
def test_a_needed_column_that_was_not_chosen_is_named(steward, tmp_path, shot):
    bring(steward, written(tmp_path, "padan.csv", named(rows(3))))
    match(steward, [MENDED[0]])
    summary = steward.get_by_role("alert")
    expect(summary).to_contain_text("Still without a column: Name.")
    expect(summary).to_be_focused()
    expect(steward).to_have_title(re.compile("^There is a problem"))
    # what was chosen is still chosen
    expect(steward.get_by_label("NIK", exact=True)).to_have_value("0")
    stop(steward, shot, "column-missing")


@pytest.mark.long
def test_the_same_file_once_more_leads_to_the_delivery_that_it_became(steward, tmp_path, shot):
    path = written(tmp_path, "padan.csv", rows(10))
    bring(steward, path)
    work()
    bring(steward, path)
    expect(steward.locator("p.note")).to_contain_text(
        re.compile(r"This file was brought already, on .+ by Steward-Id. Nothing was loaded twice")
    )
    expect(steward.get_by_role("heading", name="Peserta kesehatan, delivery 1")).to_be_visible()
    stop(steward, shot, "twice")
    with as_role("owner"):
        assert Dataset.objects.count() == 1


@pytest.mark.long
def test_a_file_that_is_no_table_stays_on_the_form(steward, tmp_path, shot):
    path = tmp_path / "surat.pdf"
    path.write_bytes(b"%PDF-1.7 surat")
    bring(steward, path, "2026-11")
    summary = steward.locator("#error-summary")
    expect(summary).to_contain_text("surat.pdf")
    expect(summary).to_contain_text("Save it as one of them.")
    expect(steward.get_by_label("Period")).to_have_value("2026-11")
    stop(steward, shot, "no-table")
