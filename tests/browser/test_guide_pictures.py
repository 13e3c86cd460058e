"""The pictures of docs/guide, in Indonesian. Made only where PICTURES names a folder.

People, numbers and places are made up; a picture that would show a whole NIK or KK is refused.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.casework import notices
from apps.casework.models import Document, Notice
from apps.demo.country import CODES
from apps.jobs import work as jobs
from apps.jobs.models import Job
from apps.proposals.models import Batch, Decision, Proposal
from tests.accounts.codes import code, forget_counter
from tests.browser import test_findings, test_form, test_upload
from tests.browser.conftest import settled, working
from tests.browser.map_tools import drawn
from tests.browser.test_form import _quiet  # noqa: F401 (a closing page is waited for)
from tests.conftest import as_role
from tests.maps.tiles import outlined
from tests.personas import PASSWORD
from tests.proposals import factory
from tests.proposals.sending import as_csv, point, row

PICTURES = os.environ.get("PICTURES", "")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not PICTURES, reason="PICTURES names no folder (make pictures)"),
]
PHONE, LAPTOP = {"width": 360, "height": 640}, {"width": 1366, "height": 700}
MOST_BYTES, COLOURS = 80_000, 48
PEOPLE = {
    "village_officer": ("wati.lestari", "Wati Lestari"),
    "regency_officer": ("agus.santosa", "Agus Santosa"),
    "verifier": ("rini.puspita", "Rini Puspita"),
    "head_of_office": ("bambang.hartono", "Bambang Hartono"),
    "pusdatin_verifier": ("dewi.utami", "Dewi Utami"),
    "operator": ("hendra.gunawan", "Hendra Gunawan"),
    "planner": ("ratna.wulandari", "Ratna Wulandari"),
}
NAMES = ["SITI AMINAH", "SULASTRI", "TUMINAH", "MARYATI", "SUPARTI", "KARTINI", "MURNI", "SUNDARI"]
WHOLE_NUMBER = re.compile(r"\d{6} ?\d{6} ?\d{4}")
IN_SIGHT = """() => [...document.querySelectorAll("body *")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
}).flatMap(one => [
    typeof one.value === "string" ? one.value : "",
    ...[...one.childNodes].filter(part => part.nodeType === 3).map(part => part.data),
]).join("\\n")"""


def take(page: Page, name: str, height: int = 0) -> None:
    """A small picture of what is in sight; whole numbers of persons are no part of it."""
    if height:
        page.set_viewport_size({"width": (page.viewport_size or PHONE)["width"], "height": height})
    page.wait_for_load_state("networkidle")
    assert not WHOLE_NUMBER.search(page.evaluate(IN_SIGHT)), name
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    path = Path(PICTURES) / f"{name}.png"
    small.save(path, optimize=True)
    assert path.stat().st_size <= MOST_BYTES, name


def see(page: Page, selector: str) -> None:
    """Scroll so that this stands near the upper edge."""
    page.locator(selector).first.evaluate(
        "one => window.scrollTo(0, one.getBoundingClientRect().top + scrollY - 12)"
    )


@pytest.fixture
def named(person: Callable[..., User]) -> Callable[[str], User]:
    """`named("verifier")`: that persona under a name of its own."""

    def make(role: str) -> User:
        username, full_name = PEOPLE[role]
        user = person(role, name=username)
        with as_role("owner"):
            User.objects.filter(pk=user.pk).update(
                full_name=full_name, email=f"{username}@contoh.go.id"
            )
        user.refresh_from_db()
        return user

    return make


@pytest.fixture
def page_of(as_person: Callable[..., Page], named: Callable[[str], User]) -> Callable[..., Page]:
    """`page_of("verifier", LAPTOP)`: their portal in Indonesian."""

    def make(role: str, size: dict[str, int]) -> Page:
        named(role)
        page = as_person(role, size, "id", name=PEOPLE[role][0])
        page.set_default_timeout(15_000)
        return page

    return make


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).first.click()


def test_signing_in(stranger, named, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    user = named("village_officer")
    page = stranger(PHONE, "id")
    page.goto("/")
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill(PASSWORD)
    take(page, "masuk", 520)
    press(page, "Masuk")
    page.wait_for_url("**/second-factor/set-up/**")
    take(page, "faktor-kedua-pasang", 720)
    page.locator(".set-up summary").click()
    secret = (page.locator(".set-up .secret").text_content() or "").replace(" ", "")
    page.locator("#id_code").fill(code(secret))
    press(page, "Pasang")
    page.wait_for_url("**/recovery-codes/")
    press(page, "Sudah saya simpan di kertas, lanjutkan")
    page.locator(".bar .right details summary").click()
    press(page, "Keluar")
    forget_counter(user)
    settings.IDLE_SESSION_S = 303
    page.goto("/accounts/profile/")
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill(PASSWORD)
    press(page, "Masuk")
    take(page, "faktor-kedua", 560)
    page.locator("#id_second_factor_code").fill(code(secret))
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/accounts/profile/")
    expect(page.locator("[data-when=soon]")).to_be_visible(timeout=15_000)
    take(page, "sesi-berakhir", 420)


@pytest.fixture
def month(named: Callable[[str], User]) -> Iterator[Proposal]:
    """A month's work: rows at every step, one of them returned with a reason, notices."""
    cache.clear()
    officer, verifier = named("regency_officer"), named("verifier")
    batch = factory.batch(officer, file_name="usulan_nov.csv", status="submitted")
    made: list[Proposal] = []
    for village, first, verdict in (
        ("A", 1, "inside"),
        ("B", 40, "inside"),
        ("C", 80, "elsewhere"),
    ):
        count = 24 if verdict == "inside" else 3
        made += factory.proposals(
            batch, count, first=first, village=village, status="submitted",
            step_by=officer, verdict=verdict,
        )  # fmt: skip
    made += factory.proposals(
        batch, 18, first=100, village="D", status="verified", step_by=verifier
    )
    made += factory.proposals(batch, 12, first=130, village="A", status="endorsed")
    back = factory.proposal(batch, first=160, status="returned", step_by=verifier)
    made.append(back)
    factory.batch(officer, file_name="susulan.csv", counts={"rows": 500, "ready": 470, "held": 30})
    with as_role("worker"):
        for number, one in enumerate(made):
            one.name = NAMES[number % len(NAMES)]
        Proposal.objects.bulk_update(made, ["name"])
        decided(back, verifier, "returned", reason="wrong_point", note=NOTE)
    notices.write_notices(
        {officer.pk: 1, named("village_officer").pk: 1},
        kind=Notice.Kind.ROWS_RETURNED,
        subject="proposals.Returned",
        url="/proposals/returned/",
        now=timezone.now(),
    )
    yield back
    cache.clear()


