"""From a boundary layer and a file to the register, by the people who do it, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import box

from apps.demo import country
from apps.demo.country import CODES
from apps.regions.models import Boundary, ShapeSet
from tests import workers
from tests.browser.conftest import settled, working
from tests.browser.map_tools import POINTS, drawn
from tests.browser.test_form import until
from tests.personas import PASSWORD
from tests.proposals.test_admin_batches import HEADER, row

pytestmark = pytest.mark.django_db(transaction=True)

GOOD, NEIGHBOUR = 12, 3
EDITION = "BIG 2026-07"
WORKED_MS = 20_000


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """The made-up country in BIG's layout: A without its western tenth, and H, which had none."""
    west, south = country.at("A", 0.1, 0)
    villages = country.villages() | {
        CODES["A"]: box(west, south, *country.at("A", 1, 1)),
        CODES["H"]: box(*country.at("H", 0, 0), *country.at("H", 1, 1)),
    }
    path = tmp_path / "batas_desa.gpkg"
    country.write_boundaries(path, villages)
    return path


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


def upload_layer(page: Page, layer: Path) -> None:
    page.goto("/admin/regions/boundaryedition/")
    page.get_by_role("link", name="Upload an edition").click()
    page.locator("input[type=file]").set_input_files(layer)
    page.get_by_label("Name of the edition").fill(EDITION)
    page.get_by_label("Published on").fill("2026-07-31")
    page.get_by_label("Covers the whole of (region code)").fill("ID")
    page.get_by_role("button", name="Upload and read").click()
    expect(page.get_by_text("Waiting for a free worker")).to_be_visible()


def activate(page: Page, shot: Callable[[Page, str], Path]) -> None:
    """The report with its map, what activating would change, and the edition in force."""
    expect(page.get_by_role("heading", name="Quality report")).to_be_visible(timeout=WORKED_MS)
    expect(page.get_by_text("16 features read")).to_be_visible()
    expect(page.locator("#map-note")).to_contain_text("remarks with a place are drawn")
    shot(page, "02-report")
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page.get_by_role("rowheader", name=re.compile("Halim"))).not_to_have_count(0)
    page.get_by_role("link", name="Activate…").click()
    expect(page.get_by_text("2 regions change")).to_be_visible()
    shot(page, "03-activate")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=WORKED_MS)
    expect(page.get_by_role("link", name="Activate…")).to_have_count(0)
    with working():
        in_force = Boundary.objects.filter(is_current=True)
        assert {boundary.edition.name for boundary in in_force} == {EDITION}


def decide_all(page: Page, step: str, number: int) -> None:
    """The bulk page of everything that is open to a step."""
    page.goto("/admin/proposals/proposal/")
    page.get_by_role("button", name=re.compile(f"^{step} ")).click()
    expect(page.get_by_text(f"{number} proposals would be decided")).to_be_visible()
    page.get_by_role("button", name=f"{step} {number}").click()
    expect(page.get_by_text(f"{number} proposals decided.")).to_be_visible()


def test_a_layer_and_a_file_become_register_by_five_people(
    stranger, as_person, person, layer, file, shot
):
    pusdatin = as_person("pusdatin_verifier")
    upload_layer(pusdatin, layer)
    shot(pusdatin, "01-waiting")
    with workers.worker():
        activate(pusdatin, shot)
        submit(stranger(), person("regency_officer").username, file, shot)
        decide(as_person, shot)
        determine(as_person("determiner"), shot)


def submit(officer: Page, username: str, file: Path, shot: Callable[[Page, str], Path]) -> None:
    """Upload a file, watch its check, submit what is good."""
    sign_in(officer, username)
    shot(officer, "04-home")
    officer.get_by_role("link", name="Upload a file").click()
    officer.locator("input[type=file]").set_input_files(file)
    shot(officer, "05-upload")
    officer.get_by_role("button", name="Upload and check").click()
    # the page polls and comes back with the findings by itself
    button = officer.get_by_role("button", name=f"Submit {GOOD + NEIGHBOUR} rows")
    expect(button).to_be_visible(timeout=WORKED_MS)
    shot(officer, "06-findings")
    button.click()
    expect(officer.get_by_text("15 rows submitted for review.")).to_be_visible()


