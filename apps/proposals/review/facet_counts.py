"""Counts of the fields of the filter that one row answers with several values, or other tables.

The list counts its other fields in one reading (`listing.COUNTED`). These are asked for when the
form of the filter is opened. Of a list too long to be counted while somebody waits, only flags are;
but those of the whole country, and of each status in it, are counted by the schedule. Regions,
files, ages and distances are typed in, and have no values to be counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Min,
    Q,
    Value,
)
from django.db.models.functions import Substr

from apps.accounts.access import Scope
from apps.civilregister.states import CivilStatus
from apps.common import sql
from apps.proposals import regency_counts, rules
from apps.proposals.models import Batch, Flag, Proposal, ProposalQuerySet
from apps.proposals.models.regency_change import REGENCY_LENGTH
from apps.proposals.review import listing
from apps.proposals.review.searching import Search
from apps.proposals.selection import PAPER_STATES, QUESTION_STATES, Selection
from apps.proposals.states import IdentityDifference, RegisterFilter

# The values of the fields, each counted by the very condition that the filter has for it.
VALUES: Final[dict[str, list[str]]] = {
    "flag": Flag.values,
    "register": RegisterFilter.values,
    "differs": IdentityDifference.values,
    "civil": CivilStatus.values,
    "ppks": [str(kind) for kind in range(1, rules.PPKS_KINDS + 1)],
    "paper": list(PAPER_STATES),
}
# A field of which few rows have any value: each is counted alone.
RARE: Final[dict[str, list[str]]] = {"question": list(QUESTION_STATES)}
# Fields whose values have boxes to tick.
TICKED: Final = ("flag", "register", "differs", "civil")
# All that the conditions of VALUES read: rows that are equal in it are counted as one. Of papers,
# which are of single rows, it is the answer.
READ: Final[dict[str, tuple[str, ...]]] = {
    "flag": ("flags",),
    "register": (
        *("kind", "registered_match__likely", "registered_match__differs"),
        "registered_match__move",
    ),
    "differs": ("registered_match__differs",),
    "civil": ("civil_match__status",),
    "ppks": ("ppks",),
}
# The tables of READ, of which only the answers about rows of the scope are joined: an index finds
# them by their own village among those of the country.
ANSWERS: Final = {"registered_match": "own_registered", "civil_match": "own_civil"}
# The findings that a ready row can have.
FINDINGS: Final = [code for code, rule in rules.RULES.items() if rule.severity < rules.ERROR]
# A longer list is counted by its flags alone: the others take a second for each 100,000 rows.
MOST_COUNTED: Final = 100_000
# All that is counted by the schedule: no filter, or some statuses.
SCHEDULED: Final = frozenset({"status"})
SCHEDULED_KEY: Final = "review-facets"
# Of which regency and status rows are counted: nothing, where a list is counted as a whole.
Place = tuple[str, str]
PLACES: Final = ("regency", "status_of")
ByField = dict[str, dict[str, int]]


@dataclass(frozen=True)
class FacetCounts:
    """How many rows each value has under all other filters, by field; fields that were left out
    because the list is too long are missing. `at`: when the schedule counted them.
    """

    by_field: ByField
    is_whole: bool
    at: datetime | None = None

    @property
    def ticked(self) -> list[tuple[str, dict[str, int]]]:
        """Those of the fields whose values have boxes to tick."""
        return [(name, self.by_field[name]) for name in TICKED if name in self.by_field]


def counts_of(
    found: ProposalQuerySet, selection: Selection, scope: Scope, search: Search | None
) -> FacetCounts:
    """The counts for the rows of a scope that a search finds.

    Queries: six, seven for an officer, and the list's two; of the whole country none, and the
    list's.
    """
    rest = selection.without(*VALUES, *RARE, "finding", "officer")
    total = listing.counts_of(found, rest, scope, search).total()
    is_whole = total <= MOST_COUNTED
    if not is_whole and search is None and scope.is_national and not selection.is_nothing:
        kept = regency_counts.last(SCHEDULED_KEY)
        if kept is not None and SCHEDULED.issuperset(selection.params()):
            return FacetCounts(_of_statuses(kept, selection.status), is_whole=True, at=kept.at)
    if not total:
        found = found.none()
    counted = _count(found, selection, list(VALUES) if is_whole else ["flag"], scope)
    by_field = next(iter(counted.by_place.values()))
    if is_whole:
        by_field |= _nothing({**RARE, "finding": FINDINGS})
        for _place, name, value, rows in _count_others(found, selection):
            by_field[name][value] = rows
        by_field["officer"] = _of_senders(counted.of_files)
    return FacetCounts(by_field, is_whole)


def refresh_country() -> None:
    """Count the fields of the country's list by status, where it changed.

    Runs as the worker, which sees the same rows as who sees the country, and the same files as who
    also sees those of the country. Queries: one; six after a change.
    """
    every = Proposal.objects.all()

    def count(where: Q) -> dict[str, dict[Any, int]]:
        placed = every.filter(where).annotate(
            regency=Substr("village_id", Value(1), Value(REGENCY_LENGTH)), status_of=F("status")
        )
        found: dict[str, dict[Any, int]] = defaultdict(dict)
        counted = _count(placed, Selection(), list(VALUES), Scope(("",)))
        for (regency, status), fields in counted.by_place.items():
            for name, counts in fields.items():
                found[regency] |= {(status, name, value): n for value, n in counts.items() if n}
        for (regency, status), name, value, rows in _count_others(placed, Selection()):
            found[regency][status, name, value] = rows
        return found

    regency_counts.counted(SCHEDULED_KEY, ("",), count)
    regency_counts.keep(SCHEDULED_KEY)


def _of_statuses(kept: regency_counts.RegencyCounts, statuses: Iterable[str]) -> ByField:
    """The counts of the country's rows with these statuses; without any of all."""
    by_field = _nothing({**VALUES, **RARE, "finding": FINDINGS})
    for (status, name, value), rows in kept.sums().items():
        if not statuses or status in statuses:
            by_field[name][value] += rows
    return by_field


