"""The first load of an existing register: a file is one Change, completely or not at all.

Rows that cannot be loaded are listed beside the file. Other checks of a person belong to
verification and reconciliation, not to loading.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, Subject, subject_of
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.common.staging import SCHEMA, Staging
from apps.common.tabular import REGISTER_FILE, Format, peek, sniff, stream
from apps.imports.refused_rows import write_refused
from apps.imports.stage_clock import StageClock
from apps.registry import changes
from apps.registry.models import Change, rules

HEADER: Final = (
    "id_sumber", "nik", "no_kk", "nama", "tempat_lahir", "tanggal_lahir", "jenis_kelamin",
    "ibu_kandung", "hubungan", "alamat", "rt", "rw", "kode_desa", "lintang", "bujur", "program",
)  # fmt: skip
LISTED: Final = ("baris", "id_sumber", "alasan")


@dataclass
class Loaded:
    """The result of a load. `refused` counts rows by fault; `seconds` by stage."""

    change: Change
    is_new: bool
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    refused_file: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def load_register(*, path: Path, source: str, actor: str, actor_name: str, now: datetime) -> Loaded:
    """Load a CSV file of persons into the register, once: its sha256 is the Change's reference.

    Raises: FileRefused, `register_columns_missing`.
    Cost: 1,000,000 persons and 800,000 enrolments with all history: 57 s of one core. The indexes
    stay while it runs: only the owner may drop them, and decrees continue meanwhile.
    """
    digest = _sha256(path)
    kind = sniff(path, formats=frozenset({Format.CSV}), limits=REGISTER_FILE)
    columns = _columns(peek(path, kind, limits=REGISTER_FILE).header)
    with transaction.atomic():
        _lock(digest)
        known = Change.objects.filter(kind=Change.Kind.LOAD, reference=digest).first()
        if known is not None:
            return Loaded(known, is_new=False, counts=known.rows)
        clock = StageClock()
        with _staging(digest) as staging:
            rows = _read(stream(path, kind, columns, limits=REGISTER_FILE), staging)
            clock.stop("read")
            loaded = _load(path, source, actor, actor_name, now, digest, staging, clock, rows)
        clock.stop("store")
        loaded.rows = rows
        record.entry(
            Action.RUN,
            about=Subject(subject_of(loaded.change), path.name),
            by=Actor(loaded.change.actor, loaded.change.actor_name),
            counts=loaded.counts,
            refused=loaded.refused,
        )
    return loaded


def _load(
    path: Path, source: str, actor: str, actor_name: str, now: datetime, digest: str,
    staging: Staging, clock: StageClock, rows: int,
) -> Loaded:  # fmt: skip
    _check(staging, now, rows)
    refused = dict(staging.run("registry/count_refused_rows"))
    listed = staging.run("registry/list_refused_rows") if refused else []
    refused_file = write_refused(path, listed, LISTED) if listed else None
    clock.stop("check")
    change = changes.begin(
        kind=Change.Kind.LOAD,
        reference=digest,
        source=source,
        actor=actor,
        actor_name=actor_name,
        reason=path.name,
        now=now,
    )
    day = timezone.localdate(now)
    # the file is the register itself: a later one has the current values
    counts = changes.apply(
        change=change, relation=staging["good"], active_from=day, overwrites=True
    )
    return Loaded(
        change,
        is_new=True,
        counts=counts,
        refused=refused,
        refused_file=refused_file,
        seconds=clock.seconds,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _columns(header: list[str]) -> list[int | None]:
    """The position of each of our columns in the file."""
    names = [name.strip().lower() for name in header]
    missing = [name for name in HEADER if name not in names]
    if missing:
        raise DomainError("register_columns_missing", names=", ".join(missing))
    return [names.index(name) for name in HEADER]


def _lock(digest: str) -> None:
    """Of two simultaneous loads of one file, the second waits, then finds the first's Change."""
    locks.hold_text(Lock.REGISTER_FILE, digest)


def _staging(digest: str) -> Staging:
    """The staging tables. `good` is a view of `checked` and is dropped with it."""
    label = f"register_{digest[:12]}"
    return Staging(label, ["read", "checked"], others={"good": (SCHEMA, f"{label}_good")})


def _read(blocks: Any, staging: Staging) -> int:
    """Fill the table of texts; the last column counts cells beyond the header."""
    columns = {"row_number": "bigint", **dict.fromkeys(HEADER, "text"), "extra": "int"}
    staging.create("read", columns)
    rows = sql.copy_in(staging["read"], columns, blocks)
    staging.analyze("read")
    return rows


def _check(staging: Staging, now: datetime, rows: int) -> None:
    """Turn the rows into typed rows with their faults, and create a view of the faultless ones."""
    staging.run(
        "registry/check_register_rows",
        {"first_year": rules.FIRST_BIRTH_YEAR, "year": now.year},
        rows=rows,
    )
    staging.drop("read")
    staging.analyze("checked")
    staging.run("registry/show_good_rows")
