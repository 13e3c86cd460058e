"""An answer about a conflict becomes a correction of the register, through its one door.

Each answer that is taken over is one Change (`resolution <day>/<answer>`): who took it over, the
officer's reason, and the source that was right, or FIELD where neither was. A steward marks answers
(`answers`); the job here writes whatever is marked, a lot at a time, each lot in one transaction:
a killed worker's job goes on where the last lot ended. Before it writes, it looks whether the
register still says what the question was about; where it does not, the answer goes back.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql as text

from apps.audit import record
from apps.audit.models import Action
from apps.casework import notices
from apps.common import sql
from apps.jobs import work
from apps.reconciliation import worklists
from apps.reconciliation.questions import QUESTIONS
from apps.registry import changes
from apps.registry.models import Change

# Answers written in one transaction. Cost: see docs/reconciliation.md.
LOT: Final = 2_000
# Two jobs at once: the second waits for the lot of the first.
LOCK: Final = 0x7265736F
COUNTS: Final = ("resolved", "kept", "gone", "sent_back")

Tables = dict[str, tuple[str, ...]]


def resolve(lease: work.Lease) -> dict[str, int]:
    """Write every answer that is taken over. Run again it writes what is left, mostly nothing."""
    done: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
    while lot := _lot(lease):
        done.update(lot)
        written = done["resolved"] + done["kept"] + done["sent_back"]
        lease.progress(min(written, lease.job.total or written), stage="register")
    with transaction.atomic():
        record.entry(
            Action.DECIDE,
            subject=lease.job.subject,
            by=lease.job.actor,
            by_name=lease.job.actor_name,
            step="resolve",
            answers=dict(done),
        )
        lease.finish(**done)
    return dict(done)


@transaction.atomic
def _lot(lease: work.Lease) -> dict[str, int]:
    """The next answers, all of them or none. Empty when nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    now = timezone.now()
    tables: Tables = {
        "taken": ("staging", f"resolution_{lease.job.pk}"),
        "rows": ("staging", f"resolution_{lease.job.pk}_rows"),
    }
    _drop(tables)
    params: dict[str, Any] = {
        "most": LOT,
        "now": now,
        "zone": settings.TIME_ZONE,
        "kinds": [str(kind) for kind in QUESTIONS],
        "acts": [question.act for question in QUESTIONS.values()],
        "others": [question.other for question in QUESTIONS.values()],
    }
    sql.run("reconciliation/lock_resolved", params)
    sql.run("reconciliation/stage_resolutions", params, tables=tables, rows=LOT)
    lists = _lists(tables["taken"])
    if not lists:
        _drop(tables)
        return {}
    worklists.lock(lists)
    counts = _write(params, tables, len(lists))
    worklists.count([*lists, *counts.pop("lists")], now)
    _drop(tables)
    lease.timed("register")
    return counts


def _write(params: dict[str, Any], tables: Tables, rows: int) -> dict[str, Any]:
    """Send back, write the register, close: in this order."""

    def run(name: str) -> list[tuple[Any, ...]]:
        return sql.run(name, params, tables=tables, rows=rows)

    back = dict(run("reconciliation/send_back_answers"))
    notices.tell(
        back,
        kind=notices.Kind.ANSWER_BACK,
        subject=worklists.SUBJECT,
        url=worklists.PAGE,
        now=params["now"],
    )
    run("reconciliation/drop_hindered")
    changes.begin_each(kind=Change.Kind.RESOLUTION, relation=tables["taken"], rows=rows)
    run("reconciliation/stage_corrected")
    changes.correct(relation=tables["rows"], at=params["now"], rows=rows)
    resolved, kept, gone, touched = run("reconciliation/close_conflicts")[0]
    return {
        "resolved": resolved,
        "kept": kept,
        "gone": gone,
        "sent_back": sum(back.values()),
        "lists": touched,
    }


def _lists(taken: tuple[str, ...]) -> list[int | None]:
    """The work-list of each staged answer (None for one without)."""
    with connection.cursor() as cursor:
        cursor.execute(text.SQL("SELECT worklist_id FROM {}").format(text.Identifier(*taken)))
        return [pk for (pk,) in cursor.fetchall()]


def _drop(tables: Tables) -> None:
    for table in tables.values():
        sql.execute(text.SQL("DROP TABLE IF EXISTS {}").format(text.Identifier(*table)))