NOTE = "Titik berada di balai desa, bukan di rumah keluarga. Ambil ulang di rumahnya."


def decided(proposal: Proposal, by: User, to: str, **more: str) -> None:
    Decision.objects.create(
        proposal=proposal, village_id=proposal.village_id, from_status="submitted", to_status=to,
        by=by, by_name=str(by), at=timezone.now(), **more,
    )  # fmt: skip


def test_dashboards_returned_rows_and_notices(month, page_of):
    phone = page_of("village_officer", PHONE)
    phone.goto("/")
    take(phone, "beranda-desa", 700)
    phone.goto("/proposals/returned/")
    take(phone, "dikembalikan", 580)
    phone.goto(f"/proposals/returned/{month.pk}/")
    take(phone, "dikembalikan-alasan", 760)
    phone.goto("/proposals/notices/")
    take(phone, "pemberitahuan", 760)
    laptop = page_of("regency_officer", LAPTOP)
    laptop.goto("/")
    take(laptop, "beranda-kabupaten", 900)


def test_review(month, page_of, named):
    outlined()
    page = page_of("verifier", LAPTOP)
    page.goto("/proposals/review/?status=submitted&view=map")
    drawn(page)
    take(page, "verifikasi-daftar", 1000)
    page.goto("/proposals/review/?status=submitted&view=table")
    page.locator("#ws-rows tbody th a").first.click()
    page.locator("#evidence summary", has_text="Kembalikan…").click()
    take(page, "verifikasi-satu", 1000)
    page.goto("/proposals/review/bulk/?step=verify&status=submitted")
    take(page, "verifikasi-massal", 780)
    page.goto("/proposals/review/?status=submitted&view=table")
    settled(page)
    page.locator("#ws-rows tbody th a").first.click()
    page.wait_for_function("location.search.includes('row=')")
    pk = int(re.search(r"row=(\d+)", page.url).group(1))
    with as_role("worker"):
        Proposal.objects.filter(pk=pk).update(status="verified", step_by=named("head_of_office"))
        decided(Proposal.objects.get(pk=pk), named("head_of_office"), "verified")
    press(page, "Verifikasi")
    expect(page.get_by_text("sudah diputuskan").first).to_be_visible()
    take(page, "sudah-diputuskan", 420)


def test_uploading(page_of, tmp_path, watch):
    phone = page_of("village_officer", PHONE)
    phone.goto("/proposals/batches/upload/")
    take(phone, "unggah", 860)
    path = test_upload.a_file(tmp_path, 900_000, "usulan_nov.csv")
    phone.route("**/proposals/uploads/*/", test_upload.refuse_after(2))
    phone.locator("#file").set_input_files(path)
    press(phone, "Unggah dan periksa")
    expect(phone.locator("#sending-count")).to_contain_text("dari", timeout=20_000)
    expect(phone.locator("#sending-note")).to_be_visible(timeout=20_000)
    see(phone, "#sending")
    take(phone, "unggah-terputus", 720)
    phone.close()
    watch.expected += ["ERR_FAILED"]

    page = page_of("regency_officer", LAPTOP)
    rows = [row(9001 + n, name=NAMES[n % 8], **point("A", 0.3, 0.3)) for n in range(240)]
    content = as_csv(rows).replace(b"PROGRAM BANSOS", b"BANTUAN", 1)
    content = content.replace(b",NAMA,", b",NAMA PENGURUS,", 1)
    path = tmp_path / "susulan_nov.csv"
    path.write_bytes(content)
    page.goto("/proposals/batches/upload/")
    page.locator("#file").set_input_files(path)
    press(page, "Unggah dan periksa")
    page.wait_for_url("**/settle/")
    take(page, "kolom", 760)
    press(page, "Periksa dengan kolom ini")
    expect(page.get_by_text("Menunggu giliran")).to_be_visible()
    job = Job.objects.latest("pk")
    with working(), jobs.claimed(job.pk, job.kind) as lease:
        lease.progress(240, 240, stage="duplicates")
        page.reload()
        take(page, "kemajuan", 480)


