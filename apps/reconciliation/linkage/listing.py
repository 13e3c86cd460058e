"""The pairs of a run under a filter, with keyset paging: fifty rows and the adjacent addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Q, QuerySet, Value
from django.utils.http import urlencode

from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.http import decimal, integer
from apps.reconciliation.linkage import summary
from apps.reconciliation.models import IS_BLIND, REGISTER, Record, RecordPair, Run
from apps.reconciliation.states import BLIND, PairStatus

PAGE: Final = 50


@dataclass(frozen=True)
class Filter:
    """A filter of pairs: by status, by weight (from inclusive, to exclusive), by the changes of a
    run.

    Pairs of the blind sample on which people have not agreed are in a separate list, ordered by
    key. Among other pairs, their place would show their weight, and a filter would show their
    status.
    """

    status: str = ""
    low: float | None = None
    high: float | None = None
    change: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Filter:
        """The filter of an address; parameters that are no filter are ignored."""
        status, change = params.get("status", ""), params.get("change", "")
        return cls(
            status if status in (*PairStatus.values, BLIND) else "",
            number(params.get("low")),
            number(params.get("high")),
            change if change in summary.CHANGES else "",
        )

    @property
    def is_blind(self) -> bool:
        return self.status == BLIND

    def params(self) -> dict[str, str]:
        given = {"status": self.status, "low": self.low, "high": self.high}
        given["change"] = self.change
        return {name: _plain(value) for name, value in given.items() if value not in ("", None)}

    def apply(self, run: Run, pairs: QuerySet[RecordPair]) -> QuerySet[RecordPair]:
        """The pairs of a run that pass the filter; changed ones are those of the run itself."""
        found: Any = summary.changed(run, self.change) if self.change else pairs.of(run)  # type: ignore[attr-defined]
        if self.is_blind:
            return found.filter(IS_BLIND)
        found = found.exclude(IS_BLIND)
        if self.status:
            found = found.filter(status=self.status)
        if self.low is not None:
            found = found.filter(weight__gte=self.low)
        if self.high is not None:
            found = found.filter(weight__lt=self.high)
        return found


@dataclass(frozen=True)
class Page:
    """Fifty pairs in the order of their weight (or keys), and the neighbouring pages."""

    rows: list[RecordPair]
    number: int
    before: str
    after: str


def page_of(pairs: QuerySet[RecordPair], wanted: Filter, params: Mapping[str, str]) -> Page:
    """The page given by `after` or `before` (a pair's id) and its number `p`.

    Queries: one; another for the weight of the pair after or before which it begins.
    """
    number_of_page = integer(params.get("p")) or 1
    after, before = integer(params.get("after")), integer(params.get("before"))
    rank: Any = Value(0.0) if wanted.is_blind else F("weight")
    shown = pairs.select_related("left", "right").annotate(rank=rank)
    known = RecordPair.objects.annotate(rank=rank).filter(pk=before or after or 0)
    edge = known.values("rank").first()
    if before and edge:
        found = list(_above(shown, edge["rank"], before).order_by("rank", "-pk")[: PAGE + 1])
        has_before, has_after, found = len(found) > PAGE, True, found[:PAGE][::-1]
    else:
        rest = _below(shown, edge["rank"], after) if after and edge else shown
        found = list(rest.order_by("-rank", "pk")[: PAGE + 1])
        has_before, has_after, found = bool(after and edge), len(found) > PAGE, found[:PAGE]
    query = wanted.params()
    return Page(
        found,
        number_of_page,
        urlencode(query | {"before": found[0].pk, "p": max(number_of_page - 1, 1)})
        if found and has_before
        else "",
        urlencode(query | {"after": found[-1].pk, "p": number_of_page + 1})
        if found and has_after
        else "",
    )


def has_blind(run: Run) -> bool:
    """Whether pairs of the run are still in the blind sample. Queries: one, by index."""
    return RecordPair.objects.all().of(run).filter(IS_BLIND).exists()


def note_listed(by: User, run: Run, wanted: Filter, rows: Iterable[RecordPair]) -> None:
    """Record the read of the names in these pairs."""
    shown = list(rows)
    if not shown:
        return
    read_limits.count(by, read_limits.Kind.LIST, len(shown))
    record.entry(
        Action.READ,
        about=run,
        selection=wanted.params(),
        pairs=[row.pk for row in shown],
        persons=persons_of(one for row in shown for one in (row.left, row.right)),
    )


def persons_of(records: Iterable[Record]) -> list[int]:
    """The ids of the register's persons among the records."""
    return sorted({int(one.source_ref) for one in records if one.source_id == REGISTER})


def _below(pairs: QuerySet[Any], rank: float, pk: int) -> QuerySet[Any]:
    return pairs.filter(Q(rank__lt=rank) | Q(rank=rank, pk__gt=pk))


def _above(pairs: QuerySet[Any], rank: float, pk: int) -> QuerySet[Any]:
    return pairs.filter(Q(rank__gt=rank) | Q(rank=rank, pk__lt=pk))


def number(text: str | None) -> float | None:
    """A weight, typed with a decimal point or comma; None if it is not a number."""
    found = decimal(text)
    return found if found is not None and -1000 < found < 1000 else None


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
