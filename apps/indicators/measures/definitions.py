"""The counts of the register: their columns, and the tables in which they are hidden together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.indicators.states import PROGRAMME

Text = str | Promise

# Columns of RegionCount, in the order of read_counts.sql.
COLUMNS: Final = (
    "families",
    "families_located",
    "families_inside",
    "families_near",
    "families_enrolled",
    "families_without_proposal",
    "persons",
    "under_five",
    "elderly",
    "disability",
    "birth_unknown",
    "proposals_open",
)
FAMILIES: Final = _("registered families")
LOCATED: Final = _("registered families with a point")
PERSONS: Final = _("registered persons")


@dataclass(frozen=True)
class CountTable:
    """Counts that add up to a whole with their rest, and are hidden together.

    `whole` is the name of the table of the whole (its only part), or empty. `rests` are columns
    that exclude each other, of this table and others of the same whole: who is in none of them
    follows from what is shown, and counts as a part.
    """

    name: str
    parts: tuple[str, ...]
    whole: str = ""
    rests: tuple[tuple[str, ...], ...] = ()

    @property
    def excluded(self) -> set[str]:
        """The columns of `rests`."""
        return {name for names in self.rests for name in names}


@dataclass(frozen=True)
class Definition:
    """One measure of the register: a rate of a part of a whole, or a count."""

    code: str
    name: Text
    numerator: str
    denominator: str = ""
    denominator_name: Text = ""
    method: Text = ""

    @property
    def is_rate(self) -> bool:
        return bool(self.denominator)


# A whole stands before its tables. Proposals are persons; they are no part of the families.
TABLES: Final = (
    CountTable("families", ("families",)),
    CountTable("persons", ("persons",)),
    CountTable("proposals_open", ("proposals_open",)),
    CountTable("families_located", ("families_located",), "families"),
    CountTable("places", ("families_inside", "families_near"), "families_located"),
    CountTable("families_enrolled", ("families_enrolled",), "families"),
    CountTable("families_without_proposal", ("families_without_proposal",), "families"),
    CountTable("under_five", ("under_five",), "persons"),
    CountTable("elderly", ("elderly",), "persons", (("under_five", "elderly"),)),
    CountTable("disability", ("disability",), "persons"),
    CountTable(
        "birth_unknown",
        ("birth_unknown",),
        "persons",
        (
            ("under_five", "birth_unknown"),
            ("elderly", "birth_unknown"),
            ("under_five", "elderly", "birth_unknown"),
        ),
    ),
)
DEFINITIONS: Final = (
    Definition("families", _("Registered families"), "families"),
    Definition("persons", _("Registered persons"), "persons"),
    Definition(
        "enrolled_share",
        _("Families in a programme"),
        "families_enrolled",
        "families",
        FAMILIES,
        _("At least one active person of the family has an open enrolment."),
    ),
    Definition(
        "without_proposal_share",
        _("Families without any proposal"),
        "families_without_proposal",
        "families",
        FAMILIES,
        _("No proposal of the village that was sent and not withdrawn has the KK of the family."),
    ),
    Definition(
        "without_proposal",
        _("Number of families without any proposal"),
        "families_without_proposal",
    ),
    Definition("proposals_open", _("Proposals under way"), "proposals_open"),
    Definition(
        "located_share",
        _("Families with a point"),
        "families_located",
        "families",
        FAMILIES,
    ),
    Definition(
        "inside_share",
        _("Points inside their village"),
        "families_inside",
        "families_located",
        LOCATED,
        _("By the boundaries that were in force when the point was checked."),
    ),
    Definition(
        "near_share",
        _("Points near the border of their village"),
        "families_near",
        "families_located",
        LOCATED,
        _("By the boundaries that were in force when the point was checked."),
    ),
    Definition("under_five_share", _("Under five"), "under_five", "persons", PERSONS),
    Definition("elderly_share", _("Elderly (from 60 on)"), "elderly", "persons", PERSONS),
    Definition("elderly", _("Number of elderly persons"), "elderly"),
    Definition(
        "disability_share",
        _("Persons with a disability"),
        "disability",
        "persons",
        PERSONS,
        _("A kind of disability is named, or the person is of PPKS 5 or 9."),
    ),
    Definition("disability", _("Number of persons with a disability"), "disability"),
    Definition(
        "birth_unknown_share", _("Date of birth unknown"), "birth_unknown", "persons", PERSONS
    ),
)


# The name under which all programmes have one version.
PROGRAMMES: Final = "programmes"
ALL_TABLES: Final = frozenset((*(table.name for table in TABLES), PROGRAMMES))


def programme_table(code: str) -> CountTable:
    """The table of the families in one programme: a part of those in any, which are shown, too."""
    return CountTable(f"{PROGRAMME}{code}", (f"{PROGRAMME}{code}",), "families_enrolled")


def programme_definition(code: str, name: str) -> Definition:
    """The share of the families that are in one programme."""
    return Definition(
        f"programme_{code.lower()}_share",
        _("Families in %(name)s") % {"name": name},
        f"{PROGRAMME}{code}",
        "families",
        FAMILIES,
        _("At least one active person of the family has an open enrolment."),
    )


def tables_of(programmes: Sequence[str]) -> list[CountTable]:
    """All tables, wholes first; those of programmes are their codes'."""
    return [*TABLES, *map(programme_table, programmes)]


def version_tables(code: str) -> frozenset[str]:
    """The tables whose versions tell whether a measure changed; none of a published figure."""
    if code.startswith(PROGRAMME):
        return frozenset((PROGRAMMES, "families"))
    found = (one for one in DEFINITIONS if one.code == code)
    return frozenset(
        table_of(column) for one in found for column in (one.numerator, one.denominator) if column
    )


def table_of(column: str) -> str:
    """The name of the table in which a column is hidden."""
    return next((table.name for table in TABLES if column in table.parts), column)
