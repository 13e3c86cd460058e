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
from psycopg import sql as psql

from apps.common import sql
from apps.proposals import rules
from apps.proposals.checks.reading import SCHEMA
from apps.proposals.models import Proposal, RegisteredMatch
from apps.proposals.states import OPEN, Likely
from apps.registry.likeness import SAME_POINT_M, Alike, Judgement, Named, judge

Tables = dict[str, tuple[str, str]]
PARTS: Final = ("wanted", "tidy", "homes", "known", "looked", "matched")
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
def refresh(*, wanted: Iterable[int] | tuple[str, str], now: datetime) -> int:
    """Compare stored proposals anew with the register as it is; returns how many say other things.

    `wanted` are their ids, or the name of a table with a column `id`. What a reviewer said of a
    move stays while it is about the same move. In the worker.
    """
    name = f"identity_{uuid4().hex[:12]}"
    tables: Tables = {part: (SCHEMA, f"{name}_{part}") for part in PARTS}
    if isinstance(wanted, tuple) and wanted and isinstance(wanted[0], str):
        tables["wanted"] = (str(wanted[0]), str(wanted[1]))
        own: tuple[str, ...] = PARTS[1:]
    else:
        _want(tables["wanted"], [int(number) for number in wanted])
        own = PARTS
    rows = _count(tables["wanted"])
    sql.run("proposals/checks/draw_proposals", {}, tables=tables, rows=rows)
    sql.execute(psql.SQL("ANALYZE {} (nik, kk)").format(psql.Identifier(*tables["tidy"])))
    compare(tables)
    changed = sql.scalar("proposals/checks/refresh_matches", {"now": now}, tables=tables, rows=rows)
    for part in own:
        sql.execute(psql.SQL("DROP TABLE {}").format(psql.Identifier(*tables[part])))
    return int(changed)


@transaction.atomic
def refresh_touched(*, change_id: int, now: datetime) -> int:
    """Compare anew the open proposals about whom one change of the register has written.

    Returns how many say other things. In the worker. Locks: none.
    """
    wanted = (SCHEMA, f"identity_change_{change_id}")
    sql.execute(psql.SQL("DROP TABLE IF EXISTS {}").format(psql.Identifier(*wanted)))
    values = {"change": change_id, "open": [str(status) for status in OPEN]}
    sql.run("proposals/checks/find_touched", values, tables={"wanted": wanted})
    changed = refresh(wanted=wanted, now=now)
    sql.execute(psql.SQL("DROP TABLE {}").format(psql.Identifier(*wanted)))
    return changed


def _want(table: tuple[str, str], ids: list[int]) -> None:
    made = psql.Identifier(*table)
    sql.execute(
        psql.SQL("CREATE UNLOGGED TABLE {} AS SELECT unnest(%s::bigint[]) AS id").format(made),
        [ids],
    )


def _count(table: tuple[str, str]) -> int:
    counted = psql.SQL("SELECT count(*) FROM {}").format(psql.Identifier(*table))
    return int(sql.select(counted)[0][0])


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
    sql.execute(
        psql.SQL(
            "CREATE UNLOGGED TABLE {} (row_number bigint, is_other boolean, is_spelling boolean)"
        ).format(psql.Identifier(*looked))
    )
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
