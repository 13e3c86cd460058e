"""A ZIP of photos for the rows of a file: names, doubles, findings, bad archives."""

from __future__ import annotations

import zipfile
from pathlib import Path
from threading import Event, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from apps.casework import photos
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.models import Batch, Finding, HousePhoto, PhotoArchive, Proposal
from apps.proposals.photos import house_photos, photo_findings, photo_zip
from apps.ui import paging
from tests import photo_files
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.sending import as_csv, check, point, receive, row

pytestmark = pytest.mark.django_db
KK = "9701010101209777"


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def batch(officer) -> Batch:
    """Two persons of one family, one alone, and one row that must be corrected."""
    rows = [
        row(9001, kk=KK, **point("A", 0.3, 0.4)),
        row(9002, kk=KK, **point("A", 0.3, 0.4)),
        row(9003),
        row(9004, name="B4D1"),
    ]
    return check(receive(as_csv(rows), officer))


@pytest.fixture
def browser(signed_in):
    return signed_in("regency_officer")


def where(letter: str = "A", east: float = 0.3, north: float = 0.4) -> tuple[float, float]:
    spot = point(letter, east, north)
    return float(spot["latitude"]), float(spot["longitude"])


def send(browser, batch, content: bytes, name: str = "foto.zip"):
    """Send a ZIP and let the worker read it."""
    answer = browser.post(
        f"/proposals/batches/{batch.pk}/photos/", {"file": SimpleUploadedFile(name, content)}
    )
    if answer.status_code == 302:
        with as_role("worker"):
            for job in Job.objects.unfinished().filter(kind=photo_zip.ADD_PHOTOS):
                do(job)
    return answer


def rows_of(batch) -> list[tuple[int | None, str]]:
    with as_role("owner"):
        return list(
            HousePhoto.objects.filter(batch=batch)
            .order_by("row_number", "pk")
            .values_list("row_number", "kind")
        )


def result(batch) -> dict:
    with as_role("owner"):
        return PhotoArchive.objects.filter(batch=batch).latest("pk").result


@pytest.mark.long
def test_photos_come_to_the_rows_that_their_names_say(browser, batch):
    nik = row(9003)["nik"]
    names = {
        "2.jpg": photo_files.photo(shade=1),  # line 2 of the file is its first row
        "rumah/2_dalam.png": photo_files.photo("png", shade=2),
        f"{nik}.heic": photo_files.photo("heic", shade=3),
        f"{nik} belakang.webp": photo_files.photo("webp", shade=4),
        "5.jpg": photo_files.photo(shade=5),  # a row that must be corrected
    }
    send(browser, batch, photo_files.archive(names))
    assert sorted(rows_of(batch)) == [
        (1, "front"),
        (1, "inside"),
        (3, "front"),
        (3, "other"),
        (4, "front"),
    ]
    assert result(batch)["added"] == 5


def test_each_photo_of_a_file_can_be_reached_by_pages_and_by_its_row(browser, batch, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 2)
    names = {f"{line}.jpg": photo_files.photo(shade=line) for line in (2, 3, 4)}
    send(browser, batch, photo_files.archive(names))
    address = f"/proposals/batches/{batch.pk}/photos/"
    first = browser.get(address).context
    second = browser.get(f"{address}?{first['page'].after}").context
    assert [[one["line"] for one in page["rows"]] for page in (first, second)] == [[2, 3], [4]]
    assert [one["line"] for one in browser.get(address, {"line": 4}).context["rows"]] == [4]
    assert browser.get(address, {"line": 9}).context["rows"] == []


def test_names_that_say_no_row_are_listed_in_words(browser, batch):
    names = {
        "SITI.jpg": photo_files.photo(shade=1),
        "1.jpg": photo_files.photo(shade=2),  # the line of the headings
        "999.jpg": photo_files.photo(shade=3),
        "9701015005889999.jpg": photo_files.photo(shade=4),
        "surat.txt": b"halo",
        "__MACOSX/._2.jpg": b"clutter",
        ".DS_Store": b"clutter",
        "2.jpg": photo_files.photo(shade=5),
    }
    send(browser, batch, photo_files.archive(names))
    said = result(batch)
    assert said["added"] == 1
    assert sorted(said["unknown"]) == sorted(
        ["SITI.jpg", "1.jpg", "999.jpg", "9701015005889999.jpg", "surat.txt"]
    )
    page = browser.get(f"/proposals/batches/{batch.pk}/photos/").content.decode()
    assert "SITI.jpg" in page


