"""Work-lists that ask the regencies about the villages in which BIG's pockets and ours differ."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import PERMISSIONS, Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.casework import notices
from apps.casework import worklists as lists
from apps.casework.models import Worklist
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.indicators.models import PocketDifference
from apps.indicators.pockets.activation import editions_in_force
from apps.indicators.pockets.asked_pairs import KIND, recount, subject_of_pair

LABEL: Final = _("Pockets of poverty: BIG and the register differ")
PAGE: Final = "/indicators/pockets/worklists/"
REGENCY_LENGTH: Final = 5


@transaction.atomic
def ask_regencies(*, due_date: date, by: By, now: datetime) -> int:
    """Put each village in which the editions in force differ on its regency's list.

    Villages that are on a list already stay there; what a regency answered about the same
    difference of former editions is not asked again. The officers who answer get a notice. Returns
    the number of villages that were put on a list. Raises: `pocket_no_difference`,
    `pocket_due_past`. Locks: what is hidden, the lists.
    """
    if due_date <= timezone.localdate(now):
        raise DomainError("pocket_due_past")
    pair = editions_in_force().pair
    if pair is None:
        raise DomainError("pocket_no_difference")
    published, computed = pair
    subject = subject_of_pair(pair)
    locks.hold(Lock.HIDDEN)  # what the maps hide meanwhile is asked of nobody
    rows = PocketDifference.objects.filter(
        published=published, computed=computed, worklist__isnull=True, answer=""
    ).exclude(kind__in=(PocketDifference.Kind.AGREE, PocketDifference.Kind.ENDED))
    codes = set(rows.values_list("village_id", flat=True))
    regencies = sorted({code[:REGENCY_LENGTH] for code in codes})
    wanted = [lists.WantedList(KIND, regency, due_date) for regency in regencies]
    lists.open_lists(subject=subject, wanted=wanted, now=now)
    values = {
        "published": published.pk,
        "computed": computed.pk,
        "kind": KIND,
        "subject": subject,
    }
    changed = sql.column("indicators/pockets/place_differences", values, rows=len(codes))
    recount(changed, now)
    _notify(changed, subject, now)
    record.entry(Action.CREATE, about=published, by=by, worklists=len(changed), rows=len(codes))
    return len(codes)


@transaction.atomic
def answer_difference(
    *, row: PocketDifference, answer: PocketDifference.Answer, remark: str, by: User, now: datetime
) -> None:
    """Store what a regency says of a village; a later answer replaces it.

    Raises: `pocket_pair_superseded` where others are in force than the editions it is about.
    Locks: its list.
    """
    assert row.worklist_id is not None  # noqa: S101  only rows of a list come here
    lists.lock([row.worklist_id])
    if not is_asked(row.worklist):
        raise DomainError("pocket_pair_superseded")
    row.answer, row.remark = answer, remark[:300]
    row.answered_at, row.answered_by = now, describe_actor(by).name[:200]
    row.save(update_fields=["answer", "remark", "answered_at", "answered_by"])
    record.entry(
        Action.CHANGE, about=row.worklist, by=by, village=row.village_id, answer=str(answer)
    )
    recount([row.worklist_id], now)


def is_asked(worklist: Worklist | None) -> bool:
    """Whether a list is about the editions in force. Queries: one."""
    pair = editions_in_force().pair
    return worklist is not None and pair is not None and worklist.subject == subject_of_pair(pair)


def _notify(ids: list[int], subject: str, now: datetime) -> None:
    roles = [role.value for role, held in PERMISSIONS.items() if Permission.ANSWER_POCKET in held]
    told = sql.run("indicators/pockets/list_answerers", {"lists": ids, "roles": roles, "now": now})
    notices.write_notices(dict(told), kind=notices.Kind.POCKETS, subject=subject, url=PAGE, now=now)
