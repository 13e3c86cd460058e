"""Where a point lies. The only definition of verdict, metres to the border and flags of a point.

Three statements, each a query over the results of the one before. The same SQL serves the rows of a
file, which are tables, and one typed point that is not stored (docs/adr/0023). The caller handles
what depends on the other points of a set, such as a point that many families use.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import sql

# Within this distance a point counts as the office: the error of receivers in the street is as
# large.
OFFICE_M: Final = 15.0

# Statements by the name of their result, for `sql.create_as` and `sql.run_chain`. The first one
# reads `points`: row_number, village_id (claimed code or null), kk, longitude, latitude (degrees).
LOCATED: Final = "regions/locate_points"
STRAYS: Final = "regions/locate_strays"
GRADED: Final = "regions/grade_points"
# For one point: the chain from its coordinates to its grade.
ONE_POINT: Final[Mapping[str, str]] = MappingProxyType(
    {"points": "regions/build_point", "located": LOCATED, "strays": STRAYS, "graded": GRADED}
)


class Verdict(models.TextChoices):
    """Where the point lies relative to the claimed village. Never a reason to refuse by itself."""

    INSIDE = "inside", _("Inside")
    NEAR_BORDER = "near_border", _("Near the border")
    NEIGHBOUR = "neighbour", _("Neighbouring village")
    ELSEWHERE = "elsewhere", _("Elsewhere")
    UNMAPPED = "unmapped", _("In no village")
    NO_POLYGON = "no_polygon", _("No boundary yet")
    NO_POINT = "no_point", _("No point")


def locate_points(tables: Mapping[str, tuple[str, ...]]) -> None:
    """Create the tables `located` and `strays` from `points`; the statement GRADED reads them.

    Cost: 100,000 points of which 4,500 are not in their village in half a second.
    """
    sql.create_as(tables["located"], {"located": LOCATED}, {"office_m": OFFICE_M}, tables=tables)
    sql.create_as(tables["strays"], {"strays": STRAYS}, tables=tables)


def one_point(longitude: float, latitude: float, village_code: str) -> dict[str, Any]:
    """The parameters of ONE_POINT. Units: degrees WGS 84; the village is the claimed one or ""."""
    return {
        "longitude": longitude,
        "latitude": latitude,
        "village": village_code,
        "office_m": OFFICE_M,
    }
