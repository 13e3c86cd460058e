"""Which counts of registered people somebody sees of a village, and which facilities by name: the
one way from what is stored to a page, a map, a report or a file.

Who acts on hazards (`manage_hazard`), or may see the registered persons of a village
(`view_person`), sees its true counts. Everybody else, the screen on the wall too, sees what the
thematic maps show (`indicators.measures`): a count that is hidden there, is small, or whose rest is
small, is left out, and so are the parts of a whole that is. Sums are made of what is shown, so that
none gives back what is not. What follows from hidden counts (needs, sources with enough, plans, the
place in an order, a filter) follows from the shown ones here, or is left out. See adr/0028.

Who may not open facilities (`view_facility`) sees how far help is and of which kind, not its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.access import NOTHING, Principal, Scope, scope_of
from apps.accounts.roles import Permission
from apps.commandcentre.models import Facility
from apps.indicators.models import SuppressedRegion
from apps.regions.models import COUNTRY

# Column → (its table in the thematic maps, the column of which it is a part).
COUNTS: Final[dict[str, tuple[str, str]]] = {
    "families": ("families", ""),
    "families_without_point": ("families_located", "families"),
    "persons": ("persons", ""),
    "under_five": ("under_five", "persons"),
    "elderly": ("elderly", "persons"),
    "disability": ("disability", "persons"),
    "birth_unknown": ("birth_unknown", "persons"),
}
PREFIX: Final = "shown_"
# In a table or a report, for a count that is left out; in a file `SUPPRESSED` says so.
MARK: Final = "*"
SUPPRESSED: Final = "disamarkan"


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at hazards in `scope`; counts of villages in `true_counts` are true, and
    facilities in `facilities` have their names.
    """

    scope: Scope
    true_counts: Scope = NOTHING
    facilities: Scope = NOTHING

    @property
    def sees_all(self) -> bool:
        """Whether every count of the scope is true: then stored sums are, too."""
        prefixes = self.scope.prefixes
        return bool(prefixes) and all(map(self.true_counts.contains, prefixes))


# A screen without a user: all villages, what everybody may see of them.
EVERYBODY: Final = Reader(Scope(("",)))


@dataclass(frozen=True)
class Total:
    """The sum of the shown counts; `withheld` counts are not in it."""

    value: int
    withheld: int = 0

    def __str__(self) -> str:
        if not self.withheld:
            return str(number_format(self.value, force_grouping=True))
        if not self.value:
            return MARK
        return _("≥ %(number)s") % {"number": number_format(self.value, force_grouping=True)}


def reader_of(principal: Principal | None) -> Reader:
    """What a person sees of hazards."""
    return Reader(
        scope_of(principal, Permission.VIEW_HAZARD),
        scope_of(principal, Permission.MANAGE_HAZARD, Permission.VIEW_PERSON),
        scope_of(principal, Permission.VIEW_FACILITY),
    )


def facility_name(facility: Facility, reader: Reader) -> str:
    """The name of a facility, or its kind for who may not open it."""
    if reader.facilities.contains(facility.village_id or COUNTRY):
        return facility.name
    return str(facility.get_kind_display())


def shown_columns(reader: Reader, names: Iterable[str] = tuple(COUNTS)) -> dict[str, Any]:
    """`shown_…` → the expression of each count for a queryset with `village`; null where hidden."""
    return {f"{PREFIX}{name}": _shown(name, reader) for name in names}


def _shown(name: str, reader: Reader) -> Any:
    if reader.sees_all:
        return F(name)
    hidden = _is_hidden(name)
    if reader.true_counts:
        hidden &= ~reader.true_counts.query("village__code")
    return Case(
        When(hidden, then=Value(None)), default=F(name), output_field=IntegerField(null=True)
    )


def _is_hidden(name: str) -> Q:
    """Whether a count is left out for readers without true counts."""
    table, whole = COUNTS[name]
    tables, hidden = [table], _is_small(F(name))
    if whole:
        tables.append(COUNTS[whole][0])
        hidden |= _is_small(F(whole)) | _is_small(F(whole) - F(name))
    suppressed = SuppressedRegion.objects.filter(
        region=OuterRef("village_id"), tables__overlap=tables
    )
    return hidden | Q(Exists(suppressed))


def _is_small(count: Any) -> Q:
    """`common.disclosure.is_small` as a condition."""
    return Q(GreaterThan(count, 0)) & Q(LessThan(count, settings.SMALL_COUNT))


def shown(row: Any, name: str) -> int | None:
    """A count of a row that was read with `shown_columns`; None where it is hidden."""
    count: int | None = getattr(row, f"{PREFIX}{name}")
    return count


def explanation() -> str:
    """What the mark and a sum with "≥" mean, in a sentence."""
    return _(
        "* Suppressed: fewer than %(least)s, or another count would tell. Sums with ≥ leave such"
        " counts out."
    ) % {"least": settings.SMALL_COUNT}


def explanation_for(reader: Reader) -> str:
    """The same for a page; "" for a reader who sees all."""
    return "" if reader.sees_all else explanation()


def cell(count: int | None) -> str:
    """A count as a table of a report gives it."""
    return MARK if count is None else str(number_format(count, force_grouping=True))