def faulty(named: Callable[[str], User]) -> Batch:
    rows = [test_findings.swapped(n) | {"name": NAMES[n % 8]} for n in range(214)]
    rows += [row(9300 + n, name=NAMES[n % 8], birth_date=f"3{n % 2 + 1}-02-1988") for n in range(4)]
    rows += [row(9400 + n, name=f"S1TI {NAMES[n]}") for n in range(3)]
    rows += [row(9500 + n, village_code=CODES["B"], **point("B", 0.2 + n / 20)) for n in range(6)]
    return test_findings.sent(rows, named("regency_officer"))


def test_findings_fixes_and_evidence(page_of, named):
    with as_role("owner"):
        Document.objects.filter(region_id=CODES["B"]).delete()
    batch = faulty(named)
    page = page_of("regency_officer", LAPTOP)
    page.goto(f"/proposals/batches/{batch.pk}/")
    take(page, "temuan", 800)
    page.get_by_role("button", name=re.compile("^Tukar lintang–bujur")).click()
    test_findings.work()
    expect(page.get_by_text("214 baris akan berubah")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Peta: sesudah").click()
    expect(page.locator("#proposals-map")).to_have_attribute("data-drawn", "214")
    page.set_viewport_size({"width": 1366, "height": 900})
    page.evaluate("window.scrollTo(0, 0)")
    take(page, "pratinjau")
    page.get_by_role("button", name=re.compile("^Tukar lintang–bujur")).click()
    test_findings.work()
    expect(page.get_by_text("214 baris diubah")).to_be_visible(timeout=15_000)
    take(page, "batalkan", 560)
    page.goto(f"/proposals/batches/{batch.pk}/findings/date_impossible/")
    take(page, "baris", 560)
    page.goto(f"/proposals/batches/{batch.pk}/corrections/")
    take(page, "perbaikan", 480)
    page.goto(f"/proposals/batches/{batch.pk}/evidence/?village={CODES['B']}")
    take(page, "bukti", 900)
    page.goto(f"/proposals/batches/{batch.pk}/")
    page.get_by_role("button", name=re.compile(r"^Ajukan \d+ baris")).click()
    expect(page.get_by_text("baris diajukan").first).to_be_visible()
    take(page, "ajukan", 560)


def test_one_family(page_of, watch):
    page = page_of("village_officer", PHONE)
    page.goto("/proposals/new/")
    press(page, "Mulai isi keluarga")
    page.get_by_label("Nomor KK").or_(page.locator("#family-kk")).first.fill(test_form.KK)
    page.get_by_label("PKH").check()
    page.locator("#family-address").fill("JL. MELATI 1")
    page.locator("#family-rt").fill("001")
    page.locator("#family-rw").fill("002")
    forward(page)
    card = page.locator("[data-card]").first
    card.get_by_label("Nama (wajib)").fill("SITI AMINAH")
    card.get_by_label("Perempuan").check()
    card.get_by_label("Tanggal lahir").fill("10-05-1988")
    see(page, "[data-section-form=members]")
    take(page, "keluarga-anggota", 700)
    card.get_by_label("NIK").fill(test_form.NIK)
    forward(page)
    page.locator("#house-point").fill(test_form.HOUSE)
    expect(page.locator("#verdict")).to_contain_text("Di dalam")
    expect(page.locator("#form-map")).to_have_attribute("data-drawn", "4")
    see(page, "[data-section-form=house]")
    take(page, "keluarga-titik", 1000)
    forward(page)
    page.wait_for_url("**/review/")
    test_form.work_off()
    page.reload()
    page.set_viewport_size({"width": 360, "height": 520})
    see(page, "[aria-labelledby=h-house]")
    take(page, "keluarga-periksa")
    page.goto("/proposals/new/")
    take(page, "keluarga-draf", 560)
    page.locator(".draft-name a").first.click()
    page.locator("a[href*=members]").first.click()
    page.context.set_offline(True)
    page.locator("[data-card]").first.get_by_label("Nama (wajib)").fill("SITI AMINAH A")
    expect(page.locator("#device-bar")).to_contain_text("Tanpa sambungan")
    page.evaluate("window.scrollTo(0, 0)")
    take(page, "tanpa-sambungan", 460)
    page.context.set_offline(False)
    expect(page.locator("#device-bar")).not_to_contain_text("Tanpa sambungan", timeout=15_000)
    watch.expected += ["ERR_INTERNET_DISCONNECTED"]


def forward(page: Page) -> None:
    page.locator("[data-section-form]:not([hidden]) .acts [name=next]").click()
    page.wait_for_load_state("networkidle")