def _nothing(values: Mapping[str, Iterable[str]]) -> ByField:
    return {name: dict.fromkeys(own, 0) for name, own in values.items()}


def _placed(rows: ProposalQuerySet) -> ProposalQuerySet:
    """The rows with the places under which they are counted."""
    if set(PLACES) <= rows.query.annotations.keys():
        return rows
    return rows.annotate(regency=Value(""), status_of=Value(""))


@dataclass(frozen=True)
class _Counted:
    """Rows of each value by place, and rows by file, whoever sent it."""

    by_place: dict[Place, ByField]
    of_files: Mapping[int, int]


def _with_answers(
    rows: ProposalQuerySet, columns: Iterable[str], scope: Scope
) -> tuple[ProposalQuerySet, list[str]]:
    """The rows beside their ANSWERS within a scope, and the names of the columns there."""
    if scope.is_national or not scope:
        return rows, list(columns)
    joined = {
        own: FilteredRelation(table, condition=scope.query(f"{table}__village_id"))
        for table, own in ANSWERS.items()
    }
    parts = (column.partition("__") for column in columns)
    return rows.annotate(**joined), [
        f"{ANSWERS.get(table, table)}{middle}{name}" for table, middle, name in parts
    ]


def _count(
    found: ProposalQuerySet, selection: Selection, names: list[str], scope: Scope
) -> _Counted:
    """Rows of each value of some fields, by the conditions of the filter, under all other fields.

    The rows are read once and counted by what the conditions read; the conditions are asked of the
    first row of each such group. Queries: two; another for an officer.
    """
    asked = _conditions(selection, names)
    holds: Any = {key: ExpressionWrapper(query, BooleanField()) for key, query in asked.items()}
    columns = dict.fromkeys(column for name in names for column in READ.get(name, ()))
    answers = {key: holds[key] for key in asked if key.partition("_")[0] not in {*READ, "own"}}
    rows = _placed(selection.without(*names, "officer").apply(found).order_by())
    rows, own_columns = _with_answers(rows, columns, scope)
    grouped = rows.annotate(**answers).values_list(*PLACES, "batch_id", *own_columns, *answers)
    first: dict[str, int] = {}
    counts: list[tuple[Place, int, str, int]] = []
    for regency, status, file, *read, key, number in grouped.annotate(
        first=Min("pk"), rows=Count("pk")
    ):
        values = repr(read)
        first[values] = min(key, first.get(values, key))
        counts.append(((regency, status), file, values, number))
    groups: Any = found.filter(pk__in=list(first.values())).order_by().values("pk", **holds)
    known = {group["pk"]: group for group in groups}
    hits = {values: _values_of(known[key], names) for values, key in first.items() if key in known}
    whole = {values for values, key in first.items() if _is_whole(known.get(key, {}), names)}
    sent = _files_of(selection.officer)
    by_place = {place: _nothing({name: VALUES[name] for name in names}) for place, *_ in counts}
    of_files: dict[int, int] = defaultdict(int)
    for place, file, values, number in counts:
        of_files[file] += number if values in whole else 0
        for name, value in hits.get(values, ()) if sent is None or file in sent else ():
            by_place[place][name][value] += number
    nothing = {("", ""): _nothing({name: VALUES[name] for name in names})}
    return _Counted(by_place or nothing, of_files)


