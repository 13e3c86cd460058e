"""The base of every filter of a list: the filter is the address, the selection, the map, the export
and the bulk step.

    @dataclass(frozen=True)
    class Selection(Filter):
        status: tuple[str, ...] = choices(ProposalStatus, label=_("status"), column="status")
        batch: int | None = number(label=_("file"), column="batch_id")

    chosen = Selection.from_params(request.GET)
    rows = chosen.apply(seen)        # every field narrows; several values of one mean "or"
    chosen.chips(), chosen.query     # the active filters as words; the filter as an address

A value that cannot be read selects nothing; it never widens the result. The other fields are kept,
and so is what was typed, so that it can be put right. A filter holds no name and no identity number
of a person, because it is part of addresses, which are logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar

from django.db.models import Count, Q, QuerySet
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.common.http import decimal, integer, plain_number, unambiguous_decimal

NOTHING: Final = "nothing"  # in an address: no row, also where what was typed is not kept
MOST_VALUES: Final = 100
# What cannot be read is kept in the address up to this length, unless it may be a NIK or has signs
# that no text of the database may have.
MOST_UNREAD_CHARS: Final = 2_000
NIK: Final = re.compile(r"\d{16}")
# A chip shows this much of it.
MOST_CHIP_CHARS: Final = 40
REGION_CODE: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
Chosen = TypeVar("Chosen", bound="Filter")


class UnreadableError(Exception):
    """A value that its field does not allow. `text` says why, if that is not plain to see."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Parameter:
    """One field of a filter: how its values are read, what they select, and their words."""

    label: Any
    read: Callable[[list[str]], Any]
    empty: Any
    query: Callable[[Any], Q] | None
    words: Callable[[str], str]
    column: str = ""


@dataclass(frozen=True)
class Chip:
    """One active filter: its words and the query without it."""

    name: str
    text: str
    query: str


@dataclass(frozen=True)
class Facet:
    """One value of a field: how many rows it has under all other filters (None: not counted), and
    the query that switches it on or off.
    """

    value: str
    label: str
    count: int | None
    is_on: bool
    query: str


@dataclass(frozen=True)
class Unread:
    """A field that cannot be read: its text as it was typed, and why, in words. Under the name
    NOTHING are those whose text is not kept.
    """

    name: str
    text: str
    problem: str = field(default="", compare=False)


@dataclass(frozen=True)
class Filter:
    """A filter; all fields must match. With a field that cannot be read it selects no row."""

    unread: tuple[Unread, ...] = field(default=(), kw_only=True)

    @property
    def is_nothing(self) -> bool:
        return bool(self.unread)

    @property
    def problem(self) -> str:
        """Why it selects no row, field by field; "" if it can be read."""
        return " ".join(one.problem for one in self.unread if one.problem)

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """The fields that can be in an address, in their order."""
        known = ((one.name, one.metadata.get("parameter")) for one in fields(cls))
        return {name: parameter for name, parameter in known if parameter is not None}

    @classmethod
    def from_params(cls: type[Chosen], params: Mapping[str, Any]) -> Chosen:
        """Read a query string or a plain mapping. Other parameters and empty values are ignored."""
        given: dict[str, Any] = {}
        nothing = [""] if values_of(params, NOTHING) else []
        unread = []
        for name, parameter in cls.parameters().items():
            if not (values := values_of(params, name)):
                continue
            try:
                given[name] = parameter.read(values)
            except UnreadableError as refused:
                text, why = ",".join(values), _why(parameter, values, refused.text)
                if _is_kept(text):
                    unread.append(Unread(name, text, why))
                else:
                    nothing.append(why)
        if nothing:
            unread.insert(0, Unread(NOTHING, "1", " ".join(filter(None, nothing))))
        return cls(**given, unread=tuple(unread))

    def params(self) -> dict[str, str]:
        """The filter as parameters, with what cannot be read as it was typed; equal filters give
        equal parameters.
        """
        found = {}
        for name, parameter in self.parameters().items():
            value = getattr(self, name)
            if value != parameter.empty:
                found[name] = _text(value)
        return found | {one.name: one.text for one in self.unread}

    @property
    def query(self) -> str:
        """The filter as the query of an address."""
        return urlencode(self.params())

    def without(self: Chosen, *names: str) -> Chosen:
        """The filter without some of its fields, whether these can be read or not."""
        known = self.parameters()
        rest: Any = {name: known[name].empty for name in names if name in known}
        return replace(self, **rest, unread=self._unread_but(names))

    def _unread_but(self, names: Sequence[str]) -> tuple[Unread, ...]:
        return tuple(one for one in self.unread if one.name not in names)

    def toggled(self: Chosen, name: str, value: str) -> Chosen:
        """The filter with one value of a field switched on or off."""
        values = set(getattr(self, name)) ^ {value}
        changed: Any = {name: tuple(sorted(values))}
        return replace(self, **changed, unread=self._unread_but([name]))

    def apply(self, rows: Any) -> Any:
        """The rows of a queryset that the filter selects; the scope is applied before."""
        return rows.none() if self.is_nothing else rows.filter(self.condition())

    def condition(self) -> Q:
        """The filter as one condition."""
        query = Q()
        for name, parameter in self.parameters().items():
            value = getattr(self, name)
            if parameter.query is not None and value != parameter.empty:
                query &= parameter.query(value)
        return query

    def chips(self) -> list[Chip]:
        """The active fields in words, each with the query of the filter without it."""
        known, found = self.parameters(), []
        for name, value in replace(self, unread=()).params().items():
            words = ", ".join(map(known[name].words, value.split(",")))
            found.append(Chip(name, f"{known[name].label}: {words}", self.without(name).query))
        return found + [
            Chip(one.name, self._unread_words(one), self.without(one.name).query)
            for one in self.unread
        ]

    def _unread_words(self, one: Unread) -> str:
        if one.name == NOTHING:
            return _("the address names a filter that does not exist")
        label = str(self.parameters()[one.name].label)
        if len(one.text) > MOST_CHIP_CHARS:
            return _("{label}: cannot be read").format(label=label)
        return _("{label}: “{text}” cannot be read").format(label=label, text=one.text)

    def options(self, name: str, labels: Iterable[tuple[Any, Any]]) -> list[Facet]:
        """The values of a field that is not counted."""
        return [
            Facet(
                str(value),
                str(label),
                None,
                str(value) in getattr(self, name),
                self.toggled(name, str(value)).query,
            )
            for value, label in labels
        ]

    def facets(self, name: str, labels: Iterable[tuple[Any, Any]], counts: Counts) -> list[Facet]:
        """The values of a field with their counts (`count_facets`)."""
        found = counts.of(name)
        return [
            Facet(
                str(value),
                str(label),
                found.get(str(value), 0),
                str(value) in getattr(self, name),
                self.toggled(name, str(value)).query,
            )
            for value, label in labels
        ]


