"""Photos: what is taken, what is read before it is removed, what is kept, what is refused."""

from __future__ import annotations

import io
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from apps.audit.models import Entry
from apps.casework import photos
from apps.casework.models import Photo
from apps.common.errors import DomainError
from apps.demo.country import CODES
from tests import photo_files
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
HOUSE = (-7.25042, 112.76881)


@pytest.fixture
def officer(person, gate):
    user = person("village_officer")
    gate(user)
    return user


def kept(officer, content: bytes) -> Photo:
    prepared = photos.prepare(io.BytesIO(content), "rumah.jpg")
    return photos.store(prepared, region_code=CODES["A"], by=officer, now=timezone.now())


@pytest.mark.parametrize("ending", photo_files.KINDS)
@pytest.mark.long
def test_place_and_time_are_read_before_the_photo_is_made_smaller(ending):
    taken = datetime(2026, 11, 20, 10, 4, 5)  # noqa: DTZ001  as a camera's clock writes it
    sent = photo_files.photo(ending, size=(2_400, 1_800), position=HOUSE, taken=taken)
    assert photo_files.CAMERA.encode() in sent
    prepared = photos.prepare(io.BytesIO(sent), "rumah")
    assert prepared.position == pytest.approx(HOUSE, abs=1e-6)
    assert prepared.taken_at == timezone.make_aware(taken)
    assert (prepared.width, prepared.height) == (1_600, 1_200)
    stored = Image.open(io.BytesIO(prepared.jpeg))
    assert (stored.format, dict(stored.getexif())) == ("JPEG", {})
    assert photo_files.CAMERA.encode() not in prepared.jpeg


@pytest.mark.parametrize("ending", photo_files.KINDS)
def test_a_photo_without_a_position_is_taken_as_well(ending):
    prepared = photos.prepare(io.BytesIO(photo_files.photo(ending)), "rumah")
    assert (prepared.position, prepared.taken_at) == (None, None)


@pytest.mark.parametrize("place", [(-33.86, -151.2), (3.14, 101.69), (-0.001, 109.32)])
def test_each_side_of_the_equator_and_of_greenwich_is_read(place):
    prepared = photos.prepare(photo_files.photo(position=place), "rumah.jpg")
    assert prepared.position == pytest.approx(place, abs=1e-6)


def test_the_time_of_the_satellites_counts_more_than_the_cameras_clock():
    sent = photo_files.photo(
        position=HOUSE,
        taken=datetime(2026, 1, 1),  # noqa: DTZ001
        place={29: "2026:11:20", 7: (3.0, 4.0, 5.0)},
    )
    assert photos.prepare(sent, "rumah.jpg").taken_at == datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "place",
    [
        {1: "S", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},  # a receiver that found no place
        {2: (95.0, 0.0, 0.0)},
        {2: (7.0, 15.0)},
        {4: ()},
    ],
)
def test_a_position_that_is_none_is_no_position_and_no_reason_to_refuse(place):
    assert photos.prepare(photo_files.photo(position=HOUSE, place=place), "x").position is None


@pytest.mark.parametrize("year", [1970, 2000, 2099])
def test_a_clock_that_was_never_set_tells_no_time(year):
    sent = photo_files.photo(taken=datetime(year, 1, 1))  # noqa: DTZ001
    assert photos.prepare(sent, "rumah.jpg").taken_at is None


def test_broken_notes_of_the_camera_do_not_hold_the_photo_back():
    sent = bytearray(photo_files.photo(position=HOUSE))
    at = sent.index(b"Exif\x00\x00") + 14
    sent[at : at + 40] = b"\xff" * 40
    prepared = photos.prepare(bytes(sent), "rumah.jpg")
    assert (prepared.width, prepared.position) == (800, None)


def test_a_photo_is_turned_upright():
    prepared = photos.prepare(photo_files.photo(orientation=6), "rumah.jpg")
    assert (prepared.width, prepared.height) == (600, 800)


def test_even_a_photo_full_of_detail_becomes_small():
    prepared = photos.prepare(photo_files.noise(), "daun.jpg")
    assert len(prepared.jpeg) <= photos.STORED_BYTES


def test_a_photo_is_stored_readable_for_the_portal_alone_and_on_record(officer):
    photo = kept(officer, photo_files.photo(position=HOUSE))
    path = Path(photo.file.path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (photo.location.y, photo.location.x) == pytest.approx(HOUSE, abs=1e-6)
    with as_role("owner"):
        assert Entry.objects.filter(subject=f"casework.Photo:{photo.pk}", action="create").exists()


@pytest.mark.parametrize("case", photo_files.BAD)
@pytest.mark.long
def test_a_file_that_is_no_photo_is_refused_in_words_and_leaves_nothing(case, officer, settings):
    content, code = photo_files.BAD[case]
    folder = Path(settings.MEDIA_ROOT) / photos.FOLDER
    before = set(folder.glob("*")) if folder.exists() else set()
    with pytest.raises(DomainError) as refused:
        photos.prepare(io.BytesIO(content), "rumah.jpg")
    assert refused.value.code == code
    assert "rumah.jpg" in refused.value.text
    assert (set(folder.glob("*")) if folder.exists() else set()) == before
    # the next good photo works at once
    assert photos.prepare(photo_files.photo(), "rumah.jpg").width == 800


def test_pixels_are_counted_by_the_header_alone():
    with pytest.raises(DomainError) as refused:
        photos.prepare(photo_files.png_of(20_000, 10_000), "rumah.jpg")
    assert refused.value.params["megapixels"] == 200


def test_what_cameras_append_is_no_second_format():
    video = b"\x00\x00\x00\x18ftypmp42" + bytes(9_000)
    sent = photo_files.photo() + video + photo_files.photo()
    assert photos.prepare(sent, "gerak.jpg").width == 800


@pytest.mark.slow
@pytest.mark.parametrize("ending", photo_files.KINDS)
@pytest.mark.long
def test_the_largest_photo_that_is_allowed_is_drawn(ending):
    prepared = photos.prepare(photo_files.photo(ending, size=(8_600, 5_800)), "besar")
    assert prepared.width == 1_600