def decide(as_person: Callable[..., Page], shot: Callable[[Page, str], Path]) -> None:
    """Verify, endorse, return one whose point lies next door, accept the others."""
    verifier = as_person("verifier")
    verifier.goto("/admin/proposals/proposal/")
    outlined = ShapeSet.objects.filter(ready_at__isnull=False)
    with working():
        until(outlined.exists, "the outlines were not made")
    verifier.reload()
    drawn(verifier)
    assert len(set(verifier.evaluate(POINTS))) == 15
    expect(verifier.get_by_text("15 of 15 are on the map")).to_be_visible()
    expect(verifier.get_by_text(f"Boundaries: BIG, edition {EDITION}")).to_be_visible()
    shot(verifier, "07-map")
    decide_all(verifier, "Verify", 15)
    decide_all(as_person("head_of_office"), "Endorse", 15)

    pusdatin = as_person("pusdatin_verifier")
    pusdatin.goto("/admin/proposals/proposal/?verdict=neighbour")
    expect(pusdatin.locator("#ws-rows tbody tr")).to_have_count(3)
    pusdatin.locator("tbody th a").first.click()
    evidence = pusdatin.get_by_role("region", name="Evidence")
    expect(evidence.get_by_text("The point lies in Beji (97.01.01.2002)")).to_be_visible()
    shot(pusdatin, "08-proposal")
    pusdatin.locator("summary", has_text="Return…").click()
    pusdatin.locator("#reason-return").select_option("wrong_point")
    pusdatin.locator("#note-return").fill("Titik di desa sebelah; ambil ulang di rumah.")
    pusdatin.get_by_role("button", name="Return", exact=True).click()
    expect(pusdatin.get_by_text("Here is the next one.").first).to_be_visible()
    decide_all(pusdatin, "Accept", 14)


def determine(determiner: Page, shot: Callable[[Page, str], Path]) -> None:
    """By decree; then the annex, and one person found in the register."""
    determiner.goto("/admin/proposals/decree/determine/")
    # accepted, and of these not checked
    expect(determiner.get_by_role("cell", name="14", exact=True)).to_have_count(2)
    determiner.get_by_label("Number of the decree").fill("88/HUK/2026")
    determiner.get_by_label("Date of the decree").fill("24-11-2026")
    determiner.get_by_label("Reason for determining others than matched").fill("Belum ditanya.")
    shot(determiner, "09-determine")
    determiner.get_by_role("button", name="Check", exact=True).click()
    expect(determiner.get_by_text("14 proposals would be determined")).to_be_visible()
    shot(determiner, "09-determine-check")
    determiner.get_by_role("button", name="Determine 14 proposals").click()
    expect(determiner.get_by_text("In force", exact=True)).to_be_visible(timeout=WORKED_MS)
    shot(determiner, "10-decree")
    with determiner.expect_download() as fetched:
        determiner.get_by_role("link", name="Download annex (CSV)").click()
    assert len(Path(fetched.value.path()).read_text().splitlines()) == 15

    determiner.goto("/admin/registry/person/")
    determiner.locator("input[name=nik]").fill("9701010201909001")
    determiner.get_by_role("button", name="Search").click()
    expect(determiner.get_by_role("link", name="WARGA CONTOH")).to_be_visible()
    shot(determiner, "11-person")


@pytest.mark.parametrize(
    "persona",
    [
        pytest.param("regency_officer", marks=pytest.mark.scale),
        pytest.param("verifier", marks=pytest.mark.scale),
        "pusdatin_verifier",
    ],
)
@pytest.mark.long
def test_the_admin_works_under_the_strict_policy(as_person, persona):
    page = as_person(persona)
    for address in ("/", "/admin/", "/admin/proposals/batch/", "/admin/proposals/proposal/"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        settled(page)
