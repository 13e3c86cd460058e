"""Keyset pages over any total order: each page costs the same, wherever it is in the list.

    WORST_FIRST = Order.by("-distance_m", "pk", nullable=["distance_m"])
    page = read_page(rows, WORST_FIRST, request.GET, query=selection.params(), known=seen)

The address names the row at the edge by its unique number only (`after=41` or `before=41`). The
other sort values are read from that row, so that no name or number of a person is in an address.
Values that work on the list changes are in the address instead (`Order.is_carried`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final, Generic, TypeVar

from django.db.models import F, Q, QuerySet
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.common.http import MOST_BIGINT, MOST_INTEGER, integer

PAGE: Final = 50
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
type_values = tuple[Any, ...]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Key:
    """One column of an order. Nulls are last in both directions. `is_moment`: a point of time, in
    an address as microseconds since 1970.
    """

    name: str
    is_descending: bool = False
    has_nulls: bool = False
    is_moment: bool = False

    def expression(self, *, is_back: bool) -> Any:
        """The column for `order_by`; `is_back` turns the whole order round."""
        is_down = self.is_descending != is_back
        nulls = {"nulls_first" if is_back else "nulls_last": True} if self.has_nulls else {}
        return F(self.name).desc(**nulls) if is_down else F(self.name).asc(**nulls)

    def beyond(self, value: Any, *, is_back: bool) -> Q | None:
        """Rows strictly on the far side of a value; None if there can be none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if is_back else None
        is_less = self.is_descending != is_back
        query = Q(**{f"{self.name}__{'lt' if is_less else 'gt'}": value})
        if self.has_nulls and not is_back:
            query |= Q(**{f"{self.name}__isnull": True})
        return query

    def carried(self, row: Any) -> str:
        """The value of a row as an address has it."""
        value = _value(row, self.name)
        return str((value - EPOCH) // MICROSECOND if self.is_moment else value)

    def uncarried(self, text: str) -> Any:
        """The value that an address has; None if it cannot be read."""
        number = integer(text, most=MOST_BIGINT if self.is_moment else MOST_INTEGER)
        if number is None or not self.is_moment:
            return number
        try:
            return EPOCH + number * MICROSECOND
        except OverflowError:
            return None

    def level(self, value: Any) -> Q:
        """Rows with the same value."""
        return Q(**{f"{self.name}__isnull": True} if value is None else {self.name: value})


@dataclass(frozen=True)
class Order:
    """A total order; its last key is unique.

    `is_carried`: the address holds the values of all keys, which must be whole numbers or points of
    time (`moments`) that say nothing about a person. It is for rows whose sort value changes while
    the list is worked on.
    """

    keys: tuple[Key, ...]
    is_carried: bool = False

    @classmethod
    def by(
        cls,
        *names: str,
        nullable: Collection[str] = (),
        is_carried: bool = False,
        moments: Collection[str] = (),
    ) -> Order:
        """An order written as for `order_by`: `-` before a name means descending."""
        keys = ((name.removeprefix("-"), name.startswith("-")) for name in names)
        return cls(
            tuple(Key(name, down, name in nullable, name in moments) for name, down in keys),
            is_carried,
        )

    @property
    def unique(self) -> str:
        return self.keys[-1].name

    def expressions(self, *, is_back: bool = False) -> list[Any]:
        return [key.expression(is_back=is_back) for key in self.keys]

    @property
    def carried(self) -> list[str]:
        """The columns that a row must have to be named in an address."""
        return [key.name for key in self.keys] if self.is_carried else [self.unique]

    def values_of(self, row: Any) -> type_values:
        """The edge at a row that was read already, with the values that it had then."""
        return tuple(_value(row, key.name) for key in self.keys)

    def beyond(self, edge: type_values, *, is_back: bool) -> Q:
        """The rows after the values of an edge; with `is_back`, those before them."""
        # no condition on another column: a list of groups may not be grouped by it
        sides, level = [], Q()
        for key, value in zip(self.keys, edge, strict=True):
            beyond = key.beyond(value, is_back=is_back)
            if beyond is not None:
                sides.append(level & beyond)
            level &= key.level(value)
        return reduce(or_, sides)

    def edge(self, text: object, known: QuerySet[Any, Any]) -> type_values | None:
        """The values of the row that an address names, read from `known`; None if there is none.

        Queries: one, or none if the unique key is the only one.
        """
        if self.is_carried:
            parts = str(text or "").split("-")
            if len(parts) != len(self.keys):
                return None
            edge = [key.uncarried(part) for key, part in zip(self.keys, parts, strict=True)]
            return None if None in edge else tuple(edge)
        number = integer(text)
        if number is None or len(self.keys) == 1:
            return None if number is None else (number,)
        names = [key.name for key in self.keys]
        return known.filter(**{self.unique: number}).order_by().values_list(*names).first()

    def name_of(self, row: Any) -> str:
        """How an address names a row."""
        return "-".join(
            key.carried(row) for key in (self.keys if self.is_carried else self.keys[-1:])
        )


BY_ID: Final = Order.by("pk")
NEWEST_FIRST: Final = Order.by("-pk")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page, its number, and the queries of its neighbours ("" if none)."""

    rows: list[Row] = field(default_factory=list)
    number: int = 1
    before: str = ""
    after: str = ""

    def titled(self, title: str) -> str:
        """The title of the list with the number of its page, from the second page on."""
        if self.number < 2:
            return title
        return f"{title} ({_('page %(number)s') % {'number': self.number}})"


def read_page(
    rows: QuerySet[Any, Row],
    order: Order,
    params: Mapping[str, Any],
    *,
    query: Mapping[str, str] | None = None,
    known: QuerySet[Any, Any] | None = None,
    size: int | None = None,
) -> Page[Row]:
    """The page that `after` or `before` and `p` (its number, for the title) of an address name.

    `query` is kept in the addresses of the neighbours. `known` are the rows among which the edge is
    looked up: those that the user may see, whether the filter still selects them or not; an edge
    outside them gives the first page. Queries: one; another for the edge of an order of several
    keys.
    """
    size = size or PAGE
    edges = rows if known is None else known
    before = order.edge(params.get("before"), edges)
    if before is not None:
        wanted = rows.filter(order.beyond(before, is_back=True))
        found = list(wanted.order_by(*order.expressions(is_back=True))[: size + 1])
        if found:
            return _page(found[:size][::-1], order, params, query, len(found) > size, True)
    after = order.edge(params.get("after"), edges) if before is None else None
    wanted = rows if after is None else rows.filter(order.beyond(after, is_back=False))
    found = list(wanted.order_by(*order.expressions())[: size + 1])
    return _page(found[:size], order, params, query, after is not None, len(found) > size)


def cut_page(
    items: Sequence[Row],
    number_of: Callable[[Row], int],
    params: Mapping[str, Any],
    *,
    query: Mapping[str, str] | None = None,
    size: int | None = None,
) -> Page[Row]:
    """The same for rows that are in memory already, in their order, each with a unique number."""
    size = size or PAGE
    numbers = [number_of(item) for item in items]
    after, before = integer(params.get("after")), integer(params.get("before"))
    start = numbers.index(after) + 1 if after in numbers else 0
    if before in numbers:
        start = max(numbers.index(before) - size, 0)
    end = start + size
    shown = list(items[start:end])
    first = shown and start > 0
    return Page(
        shown,
        _number(params, bool(first)),
        _address(query, "before", str(numbers[start]), params, -1) if first else "",
        _address(query, "after", str(numbers[end - 1]), params, 1) if end < len(items) else "",
    )


def _page(
    rows: list[Row],
    order: Order,
    params: Mapping[str, Any],
    query: Mapping[str, str] | None,
    has_before: bool,
    has_after: bool,
) -> Page[Row]:
    return Page(
        rows,
        _number(params, has_before),
        _address(query, "before", order.name_of(rows[0]), params, -1)
        if rows and has_before
        else "",
        _address(query, "after", order.name_of(rows[-1]), params, 1) if rows and has_after else "",
    )


def _number(params: Mapping[str, Any], has_before: bool) -> int:
    return (integer(params.get("p"), most=MOST_INTEGER) or 1) if has_before else 1


def _address(
    query: Mapping[str, str] | None, side: str, edge: str, params: Mapping[str, Any], step: int
) -> str:
    number = max((integer(params.get("p"), most=MOST_INTEGER) or 1) + step, 1)
    return urlencode({**(query or {}), side: edge, "p": str(number)})


def _value(row: Any, name: str) -> Any:
    if isinstance(row, Mapping):
        return row[name]
    return getattr(row, name)
