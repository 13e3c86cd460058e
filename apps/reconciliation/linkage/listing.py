"""The pairs of a run under a filter, in the order of their weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.http import decimal
from apps.reconciliation.linkage import summary
from apps.reconciliation.models import IS_BLIND, REGISTER, Record, RecordPair, Run
from apps.reconciliation.states import BLIND, PairStatus
from apps.ui import filters
from apps.ui.paging import BY_ID, Order, Page, read_page

# Pairs of the blind sample are in the order of their keys: their place must not show their weight.
BY_WEIGHT: Final = Order.by("-weight", "pk")


def number(text: str | None) -> float | None:
    """A weight, typed with a decimal point or comma; None if it is not a number."""
    found = decimal(text)
    return found if found is not None and -1000 < found < 1000 else None


def _status(status: str) -> Q:
    return IS_BLIND if status == BLIND else Q(status=status)


def _no_limit(_change: str) -> Q:
    return Q()


@dataclass(frozen=True)
class Filter(filters.Filter):
    """A filter of pairs: by status, by weight (from inclusive, to exclusive), by the changes of a
    run.

    Pairs of the blind sample on which people have not agreed are in a separate list, ordered by
    key. Among other pairs, their place would show their weight, and a filter would show their
    status.
    """

    status: str = filters.choice(
        {**dict(PairStatus.choices), BLIND: _("Blind sample")}, label=_("Status"), query=_status
    )
    low: float | None = filters.measure(
        label=_("weight from"), query=lambda low: Q(weight__gte=low), least=-1000, most=1000
    )
    high: float | None = filters.measure(
        label=_("weight below"), query=lambda high: Q(weight__lt=high), least=-1000, most=1000
    )
    change: str = filters.choice(summary.CHANGES, label=_("change"), query=_no_limit)

    @property
    def is_blind(self) -> bool:
        return self.status == BLIND

    def of_run(self, run: Run, pairs: QuerySet[RecordPair]) -> QuerySet[RecordPair]:
        """The pairs of a run that pass the filter; changed ones are those of the run itself."""
        found: Any = summary.changed(run, self.change) if self.change else pairs.of(run)  # type: ignore[attr-defined]
        if self.is_blind:
            return found.filter(IS_BLIND)
        return self.apply(found.exclude(IS_BLIND))


def page_of(
    seen: QuerySet[RecordPair],
    pairs: QuerySet[RecordPair],
    wanted: Filter,
    params: Mapping[str, Any],
) -> Page[RecordPair]:
    """One page of pairs; `seen` are all that the person may see.

    Queries: one; another for the weight at the edge.
    """
    order = BY_ID if wanted.is_blind else BY_WEIGHT
    shown = pairs.select_related("left", "right")
    return read_page(shown, order, params, query=wanted.params(), known=seen)


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
