"""Drawn photos of houses for the demo: a ZIP for the open rows of a file, as officers send it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any, Final

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import ExifTags, Image, ImageDraw

from apps.accounts.models import User
from apps.demo import working
from apps.proposals import lines
from apps.proposals.models import Batch, Proposal
from apps.proposals.photos import photo_zip
from apps.proposals.states import ProposalStatus

HOUSES: Final = 12
SIZE: Final = (1_200, 900)
# Degrees from the point to the camera, by turns: at the door, across the street, another house, no
# position at all.
CAMERAS: Final = ((0.0001, 0.0), (0.0, 0.0012), (0.012, 0.009), None)
INSIDE_EACH: Final = 3


def add_pictures(batch: Batch, *, by: User, show: Any) -> int:
    """Send photos for the first rows of a batch that wait for the verifier; returns how many.

    A second run sends nothing.
    """
    if batch.photo_archives.exists():
        return 0
    waiting = batch.proposals.filter(status=ProposalStatus.SUBMITTED, location__isnull=False)
    rows = list(waiting.order_by("village_id", "row_number")[:HOUSES])
    if not rows:
        return 0
    content, count = _zip_of(batch, rows)
    archive = photo_zip.receive(
        batch=batch, file=ContentFile(content, name="foto-rumah.zip"), by=by, now=timezone.now()
    )
    job = photo_zip.job_of(archive)
    assert job is not None  # it was enqueued just now
    working.done(job, show=show)
    return count


def _zip_of(batch: Batch, rows: list[Proposal]) -> tuple[bytes, int]:
    out, above = io.BytesIO(), lines.above(batch)
    with zipfile.ZipFile(out, "w") as archive:
        for number, row in enumerate(rows):
            name = str(row.row_number + above)
            archive.writestr(f"{name}.jpg", _front(number, row.location))
            if number % INSIDE_EACH == 0:
                archive.writestr(f"{name}_dalam.jpg", _inside(number))
        count = len(archive.namelist())
    return out.getvalue(), count


def _front(number: int, point: Any) -> bytes:
    """A house under a roof, a door and a window; its colours change with the number."""
    picture = Image.new("RGB", SIZE, (150, 195, 225))
    draw = ImageDraw.Draw(picture)
    shade = number * 17 % 80
    draw.rectangle((0, 640, *SIZE), fill=(110, 140 + shade // 2, 80))
    draw.rectangle((300, 400, 900, 720), fill=(205 - shade, 185, 150 + shade))
    draw.polygon([(240, 400), (600, 190), (960, 400)], fill=(150, 70 + shade // 2, 50))
    draw.rectangle((420, 500, 530, 720), fill=(90, 60, 40))
    draw.rectangle((640, 480, 800, 600), fill=(225, 235, 240), outline=(90, 60, 40), width=8)
    draw.text((24, 24), f"CONTOH {number + 1}", fill=(40, 40, 40), font_size=40)
    return _jpeg(picture, number, point)


def _inside(number: int) -> bytes:
    picture = Image.new("RGB", SIZE, (215, 200, 180))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 650, *SIZE), fill=(150, 110, 80))
    draw.rectangle((200, 460, 620, 700), fill=(120, 80 + number * 9 % 60, 60))
    draw.text((24, 24), f"CONTOH {number + 1}", fill=(40, 40, 40), font_size=40)
    return _jpeg(picture, number, None)


def _jpeg(picture: Image.Image, number: int, point: Any) -> bytes:
    """With what a telephone writes: the camera, its position, the time."""
    notes = Image.Exif()
    notes[ExifTags.Base.Make] = "CONTOH"
    away = CAMERAS[number % len(CAMERAS)]
    if point is not None and away is not None:
        place = notes.get_ifd(ExifTags.IFD.GPSInfo)
        for first, value, sides in (
            (1, point.y + away[0], "NS"),
            (3, point.x + away[1], "EW"),
        ):
            place[first] = sides[value < 0]
            place[first + 1] = _sexagesimal(abs(value))
        taken = timezone.localtime() - timedelta(days=3, minutes=7 * number)
        notes.get_ifd(ExifTags.IFD.Exif)[36867] = f"{taken:%Y:%m:%d %H:%M:%S}"
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, exif=notes)
    return out.getvalue()


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 5)
