"""How proposals compare with the register: who is registered under their NIK, and where.

One rule for every row, whatever way it came: what letters and metres tell is SQL, names that are
not written alike go through `registry.likeness` in one pass. The check compares the rows of a
batch; `refresh` compares stored proposals with the register of today.

A proposal of the kind new never changes who somebody is (docs/adr/0009): whoever seems to be
another person than the registered one is decided singly (`IS_OTHER`), and is not determined while
nobody has explained it (`IS_UNEXPLAINED`). A registered family moves where a reviewer said so
(`MOVED`).
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
# Rows that the pass holds at once, as text for COPY.
BLOCK_ROWS: Final = 5_000


def compare(tables: Tables) -> None:
    """Make `homes`, `known`, `looked` and `matched` of the rows in `tidy`: who the register has.

    Cost: measured with a register of 200,000 persons, 100,000 rows of which 4,000 are about one of
    them 0.3 s more than looking their NIKs up.
    """
    bounds = {"moved_m": SAME_POINT_M, "explained_chars": rules.EXPLAINED_CHARS}
    sql.run("proposals/checks/find_homes", {}, tables=tables)
    sql.run("proposals/checks/find_registered_persons", bounds, tables=tables)
    _compare_names(tables)
    sql.run("proposals/checks/compare_persons", {}, tables=tables)


@transaction.atomic
def refresh(*, wanted: Iterable[int], now: datetime) -> int:
    """Compare stored proposals anew with the register as it is; returns how many say other things.

    `wanted` are their ids. What a reviewer said of a move stays while it is about the same move.
    In the worker.
    """
    with Staging(f"identity_{uuid4().hex[:12]}", ["wanted"], bare="wanted") as staging:
        staging.run("proposals/checks/list_wanted", {"ids": list(wanted)})
        return _refresh(staging["wanted"], now)


@transaction.atomic
def refresh_touched(*, change_id: int, now: datetime) -> int:
    """Compare anew the open proposals about whom one change of the register has written.

    Returns how many say other things. In the worker. Locks: none.
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
    """What a page showed of a comparison, to be given back with a decision."""
    who = f"{match.person_id or 0}.{match.family_id or 0}.{match.likely}"
    return f"{who}.{'.'.join(match.differs)}"


def needs_look(proposal: Proposal, shown: str) -> bool:
    """Whether a proposal is decided with both persons in sight, and `shown` is not them."""
    match = RegisteredMatch.objects.filter(pk=proposal.pk, likely=Likely.OTHER).first()
    return match is not None and shown != mark_of(match)


# --- names ---


def _compare_names(tables: Tables) -> None:
    """Judge the names that are not written alike, in one pass, into `looked`."""
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
    """Whether what differs is no more than the spelling of a name."""
    return {said.name, said.mother_name} <= {Alike.EQUAL, Alike.NOTHING}


def _flag(value: bool) -> str:
    return "t" if value else "f"