def test_a_bad_photo_holds_no_other_back_and_is_told_by_its_name(browser, batch):
    names = {
        "2.jpg": photo_files.PDF,
        "3.jpg": photo_files.photo()[:900],
        "4.jpg": photo_files.photo(),
    }
    send(browser, batch, photo_files.archive(names))
    said = result(batch)
    assert (said["added"], [code for _name, code, _params in said["refused"]]) == (
        1,
        ["photo_unknown", "photo_broken"],
    )
    page = browser.get(f"/proposals/batches/{batch.pk}/photos/").content.decode()
    assert "2.jpg bukan foto (PDF)" in page


def test_the_same_zip_twice_doubles_nothing(browser, batch):
    content = photo_files.archive({"2.jpg": photo_files.photo(), "4.jpg": photo_files.photo()})
    send(browser, batch, content)
    send(browser, batch, content)
    assert rows_of(batch) == [(1, "front"), (3, "front")]
    assert (result(batch)["added"], result(batch)["known"]) == (0, 2)


def test_a_job_that_runs_again_after_its_end_changes_nothing(browser, batch):
    send(browser, batch, photo_files.archive({"2.jpg": photo_files.photo()}))
    with as_role("worker"):
        archive = PhotoArchive.objects.get(batch=batch)
        do(work.enqueue(photo_zip.ADD_PHOTOS, archive.subject, by="system"))
    assert rows_of(batch) == [(1, "front")]
    assert result(batch)["added"] == 1


def test_the_whole_family_shows_the_photo_of_one_of_its_rows(browser, batch):
    send(browser, batch, photo_files.archive({"2.jpg": photo_files.photo(position=where())}))
    with as_role("owner"):
        shown = {
            one.row_number: len(house_photos.of_proposal(one))
            for one in Proposal.objects.filter(batch=batch)
        }
    assert shown == {1: 1, 2: 1, 3: 0}


def test_a_photo_after_the_check_is_compared_with_the_point_and_counted(browser, batch):
    far, near = photo_files.photo(position=where("C")), photo_files.photo(position=where())
    send(browser, batch, photo_files.archive({"2.jpg": far, "3.jpg": near}))
    with as_role("owner"):
        found = list(
            Finding.objects.filter(batch=batch, code="photo_far").values_list(
                "row_number", "severity"
            )
        )
        severities = dict(
            Proposal.objects.filter(batch=batch).values_list("row_number", "severity")
        )
        batch.refresh_from_db()
    assert found == [(1, 2)]
    assert (severities[1], severities[2]) == (2, 0)
    assert batch.counts["findings"]["photo_far"] == 1


def test_photos_of_a_cancelled_zip_are_kept_and_compared_with_the_point(browser, batch, officer):
    far = photo_files.photo(position=where("C"))
    content = photo_files.archive({"2.jpg": far, "4.jpg": photo_files.photo()})
    address = f"/proposals/batches/{batch.pk}/photos/"
    browser.post(address, {"file": SimpleUploadedFile("foto.zip", content)})
    with as_role("worker"):
        job = Job.objects.get(kind=photo_zip.ADD_PHOTOS)
        # what its worker has added before it ended, without noticing that it was cancelled
        add(batch, 1, photos.prepare(far, "2.jpg"), officer)
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
        do(job)
        job.refresh_from_db()
        assert job.status == Job.Status.CANCELLED
        assert not Finding.objects.filter(batch=batch, code="photo_far").exists()
        do(Job.objects.get(kind=photo_findings.COMPARE))
        found = Finding.objects.filter(batch=batch, code="photo_far")
        assert list(found.values_list("row_number", flat=True)) == [1]
        assert not PhotoArchive.objects.get(batch=batch).file
    assert rows_of(batch) == [(1, "front")]


def test_what_a_killed_worker_had_added_is_counted_as_added(browser, batch, officer):
    known, first, second = (photo_files.photo(shade=n) for n in (1, 2, 3))
    with as_role("worker"):
        add(batch, 1, photos.prepare(known, "k.jpg"), officer)
    names = {"2.jpg": known, "2_2.jpg": first, "3.jpg": second, "2_3.jpg": first}
    file = SimpleUploadedFile("foto.zip", photo_files.archive(names))
    browser.post(f"/proposals/batches/{batch.pk}/photos/", {"file": file})
    with as_role("worker"):
        job = Job.objects.get(kind=photo_zip.ADD_PHOTOS)
        add(batch, 1, photos.prepare(first, "2_2.jpg"), officer)  # and then it was killed
        do(job)
    assert (result(batch)["added"], result(batch)["known"]) == (2, 2)
    assert len(rows_of(batch)) == 3


