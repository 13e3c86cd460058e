"""The pairs of a run: both sides are exported from the database and compared in the run's folder.

After an earlier run with the same model, only new or different records are compared: fresh records
of the left side with all of the right one, and the other left records with the right side's fresh
ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from apps.common import sql
from apps.common.parallel import run_concurrently
from apps.jobs.work import Lease
from apps.reconciliation.linkage import safeguards
from apps.reconciliation.linkage.linkage_session import (
    PAIR_COLUMNS,
    LinkageSession,
    blocks_of,
    is_current,
    open_session,
)
from apps.reconciliation.models import Dataset, Pairing, Run
from apps.reconciliation.partitions import PARTITION_FROM_ROWS, Partition

FOLDER: Final = "runs"
SEED: Final = 20_261_125
# Pairs this far below the lower threshold are not stored; a lower threshold than that needs a new
# run.
BELOW: Final = 6.0
FILES: Final = ("first.tsv", "second.tsv")


@dataclass(frozen=True)
class FoundPairs:
    """Files of pairs (`columns`), and what they were computed from.

    `partition` is the partition for them, when they are many and the pairing has no pairs yet.
    """

    files: tuple[Path, ...]
    columns: tuple[str, ...]
    pairs: int
    is_anew: bool
    fresh: dict[str, int]
    partition: Partition | None = None


@contextmanager
def folder_of(run: Run) -> Iterator[Path]:
    """The run's own folder in the protected storage; empty at first, deleted with the block."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER / str(run.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find(run: Run, folder: Path, lease: Lease) -> FoundPairs:
    """Find the pairs of a run. Raises: Tripped, NothingToLearn, LeaseLost."""
    if run.right is None:
        raise RuntimeError("the other side is not there yet")
    since = _since(run)
    with open_session(folder, seed=SEED) as session:
        fresh = _load_sides(run, session, folder, since, lease)
        model = _model(run, session, lease)
        lease.progress(3, 5, stage="compare")
        found = _compare(run, session, model, folder, since, fresh)
        lease.timed("compare")
    return found


def _since(run: Run) -> tuple[int, int]:
    """The delivery numbers that the stored pairs cover already; zeros: compare everything."""
    before, pairing = run.previous, run.pairing
    if before is None or run.is_retrained or before.right is None or not is_current(pairing.model):
        return 0, 0
    if before.settings.get("model_number") != pairing.model_number:
        return 0, 0
    return before.left.number, before.right.number


def _load_sides(
    run: Run, session: LinkageSession, folder: Path, since: tuple[int, int], lease: Lease
) -> dict[str, int]:
    """Load what this run compares: `a` fresh left, `b` all right, and the rest where needed."""
    left, right = run.left, _right(run)
    is_anew = since == (0, 0)
    lease.progress(1, 5, stage="export")
    fresh = {"left": 0, "right": 0 if is_anew else _changed(right, since[1])}
    if run.pairing.is_within and is_anew:
        fresh["left"] = fresh["right"] = _lay(session, folder, "a", left)
    else:
        # the right side is exported over a second connection while the left one is loaded
        with run_concurrently(lambda: _write(folder / "b.tsv", right)) as wait:
            fresh["left"] = _lay(session, folder, "a", left, since=since[0])
            wait()
        if is_anew:
            fresh["right"] = session.load_side("b", folder / "b.tsv")
        elif fresh["left"] or fresh["right"]:
            session.load_blocked_side("b", folder / "b.tsv", blocks_of(run.pairing.model))
        (folder / "b.tsv").unlink()
    lease.timed("export")
    return fresh


def _lay(
    session: LinkageSession,
    folder: Path,
    side: str,
    dataset: Dataset,
    *,
    since: int = 0,
    before: int = 0,
) -> int:
    path = folder / f"{side}.tsv"
    _write(path, dataset, since=since, before=before)
    count = session.load_side(side, path)
    path.unlink()
    return count


def _write(path: Path, dataset: Dataset, *, since: int = 0, before: int = 0) -> None:
    params = {
        "source": dataset.source_id,
        "number": dataset.number,
        "since": since,
        "before": before,
    }
    sql.copy_out("reconciliation/linkage/export_records", params, path)


