"""Comparing proposals with the register: who is registered under their NIK, and where.

All rows follow the same rule. Texts and distances are compared in SQL; names that differ go
through `registry.likeness` in one pass. The check compares the rows of a batch; `refresh` compares
stored proposals with the present register.

A proposal of the kind new never changes a registered identity (docs/adr/0009). If the person seems
to be another one than the registered person, the proposal is decided singly (`IS_OTHER`), and is
not determined without an explanation (`IS_UNEXPLAINED`). A registered family is moved only after a
reviewer has confirmed the move (`MOVED`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from django.db import transaction

from apps.common import sql
from apps.common.sql import Table, Tables
from apps.common.staging import Staging
from apps.proposals import rules
from apps.proposals.models import Proposal, RegisteredMatch
from apps.proposals.states import OPEN, Likely
from apps.registry.likeness import SAME_POINT_M, Alike, Judgement, Named, judge

PARTS: Final = ("tidy", "homes", "known", "looked", "matched")
# Rows that the pass holds in memory at once, as text for COPY.
BLOCK_ROWS: Final = 5_000


def compare(tables: Tables) -> None:
    """Compare the rows in `tidy` with the register; makes `homes`, `known`, `looked`, `matched`.

    Cost: 0.3 s more than looking up the NIKs, for 100,000 rows of which 4,000 are about one of the
    register's 200,000 persons.
    """
    bounds = {"moved_m": SAME_POINT_M, "explained_chars": rules.EXPLAINED_CHARS}
    sql.run("proposals/checks/find_homes", {}, tables=tables)
    sql.run("proposals/checks/find_registered_persons", bounds, tables=tables)
    _compare_names(tables)
    sql.run("proposals/checks/compare_persons", {}, tables=tables)


@transaction.atomic
def refresh(*, wanted: Iterable[int], now: datetime) -> int:
    """Compare stored proposals again with the present register; returns how many results changed.

    `wanted` are their ids. A reviewer's answer about a move is kept as long as it is the same move.
    Runs as the worker.
    """
    with Staging(f"identity_{uuid4().hex[:12]}", ["wanted"], bare="wanted") as staging:
        staging.run("proposals/checks/list_wanted", {"ids": list(wanted)})
        return _refresh(staging["wanted"], now)


@transaction.atomic
def refresh_touched(*, change_id: int, now: datetime) -> int:
    """Compare again the open proposals about persons or families that a register change wrote.

    Returns how many results changed. Runs as the worker. Locks: none.
    """
    with Staging(f"identity_change_{change_id}", ["wanted"], bare="wanted") as staging:
        values = {"change": change_id, "open": [str(status) for status in OPEN]}
        staging.run("proposals/checks/find_touched", values)
        return _refresh(staging["wanted"], now)


def _refresh(wanted: Table, now: datetime) -> int:
    """Compare the proposals of a table with a column `id`."""
    rows = sql.count(wanted)
    with Staging(wanted[-1], PARTS, others={"wanted": wanted}) as staging:
        staging.run("proposals/checks/draw_proposals", {}, rows=rows)
        staging.analyze("tidy", "nik", "kk")
        compare(staging)
        return int(staging.scalar("proposals/checks/refresh_matches", {"now": now}, rows=rows))


# --- one proposal ---


def mark_of(match: RegisteredMatch) -> str:
    """A mark of the comparison that a page showed; the form returns it with the decision."""
    who = f"{match.person_id or 0}.{match.family_id or 0}.{match.likely}"
    return f"{who}.{'.'.join(match.differs)}"


def needs_look(proposal: Proposal, shown: str) -> bool:
    """Whether a proposal is decided with both persons shown, but `shown` marks other data."""
    match = RegisteredMatch.objects.filter(pk=proposal.pk, likely=Likely.OTHER).first()
    return match is not None and shown != mark_of(match)


# --- names ---


def _compare_names(tables: Tables) -> None:
    """Compare the names that are spelled differently, in one pass, into `looked`."""
    looked = tables["looked"]
    sql.create(looked, {"row_number": "bigint", "is_other": "boolean", "is_spelling": "boolean"})
    blocks = list(_blocks(sql.rows_out("proposals/checks/list_unlike", tables=tables)))
    if blocks:
        sql.copy_in(looked, ["row_number", "is_other", "is_spelling"], blocks)


def _blocks(rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    lines: list[str] = []
    for number, *values in rows:
        said = judge(_named(*values[:3]), _named(*values[3:]))
        lines.append(f"{number}\t{_flag(said.is_other)}\t{_flag(_is_spelling(said))}\n")
        if len(lines) == BLOCK_ROWS:
            yield "".join(lines).encode()
            lines.clear()
    if lines:
        yield "".join(lines).encode()


def _named(name: str | None, mother_name: str | None, born: str | None) -> Named:
    return Named(name or "", mother_name or "", date.fromisoformat(born) if born else None)


def _is_spelling(said: Judgement) -> bool:
    """Whether only the spelling of a name differs."""
    return {said.name, said.mother_name} <= {Alike.EQUAL, Alike.NOTHING}


def _flag(value: bool) -> str:
    return "t" if value else "f"
