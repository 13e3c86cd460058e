"""Pictures as evidence cost the web server no memory of their own, however large they unpack."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.demo.country import CODES
from tests.common import files
from tests.figures import Figure
from tests.proposals.sending import as_csv, row
from tests.seams.test_hostile_uploads import finished
from tests.stack import Stack, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MEGABYTE = 1 << 20


class Memory:
    """The web server's own: now, and the most since this was made. Units: bytes."""

    def __init__(self, stack: Stack) -> None:
        self.folder = Path(f"/proc/{stack.pid('web')}")
        (self.folder / "clear_refs").write_text("5")  # forget the most of before
        self.before = self._said("VmRSS")

    @property
    def grown(self) -> int:
        return self._said("VmHWM") - self.before

    def _said(self, name: str) -> int:
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise AssertionError(name)


def evidence(visitor: Visitor, batch: str, picture: bytes, number: str) -> int:
    return visitor.post(
        f"{batch}evidence/",
        data={
            "village": CODES["A"],
            "kind": "minutes",
            "number": number,
            "date": timezone.localdate().strftime("%d-%m-%Y"),
        },
        files={"file": ("foto.png", picture, "image/png")},
    ).status_code


def sent_at_once(
    stack: Stack, person: Callable[..., User], pictures: list[bytes]
) -> tuple[list[int], int]:
    """The statuses of as many officers' evidence, and how far the web server's memory grew."""
    officers = [person("regency_officer", name=f"petugas-{n}") for n in range(len(pictures))]
    visitors = [stack.visitor(officer) for officer in officers]
    batch = finished(visitors[0], as_csv([row(9001)]), "usulan.csv")
    for visitor in visitors:
        visitor.get(batch)
    memory = Memory(stack)
    with ThreadPoolExecutor(len(pictures)) as pool:
        statuses = list(
            pool.map(
                lambda n: evidence(visitors[n], batch, pictures[n], f"BA/{n}"),
                range(len(pictures)),
            )
        )
    return statuses, memory.grown


@pytest.mark.long
def test_large_pictures_are_drawn_outside_of_the_web_server(
    stack: Stack, person: Callable[..., User]
) -> None:
    pictures = [files.large_png(3_000, 3_000) + bytes([n]) for n in range(4)]
    statuses, grown = sent_at_once(stack, person, pictures)
    assert set(statuses) <= {302, 503}  # on a busy machine somebody is asked to come again
    assert 302 in statuses
    assert grown < 60 * MEGABYTE


@pytest.mark.scale
def test_eight_pictures_of_fifty_megapixels_at_once(
    stack: Stack, person: Callable[..., User], figure: Figure
) -> None:
    padding = bytes(700_000)
    pictures = [files.large_png(8_000, 6_250) + bytes([n]) + padding for n in range(8)]
    statuses, grown = sent_at_once(stack, person, pictures)
    figure(
        "8 pictures of 0.9 MB and 50 megapixels: web server grows", grown / MEGABYTE, "MiB", "≤ 100"
    )
    figure("of them stored at once", statuses.count(302), "of 8")
    assert set(statuses) <= {302, 503}
    assert 302 in statuses
    assert grown < 100 * MEGABYTE
