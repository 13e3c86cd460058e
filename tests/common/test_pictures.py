"""Pictures are drawn anew in the child: this process decodes none."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from apps.common.files import pictures
from apps.common.files.pictures import PictureRefused
from tests.common import files

SIDE = 300


def drawn(content, most_pixels=50_000_000):
    data = pictures.drawn_anew(content, most_pixels=most_pixels, longest_side_px=SIDE)
    return Image.open(io.BytesIO(data))


def made(size=(600, 400), kind="JPEG", mode="RGB", **options):
    picture = Image.new("RGB", size, "white")
    picture.paste("black", (0, 0, size[0] // 4, size[1] // 4))  # a mark in the corner
    out = io.BytesIO()
    picture.convert(mode).save(out, kind, **options)
    return out.getvalue()


CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


@pytest.mark.parametrize("orientation", CORNERS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.long
def test_a_picture_is_rotated_upright(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = drawn(made(kind=kind, exif=exif)).convert("L")
    across, down = CORNERS[orientation]
    at = (10 + across * (picture.width - 20), 10 + down * (picture.height - 20))
    assert picture.size == ((200, 300) if orientation > 4 else (300, 200))
    assert picture.getpixel(at) < 60
    assert not Image.open(io.BytesIO(made())).getexif()


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "1")]
)
def test_every_usual_format_is_redrawn(kind, mode):
    assert (drawn(made(kind=kind, mode=mode)).format, drawn(made()).mode) == ("JPEG", "RGB")


def test_a_picture_is_never_made_larger():
    assert drawn(made((30, 20))).size == (30, 20)


def test_too_many_pixels_are_refused_by_the_header():
    with pytest.raises(PictureRefused) as refused:
        drawn(made(), most_pixels=1_000)
    assert refused.value.code == "picture_too_large"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff\xe0 no picture", made()[:2000], b"GIF89a" + bytes(50)]
)
def test_a_broken_picture_is_refused(content):
    with pytest.raises(PictureRefused):
        drawn(content)


@pytest.mark.slow
@pytest.mark.long
def test_the_largest_picture_that_is_allowed_is_drawn():
    assert drawn(files.large_png(8_000, 6_250)).size == (300, 234)


def test_a_noisy_photo_is_redrawn():
    noise = random.Random(1).randbytes(900 * 900 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (900, 900), noise).save(out, "JPEG", quality=95)
    assert drawn(out.getvalue()).size == (300, 300)
