"""From an uploaded file to the register, by the people who do it, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.jobs.models import Job
from apps.proposals import tasks
from apps.proposals.models import Batch
from tests.browser.conftest import working
from tests.personas import PASSWORD
from tests.proposals.test_admin_batches import HEADER, row

pytestmark = pytest.mark.django_db(transaction=True)

GOOD, NEIGHBOUR = 12, 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Fifteen good rows, three of them in the neighbouring village, and one to be mended."""
    rows = [row(9000 + n, village="ABCD"[n % 4]) for n in range(1, GOOD + 1)]
    rows += [row(9100 + n, village="A", at_village="B") for n in range(NEIGHBOUR)]
    rows += [row(9200, nik="97010102019")]
    path = tmp_path / "november.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def sign_in(page: Page, username: str) -> None:
    page.goto("/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile("/$"))


def check() -> Batch:
    with working():
        tasks.check_batch(job_id=Job.objects.latest("pk").pk)
        return Batch.objects.latest("pk")


def decide_all(page: Page, step: str, number: int) -> None:
    """The bulk page of everything that is open to a step."""
    page.goto("/admin/proposals/proposal/")
    page.get_by_role("button", name=re.compile(f"^{step} ")).click()
    expect(page.get_by_text(f"{number} proposals would be decided")).to_be_visible()
    page.get_by_role("button", name=f"{step} {number}").click()
    expect(page.get_by_text(f"{number} proposals decided.")).to_be_visible()


def test_a_file_becomes_register_by_five_people(stranger, as_person, person, file, shot):
    officer = stranger()
    sign_in(officer, person("regency_officer").username)
    shot(officer, "01-home")
    officer.get_by_role("link", name="Upload a file").click()
    officer.locator("input[type=file]").set_input_files(file)
    shot(officer, "02-upload")
    officer.get_by_role("button", name="Upload and check").click()
    expect(officer.get_by_text("Waiting for a free worker")).to_be_visible()
    shot(officer, "03-progress")
    assert check().counts["ready"] == GOOD + NEIGHBOUR
    # the page polls and comes back with the findings by itself
    submit = officer.get_by_role("button", name=f"Submit {GOOD + NEIGHBOUR} rows")
    expect(submit).to_be_visible(timeout=10_000)
    shot(officer, "04-findings")
    submit.click()
    expect(officer.get_by_text("15 rows submitted for review.")).to_be_visible()

    verifier = as_person("verifier")
    verifier.goto("/admin/proposals/proposal/")
    expect(verifier.locator("#proposals-map")).to_have_attribute("data-drawn", "15")
    expect(verifier.get_by_text("15 points drawn.")).to_be_visible()
    shot(verifier, "05-map")
    decide_all(verifier, "Verify", 15)
    decide_all(as_person("head_of_office"), "Endorse", 15)

    pusdatin = as_person("pusdatin_verifier")
    pusdatin.goto("/admin/proposals/proposal/?verdict=neighbour")
    expect(pusdatin.locator("#proposals-map")).to_have_attribute("data-drawn", "3")
    pusdatin.locator("tbody th a").first.click()
    expect(pusdatin.locator("#proposal-map")).to_have_attribute("data-drawn", "1")
    expect(pusdatin.get_by_text("The point lies in Beji (97.01.01.2002)")).to_be_visible()
    shot(pusdatin, "06-proposal")
    pusdatin.get_by_text("Return…").click()
    pusdatin.locator("#reason-return").select_option("wrong_point")
    pusdatin.locator("#note-return").fill("Titik di desa sebelah; ambil ulang di rumah.")
    pusdatin.get_by_role("button", name="Return", exact=True).click()
    expect(pusdatin.get_by_text("Here is the next one.")).to_be_visible()
    decide_all(pusdatin, "Accept", 14)

    determiner = as_person("determiner")
    determiner.goto("/admin/proposals/decree/determine/")
    expect(determiner.get_by_role("cell", name="14")).to_be_visible()
    determiner.get_by_label("Number of the decree").fill("88/HUK/2026")
    determiner.get_by_label("Date of the decree").fill("24-11-2026")
    shot(determiner, "07-determine")
    determiner.get_by_role("button", name="Determine").click()
    expect(determiner.get_by_text("The register is being changed")).to_be_visible()
    with working():
        tasks.determine(job_id=Job.objects.latest("pk").pk)
    expect(determiner.get_by_text("In force", exact=True)).to_be_visible(timeout=10_000)
    shot(determiner, "08-decree")
    with determiner.expect_download() as fetched:
        determiner.get_by_role("link", name="Download annex (CSV)").click()
    assert len(Path(fetched.value.path()).read_text().splitlines()) == 15

    determiner.goto("/admin/registry/person/")
    determiner.locator("input[name=nik]").fill("9701010201909001")
    determiner.get_by_role("button", name="Search").click()
    expect(determiner.get_by_role("link", name="WARGA CONTOH")).to_be_visible()
    shot(determiner, "09-person")


@pytest.mark.parametrize("persona", ["regency_officer", "verifier", "pusdatin_verifier"])
def test_the_admin_works_under_the_strict_policy(as_person, persona):
    page = as_person(persona)
    for address in ("/", "/admin/", "/admin/proposals/batch/", "/admin/proposals/proposal/"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        page.wait_for_load_state("networkidle")