def _changed(dataset: Dataset, since: int) -> int:
    if dataset.number == since:
        return 0
    params = {"source": dataset.source_id, "number": dataset.number, "since": since}
    return int(sql.run("reconciliation/linkage/count_changed_records", params)[0][1])


def _model(run: Run, session: LinkageSession, lease: Lease) -> dict[str, Any]:
    """The pairing's model; learnt where none exists or a new one was requested; stored at once."""
    pairing = run.pairing
    noted: dict[str, Any] = run.settings.get("model") or {}
    if not noted and is_current(pairing.model) and not run.is_retrained:
        noted = pairing.model
    lease.progress(2, 5, stage="train")
    if not noted:
        noted = session.train(is_within=pairing.is_within)
    run.settings = {
        "model": noted,
        "model_number": pairing.model_number + (1 if noted != pairing.model else 0),
        "lower": pairing.lower,
        "upper": pairing.upper,
        "floor": floor_of(pairing),
        "seed": SEED,
        "versions": session.versions(),
        "left": run.left.number,
        "right": _right(run).number,
    }
    Run.objects.filter(pk=run.pk).update(settings=run.settings)
    lease.timed("train")
    return noted


def floor_of(pairing: Pairing) -> float:
    return pairing.lower - BELOW


def _compare(
    run: Run,
    session: LinkageSession,
    model: dict[str, Any],
    folder: Path,
    since: tuple[int, int],
    fresh: dict[str, int],
) -> FoundPairs:
    is_anew, is_within = since == (0, 0), run.pairing.is_within
    if is_anew:
        return _compare_anew(run, session, model, folder, fresh)
    files: list[Path] = []
    count = 0
    if fresh["left"]:
        _compare_records(run, session, model, is_within=False)
        count += _export(run, session, folder / FILES[0])
        files.append(folder / FILES[0])
    if not is_within and fresh["right"]:
        _lay(session, folder, "a", run.left, before=since[0])
        _lay(session, folder, "b", _right(run), since=since[1])
        _compare_records(run, session, model, is_within=False)
        count += _export(run, session, folder / FILES[1])
        files.append(folder / FILES[1])
    return FoundPairs(tuple(files), PAIR_COLUMNS, count, is_anew, fresh)


def _compare_anew(
    run: Run, session: LinkageSession, model: dict[str, Any], folder: Path, fresh: dict[str, int]
) -> FoundPairs:
    if not fresh["left"]:
        return FoundPairs((), PAIR_COLUMNS, 0, True, fresh)
    many = (
        _compare_records(run, session, model, is_within=run.pairing.is_within)
        >= PARTITION_FROM_ROWS
    )
    partition = Partition("pair", run.pk, str(run.pairing_id)) if many else None
    more = {} if partition is None else {
        "id": f"{partition.first_id} + row_number() OVER ()",
        "pairing_id": str(run.pairing_id),
        "run_id": str(run.pk),
        "is_sample": "false",
    }  # fmt: skip
    count = _export(run, session, folder / FILES[0], more)
    return FoundPairs((folder / FILES[0],), (*PAIR_COLUMNS, *more), count, True, fresh, partition)


def _compare_records(
    run: Run, session: LinkageSession, model: dict[str, Any], *, is_within: bool
) -> int:
    records = session.records(is_within=is_within)
    blocks = session.count_blocks(blocks_of(model), is_within=is_within)
    safeguards.check_blocks(run, blocks, records)
    return session.compare(model, floor=floor_of(run.pairing), is_within=is_within)


def _export(
    run: Run, session: LinkageSession, path: Path, more: dict[str, str] | None = None
) -> int:
    return session.export_pairs(
        path,
        thresholds=(run.pairing.lower, run.pairing.upper),
        is_one_source=run.pairing.is_within,
        more=more,
    )


def _right(run: Run) -> Dataset:
    if run.right is None:
        raise RuntimeError("the other side is not there yet")
    return run.right
