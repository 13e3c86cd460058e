"""What becomes of the questions to the regencies when another pair of editions is in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Count, Q

from apps.casework import worklists as lists
from apps.casework.models import Worklist, WorklistQuerySet
from apps.common import sql
from apps.indicators.models import PocketDifference, PocketEdition

KIND: Final = "pocket_difference"
PREFIX: Final = "indicators.PocketEdition:"
Pair = tuple[PocketEdition, PocketEdition]


def subject_of_pair(pair: Pair) -> str:
    """The subject of the lists about a pair of editions, BIG's and ours."""
    published, computed = pair
    return f"{PREFIX}{published.pk}:{computed.pk}"


def names_of_pairs(subjects: Iterable[str]) -> dict[str, str]:
    """The names of both editions by the subject of a list. Queries: one."""
    keys = {subject: subject.removeprefix(PREFIX).split(":") for subject in subjects}
    known = PocketEdition.objects.in_bulk({int(key) for pair in keys.values() for key in pair})
    return {
        subject: " · ".join(known[int(key)].name for key in pair if int(key) in known)
        for subject, pair in keys.items()
    }


def shown_lists() -> WorklistQuerySet:
    """The lists about pockets, without those of which no village is left: an empty one would tell
    that its regency had a pocket that is hidden.
    """
    return Worklist.objects.filter(kind=KIND, total__gt=0)


def follow_pair(pair: Pair, *, now: datetime) -> dict[str, int]:
    """Carry the answers over to the pair that came in force, close the open lists of all others,
    and open its own again where it was in force before. Returns the numbers of `answers` and
    `closed`.

    Queries: eight at most. Locks: the lists of pockets.
    """
    published, computed = pair
    subject = subject_of_pair(pair)
    own = list(Worklist.objects.filter(kind=KIND, subject=subject).values_list("pk", flat=True))
    others = Worklist.objects.filter(kind=KIND).exclude(subject=subject).open()
    old = list(others.values_list("pk", flat=True))
    lists.lock([*own, *old])
    carried = sql.run(
        "indicators/pockets/carry_answers",
        {"published": published.pk, "computed": computed.pk},
        rows=PocketDifference.objects.filter(published=published, computed=computed).count(),
    )
    lists.close(old, now)
    recount(own, now)
    return {"answers": sum(number for _list, number in carried), "closed": len(old)}


def recount(ids: list[int], now: datetime) -> None:
    """Count questions and answers of these lists. Queries: three at most."""
    if not ids:
        return
    lists.lock(ids)
    rows = PocketDifference.objects.filter(worklist__in=ids).order_by().values_list("worklist")
    found = rows.annotate(total=Count("pk"), done=Count("pk", filter=~Q(answer="")))
    counts = {pk: (total, done) for pk, total, done in found}
    lists.count({pk: counts.get(pk, (0, 0)) for pk in ids}, now)
