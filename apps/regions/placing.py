"""Where does a point lie? The one definition: verdict, metres to the border, flags of a point.

Three statements, each a query over the results before it, so that the same texts serve the rows of
a file, which are tables, and one point that was just typed and is nowhere stored (docs/adr/0023).
What depends on the other points of a set, such as a point that many families use, is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import sql

# So near to a village's office a point is the office's: receivers in the street err by as much.
OFFICE_M: Final = 15.0

# Named statements by the name of their result, for `sql.create_as` and `sql.run_chain`. The first
# takes `points`: row_number, village_id (claimed code or null), kk, longitude, latitude (degrees).
LOCATED: Final = "regions/locate_points"
STRAYS: Final = "regions/locate_strays"
GRADED: Final = "regions/grade_points"
# For one point: the chain from its numbers to its grade.
ONE_POINT: Final[Mapping[str, str]] = MappingProxyType(
    {"points": "regions/build_point", "located": LOCATED, "strays": STRAYS, "graded": GRADED}
)


class Verdict(models.TextChoices):
    """Where the point lies against the claimed village. Never a reason to refuse by itself."""

    INSIDE = "inside", _("Inside")
    NEAR_BORDER = "near_border", _("Near the border")
    NEIGHBOUR = "neighbour", _("Neighbouring village")
    ELSEWHERE = "elsewhere", _("Elsewhere")
    UNMAPPED = "unmapped", _("In no village")
    NO_POLYGON = "no_polygon", _("No boundary yet")
    NO_POINT = "no_point", _("No point")


def locate_points(tables: Mapping[str, tuple[str, ...]]) -> None:
    """Make the tables `located` and `strays` from `points`; the statement GRADED reads them.

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
