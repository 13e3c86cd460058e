"""The demo's made-up civil register: the proposed people, some with differences or missing.

The stand-in service (`apps.demo.dukcapil`) reads the file that is written here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from apps.accounts.models import User
from apps.demo import working
from apps.demo.dukcapil import Known, write_people
from apps.demo.population import names
from apps.demo.stage import SEED, Stage
from apps.proposals.civil import civil_check
from apps.proposals.models import Batch, Proposal
from apps.proposals.selection import Selection

# Differences in the civil register, as shares of the people; the rest is as proposed.
MISSING: Final = 0.02
DECEASED: Final = 0.01
OTHER_BIRTH: Final = 0.015
OTHER_NAME: Final = 0.02
SPELLED: Final = 0.05  # with one more title: the same name
MOVED: Final = 0.03


def path() -> Path:
    """The file from which the stand-in that `make demo` starts reads its people."""
    return Path(settings.STATE_DIR) / "demo" / "civil.csv"


def write(stage: Stage) -> None:
    """Write every person proposed in the regency so far; the same on every run."""
    rows = Proposal.objects.filter(village__code__startswith=stage.regency.code).order_by("pk")
    write_people(path(), _known(rows, sorted(stage.own)))


def _known(rows: Any, villages: list[str]) -> Iterator[Known]:
    rng = random.Random(SEED)
    others = {sex: names.pool(sex, rng) for sex in "LP"}
    seen: set[str] = set()
    for row in rows.iterator(chunk_size=5_000):
        chance, choice = rng.random(), rng.random()
        if row.nik in seen or chance < MISSING:
            continue
        seen.add(row.nik)
        yield _otherwise(row, chance - MISSING, choice, others[row.sex], villages, rng)


def _otherwise(
    row: Proposal,
    chance: float,
    choice: float,
    others: list[str],
    villages: list[str],
    rng: random.Random,
) -> Known:
    name, born, village, is_deceased = row.name, row.birth_date, row.village_id, False
    for share, kind in (
        (DECEASED, "deceased"),
        (OTHER_BIRTH, "birth"),
        (OTHER_NAME, "name"),
        (SPELLED, "spelled"),
        (MOVED, "moved"),
    ):
        if 0 <= chance < share:
            is_deceased = kind == "deceased"
            born = born + timedelta(days=1 + int(choice * 900)) if kind == "birth" else born
            name = others[int(choice * len(others))] if kind == "name" else name
            name = names.titled(name, row.sex, rng) if kind == "spelled" else name
            village = villages[int(choice * len(villages))] if kind == "moved" else village
        chance -= share
    return Known(row.nik, name, born.isoformat(), row.sex, village, str(int(is_deceased)))


def check(batch: Batch, *, by: User, show: Any) -> dict[str, int]:
    """Ask the civil register about the endorsed rows, like Pusdatin's button.

    Returns the answers for the batch's rows, from this or an earlier run: status → number.
    """
    job = civil_check.enqueue_check(selection=Selection(batch=batch.pk), by=by, now=timezone.now())
    working.done(job, show=show)
    said = civil_check.counts(Proposal.objects.filter(batch=batch, civil_match__isnull=False))
    return {status: count for status, count in said.items() if count}