def _files_of(officer: int | None) -> set[int] | None:
    """The files of an officer; None: of everybody. Queries: at most one."""
    if officer is None:
        return None
    return set(Batch.objects.filter(user=officer).values_list("pk", flat=True))


def _is_whole(group: Mapping[str, Any], names: list[str]) -> bool:
    """Whether a row answers all that is chosen in these fields."""
    return bool(group) and all(group.get(f"own_{name}", True) for name in names)


def _values_of(group: Mapping[str, Any], names: list[str]) -> list[tuple[str, str]]:
    """Fields and values under which a row is counted: it answers what is chosen in the others."""
    return [
        (name, value)
        for name in names
        if all(group.get(f"own_{other}", True) for other in names if other != name)
        for nth, value in enumerate(VALUES[name])
        if group[f"{name}_{nth}"]
    ]


def _conditions(selection: Selection, names: list[str]) -> dict[str, Q]:
    """The condition of each value of these fields, `<name>_<place>`, and of what is chosen in them,
    `own_<name>`.
    """
    asked: dict[str, Q] = {}
    for name in names:
        parameter = Selection.parameters()[name]
        if parameter.query is None:
            raise ValueError(name)
        for place, value in enumerate(VALUES[name]):
            asked[f"{name}_{place}"] = parameter.query((value,))
        if (chosen := getattr(selection, name)) != parameter.empty:
            asked[f"own_{name}"] = parameter.query(chosen)
    return asked


def _count_others(
    found: ProposalQuerySet, selection: Selection
) -> Iterator[tuple[Place, str, str, int]]:
    """Rows of each value of RARE and of each finding, by place; a row with the same finding in two
    cells counts once. Queries: three.
    """
    for name, values in RARE.items():
        rest = _placed(selection.without(name).apply(found).order_by())
        for value in values:
            asked: Any = {name: value}
            rows = replace(Selection(), **asked).apply(rest).values_list(*PLACES)
            for regency, status, number in rows.annotate(rows=Count("pk")):
                yield (regency, status), name, value, number
    # a row without a finding has the severity 0
    rest = _placed(selection.without("finding").apply(found.filter(severity__gt=0)).order_by())
    pairs = rest.values_list("batch_id", "row_number", *PLACES)
    counted = sql.run_over(pairs, "proposals/review/count_findings", {"codes": FINDINGS})
    for regency, status, code, number in counted:
        yield (regency, status), "finding", code, number


def _of_senders(of_files: Mapping[int, int]) -> dict[str, int]:
    """Rows of each sender of files, by key. Queries: one."""
    senders = Batch.objects.filter(pk__in=list(of_files), user__isnull=False)
    counts: dict[str, int] = defaultdict(int)
    for file, user in senders.values_list("pk", "user_id"):
        counts[str(user)] += of_files[file]
    return dict(counts)