# --- counts ---


@dataclass(frozen=True)
class Counts:
    """Rows by the combination of some fields, from which each field's counts are added up.

    A field's counts obey all other filters, but not its own.
    """

    chosen: Filter
    names: tuple[str, ...]
    groups: list[tuple[Any, ...]]

    def of(self, name: str, measure: int = 0) -> dict[str, int]:
        """How many rows each value of a field has; `measure` is the place of another aggregate."""
        place = self.names.index(name)
        found: dict[str, int] = {}
        for group in self._under(except_for=name):
            value = str(group[place])
            found[value] = found.get(value, 0) + group[len(self.names) + measure]
        return found

    def total(self, measure: int = 0) -> int:
        """How many rows the whole filter selects."""
        return sum(group[len(self.names) + measure] for group in self._under())

    def _under(self, except_for: str = "") -> Iterable[tuple[Any, ...]]:
        if self.chosen.without(except_for).is_nothing:
            return ()
        wanted = [
            (place, set(getattr(self.chosen, name)))
            for place, name in enumerate(self.names)
            if name != except_for and getattr(self.chosen, name)
        ]
        return (
            group
            for group in self.groups
            if all(str(group[place]) in values for place, values in wanted)
        )


def count_facets(
    rows: QuerySet[Any, Any], chosen: Filter, names: Sequence[str], **measures: Any
) -> Counts:
    """The counts of fields with few values (`choices` with a column), and further aggregates.

    Queries: one, which reads every row that the other fields select once.
    """
    known = chosen.parameters()
    columns = [known[name].column for name in names]
    wanted: Any = chosen.without(*names).apply(rows)
    grouped = wanted.order_by().values_list(*columns).annotate(facet_rows=Count("pk"), **measures)
    return Counts(chosen, tuple(names), list(grouped))


# --- kinds of fields ---


def choices(
    values: Any,
    *,
    label: Any,
    column: str = "",
    query: Callable[[tuple[str, ...]], Q] | None = None,
) -> Any:
    """Any of some known values: a `Choices` class or a mapping from value to word."""
    words = {str(value): text for value, text in _pairs(values)}

    def read(given: list[str]) -> tuple[str, ...]:
        if not all(value in words for value in given):
            raise UnreadableError
        return tuple(sorted(set(given)))

    return _field(label, read, (), query or _among(column), _word(words), column)