def add(batch, row_number, prepared, by) -> bool:
    return house_photos.add_to_row(
        batch=batch, row_number=row_number, village_code=CODES["A"], prepared=prepared,
        kind="front", by=by, now=timezone.now(),
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_two_zips_at_once_add_no_more_than_fits(person, monkeypatch):
    monkeypatch.setattr(house_photos, "MOST_PHOTOS", 1)
    officer = person("regency_officer")
    batch = check(receive(as_csv([row(9001)]), officer))
    first, second = (photos.prepare(photo_files.photo(shade=n), f"{n}.jpg") for n in (1, 2))
    is_added, answers = Event(), []

    def late() -> None:
        try:
            with as_role("worker"):
                is_added.wait(10)
                answers.append(add(batch, 1, second, officer))
        except DomainError as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    other = Thread(target=late)
    other.start()
    with as_role("worker"), transaction.atomic():
        assert add(batch, 1, first, officer)
        is_added.set()
        other.join(1)  # it waits for the end of this transaction
        assert other.is_alive()
    other.join(10)
    assert answers == ["too_many_photos"]
    assert rows_of(batch) == [(1, "front")]


def test_a_removed_photo_takes_its_finding_with_it(browser, batch):
    send(browser, batch, photo_files.archive({"2.jpg": photo_files.photo(position=where("C"))}))
    with as_role("owner"):
        key = HousePhoto.objects.get(batch=batch).pk
    browser.post(f"/proposals/batches/{batch.pk}/photos/{key}/remove/")
    with as_role("worker"):
        for job in Job.objects.unfinished():
            do(job)
    assert rows_of(batch) == []
    with as_role("owner"):
        assert not Finding.objects.filter(batch=batch, code="photo_far").exists()
        assert Proposal.objects.get(batch=batch, row_number=1).severity == 0


def test_a_decided_row_takes_no_more_photos(browser, batch):
    with as_role("owner"):
        Proposal.objects.filter(batch=batch, row_number=1).update(status="submitted")
        Proposal.objects.filter(batch=batch, row_number=1).update(status="rejected")
    send(browser, batch, photo_files.archive({"2.jpg": photo_files.photo()}))
    assert rows_of(batch) == []
    assert result(batch)["refused"][0][1] == "photo_row_decided"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (photo_files.photo(), 422),
        (b"PK\x03\x04 cut", 302),
        (photo_files.archive({"a/.hidden": b"x"}), 302),
        (photo_files.archive({"2.jpg": bytes(40_000_000)}, zipfile.ZIP_DEFLATED), 302),
        (photo_files.archive({f"{n}.jpg": b"x" for n in range(2_100)}), 302),
        (photo_files.archive({"../2.jpg": photo_files.photo()}), 302),
        (photo_files.archive({"2.zip": photo_files.archive({"2.jpg": b"x"})}), 302),
    ],
)
@pytest.mark.long
def test_a_bad_archive_adds_nothing_and_is_told_in_words(
    browser, batch, content, status, settings, django_capture_on_commit_callbacks
):
    folder = Path(settings.MEDIA_ROOT) / photo_zip.FOLDER
    before = set(folder.glob("*"))
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(browser, batch, content)
    assert answer.status_code == status
    assert rows_of(batch) == []
    page = browser.get(f"/proposals/batches/{batch.pk}/photos/").content.decode()
    assert ('role="alert"' in page) is (status == 302)
    assert set(folder.glob("*")) == before


@pytest.mark.parametrize(
    ("name", "row_number", "nik", "kind"),
    [
        ("12.jpg", 11, "", "front"),
        ("12_2.jpg", 11, "", "front"),
        ("12 (2).jpg", 11, "", "front"),
        ("12-depan.jpg", 11, "", "front"),
        ("12_2 belakang.jpg", 11, "", "other"),
        ("a/b/012 dalam.JPG", 11, "", "inside"),
        ("9701015005889001-samping.png", 0, "9701015005889001", "other"),
    ],
)
def test_a_name_says_row_or_person_and_what_is_shown(name, row_number, nik, kind):
    read = photo_zip.read_name(0, name, above=1)
    assert (read.row_number, read.nik, read.kind) == (row_number, nik, kind)


@pytest.mark.parametrize(
    "name",
    ["", "foto.jpg", "1.jpg", "0.jpg", "123456789.jpg", "97010150058890011.jpg", "²3.jpg"]
    # days and hours, as cameras and messengers name their pictures
    + ["2026-11-29 10.15.jpg", "2026.11.29.jpg", "2026_1129.jpg", "29-11-2026.jpg", "10.15.jpg"]
    + ["2026 11 29.jpg", "20261129_101500.jpg"],
)
def test_a_name_without_row_or_person_says_nothing(name):
    assert photo_zip.read_name(0, name, above=1) is None


@pytest.mark.parametrize(("role", "status"), [("verifier", 403), ("district_monitor", 403)])
def test_only_the_sender_adds_photos(batch, signed_in, role, status):
    answer = signed_in(role).post(
        f"/proposals/batches/{batch.pk}/photos/",
        {"file": SimpleUploadedFile("a.zip", photo_files.archive({"2.jpg": b"x"}))},
    )
    assert answer.status_code == status
