"""A disk that is full, or nearly: refused in words, and nothing half is left behind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.casework.models import Document
from apps.demo.country import CODES
from apps.proposals.models import Batch, Fix, Upload
from apps.proposals.upload import upload_parts
from tests.common import files
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals.sending import as_csv, check, receive, row
from tests.proposals.upload.test_uploads import begun, part, sent

pytestmark = pytest.mark.django_db
DISK_BYTES = 2_000_000
LARGE = as_csv([row(9001)]) + b"\n" * 2 * DISK_BYTES
SMALL = as_csv([row(9001)])
PDF = b"%PDF-1.7\n" + bytes(2 * DISK_BYTES) + b"\n%%EOF\n"


@pytest.fixture
def disk(tmp_path: Path, settings) -> Iterator[Path]:
    """A disk of two megabytes that holds what the portal keeps."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    folder = tmp_path / "media"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "small", str(folder)], check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    settings.MEDIA_ROOT = folder
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def full(disk: Path, settings) -> Path:
    """The same, where nobody asks for room before: the disk itself refuses."""
    settings.DISK_SPARE_BYTES = -(1 << 40)
    return disk


@pytest.fixture
def browser(signed_in):
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def kept(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file() and path.stat().st_size]


def posted(browser, address, content, name="usulan.csv", **more):
    return browser.post(address, {"file": SimpleUploadedFile(name, content)} | more, follow=True)


@pytest.fixture(params=["disk", "full"])
def either(request) -> Path:
    return request.getfixturevalue(request.param)


def test_a_file_of_a_form_is_refused_in_words_and_leaves_nothing(browser, either):
    page = posted(browser, "/proposals/batches/upload/", LARGE, region=OWN)
    assert "of disk are free" in page.content.decode()
    assert (kept(either), Upload.objects.count(), Batch.objects.count()) == ([], 0, 0)


def test_no_upload_begins_where_there_is_no_room(browser, disk):
    answer = begun(browser, LARGE)
    assert answer.status_code == 422
    assert "of disk are free" in answer.json()["wrong"]["file"]


def test_a_part_that_finds_no_room_leaves_what_came_before(browser, full):
    state = begun(browser, LARGE).json()
    first = part(browser, state["address"], 0, LARGE[:900_000])
    assert first.json()["offset"] == 900_000
    part(browser, state["address"], 900_000, LARGE[900_000:1_800_000])
    refused = part(browser, state["address"], 1_800_000, LARGE[1_800_000:2_700_000])
    assert refused.status_code == 422
    assert "of disk are free" in refused.json()["wrong"]["file"]
    assert browser.get(state["address"]).json()["offset"] == 1_800_000
    assert upload_parts.path_of(Upload.objects.get()).stat().st_size == 1_800_000


def test_it_goes_on_when_there_is_room_again(browser, full):
    state = begun(browser, SMALL).json()
    hog = full / "hog"
    with pytest.raises(OSError, match="No space"), hog.open("wb") as file:
        file.write(bytes(2 * DISK_BYTES))
    assert part(browser, state["address"], 0, SMALL).status_code == 422
    hog.unlink()
    assert part(browser, state["address"], 0, SMALL).json()["offset"] == len(SMALL)
    assert browser.post(state["finish"]).status_code == 200


def test_evidence_is_refused_in_words_and_leaves_nothing(browser, person, either, settings):
    settings.DISK_SPARE_BYTES, spare = -(1 << 40), settings.DISK_SPARE_BYTES
    batch = check(receive(SMALL, person("regency_officer")))
    before = kept(either)
    settings.DISK_SPARE_BYTES = spare
    page = posted(
        browser,
        f"/proposals/batches/{batch.pk}/evidence/",
        PDF,
        "ba.pdf",
        village=CODES["A"],
        kind="minutes",
        number="1",
        date=timezone.localdate().strftime("%d-%m-%Y"),
    )
    assert "of disk are free" in page.content.decode()
    assert kept(either) == before
    with as_role("owner"):
        assert not Document.objects.filter(number="1").exists()


def test_a_correction_is_refused_in_words_and_leaves_nothing(browser, person, either, settings):
    settings.DISK_SPARE_BYTES, spare = -(1 << 40), settings.DISK_SPARE_BYTES
    batch = check(receive(SMALL, person("regency_officer")))
    before = kept(either)
    settings.DISK_SPARE_BYTES = spare
    page = posted(browser, f"/proposals/batches/{batch.pk}/corrections/", LARGE)
    assert "of disk are free" in page.content.decode()
    assert (kept(either), Fix.objects.count()) == (before, 0)


def test_pusdatins_upload_is_refused_in_words_and_leaves_nothing(signed_in, either):
    browser = signed_in("administrator")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = posted(browser, "/proposals/batches/upload/", LARGE, region=OWN)
    assert "of disk are free" in page.content.decode()
    assert kept(either) == []


def test_a_file_that_unpacks_larger_than_the_disk_waits_for_room(browser, full, tmp_path):
    feature = '{"type":"Feature","properties":{"a":%d},"geometry":null}'
    features = ",".join(feature % (number * number) for number in range(2 * DISK_BYTES // 60))
    packed = files.zipped(
        tmp_path / "a.zip",
        {"a.geojson": '{"type":"FeatureCollection","features":[' + features + "]}"},
    ).read_bytes()
    state = sent(browser, packed, step=500_000, name="a.zip")
    refused = browser.post(state["finish"])
    assert refused.status_code == 422
    assert "of disk are free" in refused.json()["wrong"]["file"]
    assert [path.parent.name for path in kept(full)] == ["uploads"]
    assert Upload.objects.get().is_whole
