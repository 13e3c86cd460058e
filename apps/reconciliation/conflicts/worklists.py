"""Work-lists of the questions of a run or a decree: one for each kind and regency, with a due day.

The officers are notified. `total` and `done` are updated in the transaction of every answer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Left
from django.utils import timezone

from apps.accounts.roles import PERMISSIONS, Permission
from apps.casework import notices
from apps.casework import worklists as lists
from apps.casework.models import Worklist
from apps.common import sql
from apps.reconciliation.models import Conflict
from apps.reconciliation.states import ConflictStatus

PAGE: Final = "/reconciliation/conflicts/"
SUBJECT: Final = "reconciliation.Conflict"
REGENCY_LENGTH: Final = 5
DEFAULT: Final = "default"
# Questions that are no longer asked do not count. Answered ones count as done, independent of
# Pusdatin's decision.
ASKED: Final = ~Q(status=ConflictStatus.OBSOLETE)
DONE: Final = Q(status__in=(ConflictStatus.ANSWERED, ConflictStatus.RESOLVED, ConflictStatus.KEPT))


def make(*, subject: str, source: str, held: Collection[int], now: datetime) -> int:
    """Put a source's new questions on lists, recount the lists and notify the officers.

    `held` are the lists that the caller has locked; they are recounted too. `subject` is the run or
    the decree's Change that raised the questions.

    Returns the number of questions that were put on a list. Queries: seven, independent of the
    number of questions.
    """
    new = Conflict.objects.filter(source=source, status=ConflictStatus.OPEN, worklist__isnull=True)
    groups = new.annotate(regency=Left("village_id", REGENCY_LENGTH)).order_by()
    wanted = [
        lists.WantedList(kind, regency, due_date(kind, source, now))
        for kind, regency in groups.values_list("kind", "regency").distinct()
    ]
    lists.open_lists(subject=subject, wanted=wanted, now=now)
    told = sql.run(
        "reconciliation/conflicts/count_askers",
        {"source": source, "roles": _answering(), "now": now},
    )
    placed = int(
        sql.scalar(
            "reconciliation/conflicts/place_conflicts",
            {"subject": subject, "source": source},
            rows=new.count(),
        )
    )
    made = Worklist.objects.filter(subject=subject).values_list("pk", flat=True)
    count([*held, *made], now)
    notices.write_notices(
        dict(told), kind=notices.Kind.QUESTIONS, subject=SUBJECT, url=PAGE, now=now
    )
    return placed


def lock_lists(source: str) -> list[int]:
    """Lock the lists of a source before its questions change, as every answer does."""
    rows = Conflict.objects.filter(source=source, worklist__isnull=False)
    return lock(list(rows.order_by().values_list("worklist", flat=True).distinct()))


def due_date(kind: str, source: str, now: datetime) -> date:
    """The due day of a question: by its source, else its kind, else the general rule."""
    days = settings.RECONCILIATION_ANSWER_DAYS
    return timezone.localdate(now) + timedelta(
        days=days.get(source) or days.get(str(kind)) or days[DEFAULT]
    )


def count(ids: Collection[int | None], now: datetime) -> None:
    """Recount these lists from their questions. The caller may have locked them already.

    Queries: three. Locks: the lists, in the order of their ids.
    """
    wanted = lock(ids)
    if not wanted:
        return
    rows = Conflict.objects.filter(worklist__in=wanted).order_by().values_list("worklist")
    found = rows.annotate(total=Count("pk", filter=ASKED), done=Count("pk", filter=DONE))
    counted = {pk: (total, done) for pk, total, done in found}
    lists.count({pk: counted.get(pk, (0, 0)) for pk in wanted}, now)


def lock(ids: Collection[int | None]) -> list[int]:
    """Lock these lists, before one of their questions changes; returns their ids."""
    wanted = sorted({pk for pk in ids if pk is not None})
    lists.lock(wanted)
    return wanted


def _answering() -> list[str]:
    return [role.value for role, held in PERMISSIONS.items() if Permission.ANSWER_CONFLICT in held]
