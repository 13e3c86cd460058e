"""Uploading in Chromium: cuts, reloads, an ended session, two tabs, a double click, wrong files."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from apps.jobs.models import Job
from apps.proposals.models import Batch, Upload
from tests.browser.conftest import LAPTOP, PHONE, Watch, working
from tests.conftest import as_role
from tests.cutting import CuttingProxy
from tests.jobs.doing import do
from tests.proposals.sending import as_csv, row
from tests.served import served

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/proposals/batches/upload/"
KEPT_S, IDLE_MS = 1, 1_500  # the server closes what was idle for so long (in use: 5 s); longer


@pytest.fixture
def cuts() -> list[int]:
    """Where the line is cut; nowhere unless a test says so."""
    return []


@pytest.fixture
def line(transactional_db: None, cuts: list[int]) -> Iterator[CuttingProxy]:
    with served(kept_s=KEPT_S) as url, CuttingProxy(url, cuts) as proxy:
        yield proxy


@pytest.fixture
def portal(line: CuttingProxy) -> str:
    """The portal behind a line that may be cut."""
    return line.url


@pytest.fixture
def watch(portal: str) -> Iterator[Watch]:
    """A cut line is an error that the browser writes down; the page must not add one."""
    watch = Watch(portal)
    yield watch
    assert [one for one in watch.faults if "Failed to load resource" not in one] == []


def a_file(folder: Path, size: int, name: str = "usulan.csv") -> Path:
    lines = [as_csv([row(9001 + n % 900)]).splitlines(keepends=True) for n in range(20)]
    body = b"".join(line[1] for line in lines)
    path = folder / name
    path.write_bytes(lines[0][0] + body * (size // len(body) + 1))
    return path


def stored() -> Batch:
    with as_role("owner"):
        return Batch.objects.get()


def choose(page: Page, path: Path) -> None:
    page.goto(PAGE)
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Upload and check").click()


def choose_slowly(page: Page, path: Path) -> None:
    """As a person does, who takes longer than idle connections are kept.

    What breaks on a connection that was used before, the browser sends again by itself.
    """
    page.goto(PAGE)
    page.wait_for_timeout(IDLE_MS)
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Upload and check").click()


class TestCut:
    @pytest.fixture
    def cuts(self) -> list[int]:
        return [100_000, 300_000, 300_001, 700_000]

    @pytest.mark.long
    def test_a_cut_line_loses_and_doubles_nothing(self, as_person, line, tmp_path, shot):
        path = a_file(tmp_path, 900_000)
        page = as_person("regency_officer", PHONE)
        choose_slowly(page, path)
        page.wait_for_timeout(500)
        shot(page, "sending")
        page.wait_for_url(re.compile(r"/proposals/batches/\d+/$"), timeout=90_000)
        assert line.cut_count == 4
        assert stored().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert line.passed_bytes == path.stat().st_size


class TestManyCuts:
    SIZE, CUTS = 20_000_000, 20

    @pytest.fixture
    def cuts(self) -> list[int]:
        return random.Random(20).sample(range(1, self.SIZE), self.CUTS)  # noqa: S311

    @pytest.mark.scale
    def test_twenty_megabytes_and_twenty_cuts(self, as_person, line, tmp_path, figure):
        path = a_file(tmp_path, self.SIZE)
        page = as_person("regency_officer")
        choose_slowly(page, path)
        page.wait_for_url(re.compile(r"/proposals/batches/\d+/$"), timeout=900_000)
        size = path.stat().st_size
        figure("upload through cuts: cuts", line.cut_count, "", f"= {self.CUTS}")
        figure("upload through cuts: let through", line.passed_bytes, "bytes", f"= {size:,}")
        assert line.cut_count == self.CUTS
        assert stored().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert line.passed_bytes == size


@pytest.mark.long
def test_it_goes_on_another_day_when_the_same_file_is_chosen(as_person, line, tmp_path, shot):
    path = a_file(tmp_path, 900_000)
    page = as_person("regency_officer", PHONE)
    page.route("**/proposals/uploads/*/", refuse_after(2))
    choose(page, path)
    count = page.locator("#sending-count")
    expect(count).to_contain_text(re.compile(r"[1-9]\d+ kB of 90\d kB"), timeout=20_000)
    expect(page.get_by_text("The line was cut").first).to_be_visible(timeout=20_000)
    shot(page, "cut")
    page.close()
    again = page.context.new_page()
    again.goto(PAGE)
    expect(again.get_by_text("Choose the same file to go on.")).to_be_visible()
    shot(again, "another-day")
    with as_role("owner"):
        arrived = Upload.objects.get().received
    assert 0 < arrived < path.stat().st_size
    again.locator("#file").set_input_files(path)
    again.get_by_role("button", name="Upload and check").click()
    again.wait_for_url(re.compile(r"/proposals/batches/\d+/$"), timeout=60_000)
    assert line.passed_bytes == path.stat().st_size
    assert stored().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def refuse_after(parts: int):
    """Let so many parts through; then the line is dead for this page."""
    seen = []

    def handle(route, request):
        seen.append("upload-offset" in request.headers)
        if sum(seen) > parts:
            route.abort()
        else:
            route.continue_()

    return handle


@pytest.mark.long
def test_an_ended_session_is_said_and_it_goes_on_after_signing_in(
    as_person, person, line, tmp_path, shot
):
    path = a_file(tmp_path, 900_000)
    page = as_person("regency_officer")
    cookies = page.context.cookies()
    ended = []

    def end(route):
        if not ended:
            ended.append(Session.objects.count())
            page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        route.continue_()

    page.route("**/proposals/uploads/*/", lambda route, _request: later(route, end))
    choose(page, path)
    expect(page.get_by_role("main").get_by_text("Your session has ended").first).to_be_visible(
        timeout=20_000
    )
    expect(page.get_by_role("link", name="Sign in in a new tab")).to_be_visible()
    shot(page, "signed-out")
    page.context.add_cookies(cookies)  # what signing in in another tab does
    page.wait_for_url(re.compile(r"/proposals/batches/\d+/$"), timeout=60_000)
    assert stored().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.long
def test_a_file_can_be_sent_after_signing_in_again_in_another_tab(as_person, tmp_path):
    page = as_person("regency_officer")
    page.goto(PAGE)
    (token,) = (one for one in page.context.cookies() if one["name"] == settings.CSRF_COOKIE_NAME)
    # what signing in in another tab does; the form of this one has the token from before
    page.context.add_cookies([token | {"value": "a" * 32}])
    page.locator("#file").set_input_files(a_file(tmp_path, 10_000))
    page.get_by_role("button", name="Upload and check").click()
    page.wait_for_url(re.compile(r"/proposals/batches/\d+/$"), timeout=20_000)


def later(route, end) -> None:
    """The second part is the one whose session has ended."""
    if route.request.headers.get("upload-offset", "0") != "0":
        end(route)
    else:
        route.continue_()


@pytest.mark.long
def test_a_double_click_and_a_second_tab_are_one_upload(as_person, tmp_path):
    path = a_file(tmp_path, 700_000)
    page = as_person("regency_officer")
    other = page.context.new_page()
    for one in (page, other):
        one.goto(PAGE)
        one.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Upload and check").dblclick()
    other.get_by_role("button", name="Upload and check").click()
    for one in (page, other):
        one.wait_for_url(re.compile(r"/proposals/batches/\d+/$"), timeout=60_000)
    assert stored().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with as_role("owner"):
        assert Upload.objects.count() == 1


WRONG = [
    ("rumah.jpg", b"\xff\xd8\xff\xe0" + b"0" * 2_000, "This is a photo, not a file of proposals"),
    ("usulan.csv", b"", "The file is empty (0 rows). usulan.csv."),
    ("surat.csv", b"%PDF-1.7 " + b"0" * 400_000, "This is a file of type PDF. surat.csv."),
]


@pytest.mark.long
def test_wrong_files_are_said_on_top_with_the_focus(as_person, tmp_path, shot):
    page = as_person("regency_officer", PHONE)
    for name, content, words in WRONG:
        path = tmp_path / name
        path.write_bytes(content)
        choose(page, path)
        summary = page.locator("#error-summary")
        expect(summary).to_contain_text(words)
        expect(summary).to_be_focused()
        expect(page).to_have_title(re.compile("^There is a problem: "))
        shot(page, f"wrong-{name}")
        with as_role("owner"):
            assert not Upload.objects.exists()


@pytest.mark.long
def test_the_same_file_twice_says_so_with_a_link(as_person, tmp_path):
    path = a_file(tmp_path, 2_000)
    page = as_person("regency_officer")
    choose(page, path)
    page.wait_for_url(re.compile(r"/proposals/batches/\d+/$"))
    choose(page, path)
    expect(page.get_by_text("You uploaded this file on")).to_be_visible()
    page.get_by_role("link", name="Open its page").click()
    page.wait_for_url(re.compile(r"/proposals/batches/\d+/$"))


@pytest.mark.parametrize(
    "size", [pytest.param(LAPTOP, marks=pytest.mark.scale), PHONE], ids=["laptop", "phone"]
)
@pytest.mark.long
def test_from_the_template_to_the_checked_file(as_person, tmp_path, shot, size):
    page = as_person("regency_officer", size)
    page.goto("/proposals/batches/")
    shot(page, "empty")
    page.get_by_role("link", name="Upload the first one").click()
    shot(page, "upload")
    path = tmp_path / "usulan_okt.csv"
    path.write_bytes(as_csv(row(9001 + n) for n in range(9)).replace(b",NAMA,", b",A1,", 1))
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("Not certain from line 1: NAMA.")).to_be_visible(timeout=20_000)
    shot(page, "settle")
    page.locator("#column_name").select_option("3")
    page.get_by_role("button", name="Check with these columns").click()
    expect(page.get_by_text("Waiting for a free worker")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^0 % – usulan_okt"))
    shot(page, "progress")
    with working():
        do(Job.objects.latest("pk"))
    expect(page.get_by_text("9 ready to submit")).to_be_visible(timeout=15_000)
    expect(page.locator("h1")).to_be_focused()
    shot(page, "ready")
    page.goto("/proposals/batches/")
    expect(page.get_by_role("link", name="usulan_okt.csv")).to_be_visible()
    shot(page, "list")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