def choice(
    values: Any, *, label: Any, column: str = "", query: Callable[[str], Q] | None = None
) -> Any:
    """One of some known values."""
    words = {str(value): text for value, text in _pairs(values)}

    def read(given: list[str]) -> str:
        (value, *more) = given
        if more or value not in words:
            raise UnreadableError
        return value

    return _field(label, read, "", query or _equal(column), _word(words), column)


def codes(
    *,
    label: Any,
    column: str = "",
    pattern: re.Pattern[str] = CODE,
    query: Callable[[tuple[str, ...]], Q] | None = None,
    most: int = MOST_VALUES,
) -> Any:
    """Any of some codes of one form, at most so many; an unknown code selects no row."""

    def read(given: list[str]) -> tuple[str, ...]:
        if len(given) > most or not all(pattern.fullmatch(value) for value in given):
            raise UnreadableError
        return tuple(sorted(set(given)))

    return _field(label, read, (), query or _among(column), str, column)


def code(
    *,
    label: Any,
    column: str = "",
    pattern: re.Pattern[str] = CODE,
    query: Callable[[str], Q] | None = None,
) -> Any:
    """One code of a form."""

    def read(given: list[str]) -> str:
        (value, *more) = given
        if more or not pattern.fullmatch(value):
            raise UnreadableError
        return value

    return _field(label, read, "", query or _equal(column), str, column)


def number(*, label: Any, column: str = "", query: Callable[[int], Q] | None = None) -> Any:
    """A whole number, such as the key of a row."""

    def read(given: list[str]) -> int:
        (text, *more) = given
        found = integer(text)
        if more or found is None:
            raise UnreadableError
        return found

    return _field(label, read, None, query or _equal(column), str, column)


def measure(
    *, label: Any, query: Callable[[float], Q], least: float = 0.0, most: float = 1e9
) -> Any:
    """A number with decimals, from `least` to `most`. One that may be a thousand or have three
    decimals (`2.400`) is refused in words.
    """

    def read(given: list[str]) -> float:
        # a decimal comma arrives as two values
        text = ".".join(given) if len(given) == 2 else given[0]
        found = unambiguous_decimal(text)
        if len(given) > 2 or found is None or not least <= found <= most:
            raise UnreadableError(
                _(
                    "{label}: “{text}” is no number from {least} to {most}. Write it without a"
                    " point or comma between thousands."
                ).format(
                    label=label,
                    text=",".join(given)[:MOST_CHIP_CHARS],
                    least=plain_number(least),
                    most=plain_number(most),
                )
            )
        return found

    return _field(label, read, None, query, _amount, "")


def values_of(params: Mapping[str, Any], name: str) -> list[str]:
    """All values of a parameter, whether repeated or separated by commas."""
    found = params.getlist(name) if hasattr(params, "getlist") else params.get(name)
    if found is None:
        return []
    given = found if isinstance(found, list | tuple) else [found]
    return [part.strip() for value in given for part in str(value).split(",") if part.strip()]


def custom(
    *,
    label: Any,
    read: Callable[[list[str]], Any],
    query: Callable[[Any], Q],
    words: Callable[[str], str],
    empty: Any = None,
) -> Any:
    """A field of its own kind; `read` raises UnreadableError."""
    return _field(label, read, empty, query, words, "")


def _field(
    label: Any,
    read: Callable[[list[str]], Any],
    empty: Any,
    query: Callable[[Any], Q] | None,
    words: Callable[[str], str],
    column: str,
) -> Any:
    known = Parameter(label, read, empty, query, words, column)
    return field(default=empty, metadata={"parameter": known})


def _among(column: str) -> Callable[[Any], Q] | None:
    return (lambda values: Q(**{f"{column}__in": values})) if column else None


def _equal(column: str) -> Callable[[Any], Q] | None:
    return (lambda value: Q(**{column: value})) if column else None


def _word(words: Mapping[str, Any]) -> Callable[[str], str]:
    return lambda value: str(words.get(value, value))


def _pairs(values: Any) -> Iterable[tuple[Any, Any]]:
    return values.choices if hasattr(values, "choices") else values.items()


def _amount(text: str) -> str:
    found = decimal(text)
    return str(number_format(found)) if found is not None else text


def _why(parameter: Parameter, values: list[str], why: str) -> str:
    """Why a field cannot be read: what its kind says of it, or that it cannot."""
    text = ",".join(values)
    short = text if len(text) <= MOST_CHIP_CHARS else f"{text[:MOST_CHIP_CHARS]}…"
    short = short if _is_kept(text) else "…"
    return why or _("{label}: “{text}” cannot be read.").format(label=parameter.label, text=short)


def _is_kept(text: str) -> bool:
    return len(text) <= MOST_UNREAD_CHARS and text.isprintable() and NIK.search(text) is None


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return plain_number(value) if isinstance(value, float) else str(value)
