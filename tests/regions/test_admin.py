"""Pusdatin's pages of boundary editions and regions."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.audit.models import Entry
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.regions import report
from apps.regions.editions import activation
from apps.regions.models import Boundary, BoundaryEdition
from tests.base import EDITION, NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.regions.editions import read, square, toy, write

pytestmark = pytest.mark.django_db
Status = BoundaryEdition.Status


def url(name: str, edition: BoundaryEdition | None = None) -> str:
    return reverse(f"admin:regions_boundaryedition_{name}", args=[edition.pk] if edition else None)


@pytest.fixture
def pusdatin(signed_in):
    return signed_in("pusdatin_verifier")


@pytest.fixture(scope="module")
def imported(lasting, tmp_path_factory):
    """A read edition: A is smaller, H is new, a code nobody knows."""
    path = write(
        tmp_path_factory.mktemp("batas") / "batas.geojson",
        [*toy(A=square("A", 0, 0, 0.9, 1), H=square("H")), ("97.09.01.2001", square("~"))],
    )
    with lasting(), as_role("worker"):
        return read(path, "BIG 2026-07").pk


@pytest.fixture
def edition(imported):
    return BoundaryEdition.objects.get(pk=imported)


def upload(browser, tmp_path, features=None, **fields):
    path = write(tmp_path / "unggah.geojson", features or toy())
    file = SimpleUploadedFile("unggah.geojson", path.read_bytes())
    given = {"name": "BIG 2026-08", "published_date": "2026-08-31", "file": file} | fields
    return browser.post(url("upload"), given, follow=True)


def test_the_list_shows_editions_and_leads_to_the_upload(pusdatin):
    page = pusdatin.get(url("changelist")).content.decode()
    assert EDITION in page
    assert url("upload") in page


def test_a_role_without_import_rights_sees_no_upload(signed_in):
    planner = signed_in("planner")
    page = planner.get(url("changelist")).content.decode()
    assert url("upload") not in page
    assert planner.get(url("upload")).status_code == 403


def test_a_regional_officer_finds_no_editions(signed_in):
    assert signed_in("verifier").get(url("changelist")).status_code == 403


def test_an_upload_becomes_a_job_and_its_page_shows_the_progress(pusdatin, tmp_path):
    answer = upload(pusdatin, tmp_path)
    edition = BoundaryEdition.objects.get(name="BIG 2026-08")
    assert answer.redirect_chain[-1][0] == url("change", edition)
    assert url("progress", edition) in answer.content.decode()
    job = Job.objects.get(subject__endswith=f":{edition.pk}")
    assert (job.status, job.actor.split(":")[0]) == (Job.Status.WAITING, "user")
    assert "HX-Refresh" not in pusdatin.get(url("progress", edition)).headers


def test_a_finished_import_turns_the_progress_into_the_report(pusdatin, tmp_path, role):
    upload(pusdatin, tmp_path)
    edition = BoundaryEdition.objects.get(name="BIG 2026-08")
    with role("worker"):
        do(Job.objects.get(subject__endswith=f":{edition.pk}"))
    assert pusdatin.get(url("progress", edition))["HX-Refresh"] == "true"
    page = pusdatin.get(url("change", edition))
    assert page.templates[0].name == "regions/admin/edition.html"


def test_a_wrong_file_is_explained_beside_the_field(pusdatin, tmp_path):
    csv = SimpleUploadedFile("desa.csv", b"kode,nama\n97.01.01.2001,Ampel\n")
    page = upload(pusdatin, tmp_path, file=csv).content.decode()
    assert "CSV" in page
    assert 'class="wrong"' in page
    assert not BoundaryEdition.objects.filter(name="BIG 2026-08").exists()


def test_a_taken_name_is_reported_at_its_field(pusdatin, edition, tmp_path):
    answer = upload(pusdatin, tmp_path, features=toy(B=None), name=edition.name)
    assert "name" in answer.context["form"].errors


def test_a_failed_import_shows_its_reason_and_can_be_resumed(pusdatin, tmp_path, role):
    upload(pusdatin, tmp_path, features=[("11.01.01.2001", square("A"))])
    edition = BoundaryEdition.objects.get(name="BIG 2026-08")
    job = Job.objects.get(subject__endswith=f":{edition.pk}")
    with role("worker"):
        do(job)
    page = pusdatin.get(url("change", edition)).content.decode()
    assert "11.01.01.2001" in page
    pusdatin.post(url("resume", edition))
    edition.refresh_from_db()
    job.refresh_from_db()
    assert (edition.status, job.status) == (Status.RECEIVED, Job.Status.WAITING)


def test_the_report_counts_every_kind_and_lists_the_largest_first(pusdatin, edition):
    page = pusdatin.get(url("change", edition), {"view": "table"})
    counts = {each.kind: each.counted for each in page.context["kinds"]}
    assert counts == {"unknown_code": 1, "overlap": 1, "gap": 1, "added": 1, "moved": 1}
    areas = [each.area_m2 for each in page.context["issues"].rows if each.area_m2 is not None]
    assert areas == sorted(areas, reverse=True)


def test_one_kind_is_listed_with_names(pusdatin, edition):
    page = pusdatin.get(url("change", edition), {"view": "table", "kind": "overlap"})
    assert len(page.context["issues"].rows) == 1
    text = page.content.decode()
    assert "Ilalang" in text
    assert "Jambu" in text


def test_the_map_has_its_edition_and_no_script_without_nonce(pusdatin, edition):
    page = pusdatin.get(url("change", edition)).content.decode()
    assert "Toy" not in page
    assert f"BIG, ed" in page  # noqa: F541 (attribution, in either language)
    for tag in re.findall(r"<script[^>]*>", page):
        assert "src=" in tag or "nonce=" in tag or "application/json" in tag


def test_remarks_and_outlines_come_as_geojson(pusdatin, edition):
    issues = pusdatin.get(url("issues", edition)).json()
    assert issues["total"] == len(issues["features"]) == 5
    assert {each["properties"]["kind"] for each in issues["features"]} >= {"gap", "overlap"}
    box = "109.9,-7.9,110.2,-7.7"
    outlines = pusdatin.get(url("outlines", edition), {"box": box}).json()
    assert len(outlines["features"]) == 16
    assert pusdatin.get(url("outlines", edition), {"box": "109.9,-7.9"}).status_code == 404


def test_too_many_outlines_are_counted(edition, monkeypatch):
    monkeypatch.setattr(report, "MOST_OUTLINES", 3)
    assert '"omitted": 16' in report.outlines(edition, (109.9, -7.9, 110.2, -7.7))


def test_activation_shows_its_effect_before_anything_changes(pusdatin, edition):
    page = pusdatin.get(url("activate", edition))
    assert page.context["counts"] == {"replaced": 1, "added": 1}
    assert page.context["affected"] == {"proposals": 0, "held": 0}
    assert Boundary.objects.current().get(region_id=CODES["A"]).edition.name == EDITION


def test_activation_is_a_job_with_its_reason_in_the_trail(pusdatin, edition, role):
    pusdatin.post(url("activate", edition), {"reason": "Edisi Juli"})
    job = Job.objects.get(kind="regions.activate_edition")
    with role("worker"):
        do(job)
    edition.refresh_from_db()
    assert edition.status == Status.ACTIVE
    assert Entry.objects.get(reason="Edisi Juli").subject == f"regions.BoundaryEdition:{edition.pk}"
    assert edition.activated_by


def test_a_role_without_import_rights_cannot_activate(signed_in, edition):
    planner = signed_in("planner")
    assert planner.post(url("activate", edition)).status_code == 403
    assert planner.post(url("resume", edition)).status_code == 403
    assert not Job.objects.filter(kind="regions.activate_edition").exists()


def test_regions_are_found_by_name_and_by_the_beginning_of_a_code(signed_in):
    browser = signed_in("verifier")
    address = reverse("admin:regions_region_changelist")
    for asked, expected in (("ampel", ["A"]), ("97.01.01", ["A", "B"]), ("970101", ["A", "B"])):
        page = browser.get(address, {"q": asked})
        found = {each.code for each in page.context["cl"].queryset if each.level == "village"}
        assert found == {CODES[letter] for letter in expected}


def test_a_region_cannot_be_edited(signed_in):
    browser = signed_in("administrator")
    address = reverse("admin:regions_region_change", args=[CODES["A"]])
    assert browser.get(address).status_code == 200
    browser.post(address, {"name": "Nama Baru"})
    assert "Nama Baru" not in browser.get(address).content.decode()


def activate(browser, edition, role):
    browser.post(url("activate", edition))
    with role("worker"):
        do(Job.objects.latest("pk"))
    edition.refresh_from_db()


def test_an_edition_in_force_offers_no_activation_and_refuses_it(pusdatin, edition, role):
    assert url("activate", edition) in pusdatin.get(url("change", edition)).content.decode()
    activate(pusdatin, edition, role)
    assert url("activate", edition) not in pusdatin.get(url("change", edition)).content.decode()
    jobs = Job.objects.count()
    for ask in (pusdatin.get, pusdatin.post):
        answer = ask(url("activate", edition), follow=True)
        assert f"“{edition.name}”" in str(next(iter(answer.context["messages"])))
    assert Job.objects.count() == jobs


def test_an_edition_waiting_for_its_activation_is_not_asked_for_it_twice(pusdatin, edition):
    pusdatin.post(url("activate", edition))
    assert url("activate", edition) not in pusdatin.get(url("change", edition)).content.decode()


def test_an_edition_replaced_in_part_can_be_put_in_force_again(pusdatin, edition, tmp_path, role):
    activate(pusdatin, edition, role)
    path = write(tmp_path / "sebagian.geojson", [(CODES["A"], square("A", 0, 0, 0.8, 1))])
    with role("worker"):
        activate(pusdatin, read(path, "BIG 2026-09"), role)
    edition.refresh_from_db()
    assert edition.status == Status.ACTIVE
    assert url("activate", edition) in pusdatin.get(url("change", edition)).content.decode()


@pytest.mark.long
def test_an_edition_that_covers_an_area_is_not_wholly_in_force_beside_another(tmp_path, role):
    with role("worker"):
        partial = read(
            write(tmp_path / "sebagian.geojson", [(CODES["A"], square("A"))]), "A", covers="97.01"
        )
        activation.activate(edition=partial, by="tests", now=NOW)
        partial.refresh_from_db()
        assert activation.is_in_force(partial)
        other = read(write(tmp_path / "lain.geojson", [(CODES["B"], square("B"))]), "B")
        activation.activate(edition=other, by="tests", now=NOW)
        partial.refresh_from_db()
    assert not activation.is_in_force(partial)
    assert activation.is_in_force(other.__class__.objects.get(pk=other.pk))
