"""Pages of a foreign PDF as one picture, drawn by a child that may do nothing else."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from apps.common.files import pdf_pages
from apps.common.files.pictures import PictureRefused
from apps.common.files.sandbox import ChildLimits
from tests.pdf_files import pdf


def sheet(content: bytes) -> Image.Image:
    drawn = pdf_pages.draw(content)
    picture = Image.open(io.BytesIO(drawn.jpeg))
    picture.load()
    assert picture.size == (drawn.width, drawn.height)
    return picture


def ink(picture: Image.Image, top: int, bottom: int) -> bool:
    """Whether something is written between two heights."""
    part = picture.convert("L").crop((0, top, picture.width, bottom))
    return part.getextrema()[0] < 60


def test_the_first_pages_are_one_picture_one_below_the_other():
    one = sheet(pdf(1))
    assert one.width == pdf_pages.WIDTH_PX
    assert one.height == pytest.approx(1_414, abs=2)
    assert ink(one, 100, 300)
    assert not ink(one, 600, 1_400)
    two = sheet(pdf(2))
    assert two.height == 2 * one.height + 8
    assert ink(two, one.height + 100, one.height + 300)


def test_of_many_pages_the_first_are_drawn():
    assert sheet(pdf(40)).height == sheet(pdf(pdf_pages.MOST_PAGES)).height


@pytest.mark.parametrize("size", [(60, 14_000), (14_000, 60), (14_400, 14_400), (3, 3)])
def test_odd_pages_are_drawn_within_bounds(size):
    picture = sheet(pdf(1, size=size))
    assert picture.width == pdf_pages.WIDTH_PX
    assert picture.height <= 3 * pdf_pages.WIDTH_PX


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"%PDF-1.4\n%%EOF\n", id="empty"),
        pytest.param(pdf(1)[:400] + b"%%EOF", id="cut"),
        pytest.param(pdf(1, password="rahasia"), id="locked"),
        pytest.param(b"\xff\xd8\xff", id="no PDF"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_cannot_be_drawn_is_refused(content):
    with pytest.raises(PictureRefused):
        pdf_pages.draw(content)


def test_a_pdf_that_takes_too_long_or_too_much_memory_is_refused(monkeypatch):
    for limits in (ChildLimits(clock_s=0.01), ChildLimits(memory_bytes=60_000_000)):
        monkeypatch.setattr(pdf_pages, "LIMITS", limits)
        with pytest.raises(PictureRefused):
            pdf_pages.draw(pdf(3))
