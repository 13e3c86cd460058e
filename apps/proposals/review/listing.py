"""The list of proposals: counts per verdict, keyset pages, active filters as removable chips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.civilregister.states import CivilStatus
from apps.common.http import integer
from apps.proposals import maps
from apps.proposals.models import Flag, Proposal, ProposalQuerySet, Severity, Verdict
from apps.proposals.selection import Selection
from apps.proposals.states import ProposalStatus, RegisterFilter

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Fifty rows and the addresses of their neighbours."""

    rows: list[Proposal]
    number: int
    before: str
    after: str


@dataclass(frozen=True)
class Tally:
    """One entry of the legend: a verdict, its rows, how many of these the map draws, and the
    address that filters by it.
    """

    verdict: Verdict
    count: int
    drawn: int
    is_on: bool
    query: str


def page_of(rows: ProposalQuerySet, selection: Selection, params: Mapping[str, str]) -> Page:
    """The page given by `after` or `before` (ids) and `p` (its number, for the title).

    Queries: one. The order is that of the keys, so that every page costs the same.
    """
    number = integer(params.get("p")) or 1
    after, before = integer(params.get("after")), integer(params.get("before"))
    shown = rows.select_related("village", "actual_village", "civil_match", "registered_match")
    if before is not None:
        found = list(shown.filter(pk__lt=before).order_by("-pk")[: PAGE + 1])
        has_before, has_after = len(found) > PAGE, True
        found = found[:PAGE][::-1]
    else:
        found = list(shown.filter(pk__gt=after or -1).order_by("pk")[: PAGE + 1])
        has_before, has_after = after is not None, len(found) > PAGE
        found = found[:PAGE]
    query = selection.params()
    return Page(
        found,
        number,
        urlencode(query | {"before": found[0].pk, "p": max(number - 1, 1)})
        if found and has_before
        else "",
        urlencode(query | {"after": found[-1].pk, "p": number + 1}) if found and has_after else "",
    )


def legend(proposals: ProposalQuerySet, selection: Selection) -> list[Tally]:
    """Counts per verdict under all other filters; each switches its verdict on or off.

    Queries: one.
    """
    rows = replace(selection, verdict=()).apply(proposals).order_by()
    counted = rows.values_list("verdict").annotate(
        count=Count("pk"), drawn=Count("pk", filter=maps.DRAWABLE)
    )
    counts = {verdict: (count, drawn) for verdict, count, drawn in counted}
    return [
        Tally(
            verdict,
            *counts.get(verdict.value, (0, 0)),
            verdict.value in selection.verdict,
            urlencode(replace(selection, verdict=_toggled(selection, verdict)).params()),
        )
        for verdict in Verdict
    ]


def _toggled(selection: Selection, verdict: Verdict) -> tuple[str, ...]:
    return tuple(sorted(set(selection.verdict) ^ {verdict.value}))


def total(entries: Iterable[Tally], selection: Selection) -> int:
    """How many proposals the filter selects."""
    return sum(entry.count for entry in _selected(entries, selection))


def with_point(entries: Iterable[Tally], selection: Selection) -> int:
    """How many selected proposals the map draws: the same number as `maps.picture`."""
    return sum(entry.drawn for entry in _selected(entries, selection))


def _selected(entries: Iterable[Tally], selection: Selection) -> Iterable[Tally]:
    chosen = selection.verdict
    return (entry for entry in entries if not chosen or entry.verdict.value in chosen)


def active(selection: Selection) -> list[dict[str, str]]:
    """Each active filter with its text and the address without it."""
    chips = []
    for name, value in selection.params().items():
        empty: Any = None if name in ("batch", "decree") else "" if name == "region" else ()
        if name == "nothing":
            empty = False
            name = "is_nothing"
        rest = replace(selection, **{name: empty})
        chips.append({"text": _words(name, value), "query": urlencode(rest.params())})
    return chips


def _words(name: str, value: str) -> str:
    choices: dict[str, Mapping[str, Any]] = {
        "status": dict(ProposalStatus.choices),
        "verdict": dict(Verdict.choices),
        "flag": dict(Flag.choices),
        "severity": {str(key): label for key, label in Severity.choices} | {"0": _("no finding")},
        "kind": dict(Proposal.Kind.choices),
        "civil": dict(CivilStatus.choices),
        "register": dict(RegisterFilter.choices),
    }
    if name == "is_nothing":
        return _("the address names a filter that does not exist")
    labels = {
        "batch": _("file"),
        "region": _("region"),
        "status": _("status"),
        "verdict": _("location"),
        "flag": _("flag"),
        "severity": _("worst finding"),
        "finding": _("finding"),
        "programme": _("programme"),
        "kind": _("kind"),
        "civil": _("civil register"),
        "register": _("register"),
        "decree": _("decree"),
    }
    known = choices.get(name, {})
    words = ", ".join(str(known.get(part, part)) for part in value.split(","))
    return f"{labels[name]}: {words}"
