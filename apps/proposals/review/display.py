"""How the list of proposals is shown: sorting, columns, the open row. A part of its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from apps.proposals.selection import Selection
from apps.ui import filters
from apps.ui.paging import BY_ID, Order


@dataclass(frozen=True)
class Sorting:
    """One way to sort the list; `code` is its value in the address."""

    code: str
    label: Any
    order: Order


SORTINGS: Final = (
    Sorting("", _("Order of arrival"), BY_ID),
    Sorting("newest", _("Newest first"), Order.by("-pk")),
    Sorting(
        "farthest",
        _("Farthest from the border first"),
        Order.by("-distance_m", "pk", nullable=["distance_m"]),
    ),
    Sorting("severity", _("Worst finding first"), Order.by("-severity", "pk")),
    Sorting("village", _("Village"), Order.by("village_id", "pk")),
    Sorting("name", _("Name"), Order.by("name", "pk")),
    Sorting("youngest", _("Youngest first"), Order.by("-birth_date", "pk")),
    Sorting("oldest", _("Oldest first"), Order.by("birth_date", "pk")),
    # a decision changes this moment: a page goes on from the one that its last row had
    Sorting(
        "waiting",
        _("Waiting longest first"),
        Order.by("step_at", "pk", is_carried=True, moments=["step_at"]),
    ),
)
# The name of a search whose words are in the session.
SEARCH: Final = re.compile(r"[0-9a-f]{1,8}")
_BY_CODE: Final = {one.code: one for one in SORTINGS}
# Columns that can be chosen; location and name are always shown.
COLUMNS: Final[dict[str, Any]] = {
    "nik": "NIK",
    "kk": _("No. KK"),
    "village": _("Village"),
    "rt": "RT/RW",
    "birth_date": _("Date of birth"),
    "programme": _("Programme"),
    "kind": _("Kind"),
    "finding": _("Finding"),
    "register": _("Register"),
    "civil": _("Civil register"),
    "since": _("Last step"),
    "status": _("Status"),
}
FIRST_COLUMNS: Final = ("nik", "village", "programme", "finding", "status")


@dataclass(frozen=True)
class Display(filters.Filter):
    """What an address says besides the selection. `search` names words in the session."""

    sort: str = filters.choice({one.code: one.label for one in SORTINGS}, label=_("Sort by"))
    columns: tuple[str, ...] = filters.choices(COLUMNS, label=_("Columns"))
    view: str = filters.choice({"map": _("Map"), "table": _("Table")}, label=_("View"))
    row: int | None = filters.number(label=_("row"))
    search: str = filters.code(label=_("Search"), pattern=SEARCH)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Display:
        """The display that an address names, the usual one for values that cannot be read. A search
        that cannot be read stays one, which finds nothing.
        """
        found = cls.from_params(params)
        is_lost = any(one.name == "search" for one in found.unread)
        return replace(found, unread=(), search="0" if is_lost else found.search)

    @property
    def sorting(self) -> Sorting:
        return _BY_CODE[self.sort]

    def shown_columns(self, *, has_civil: bool) -> list[tuple[str, Any]]:
        """The chosen columns with their headings; without a choice, the usual ones, to which the
        civil register belongs where its answer is decided with (`has_civil`).
        """
        usual = (*FIRST_COLUMNS, "civil") if has_civil else FIRST_COLUMNS
        wanted = set(self.columns or usual)
        return [(code, label) for code, label in COLUMNS.items() if code in wanted]

    def unsearched(self) -> Display:
        """The display without the search, whose words belong to one session."""
        return replace(self, search="")

    def kept(self) -> dict[str, str]:
        """What stays from page to page: everything but the open row."""
        return replace(self, row=None).params()


def query_of(selection: Selection, display: Display, **more: Any) -> str:
    """The address of a list: filter, display, and what is added."""
    return urlencode(selection.params() | display.kept() | more)
