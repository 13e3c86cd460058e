"""The region tree by Kemendagri code, and the dated boundary editions of BIG."""

from apps.regions.models.boundary import (
    EDITION_TRANSITIONS,
    Boundary,
    BoundaryEdition,
    BoundaryQuerySet,
    EditionStatus,
    QualityIssue,
)
from apps.regions.models.region import (
    COUNTRY,
    LEVEL_BY_LENGTH,
    ForeignCode,
    Level,
    Region,
    RegionQuerySet,
    prefix_of,
)

__all__ = [
    "Boundary",
    "BoundaryEdition",
    "BoundaryQuerySet",
    "COUNTRY",
    "EDITION_TRANSITIONS",
    "EditionStatus",
    "ForeignCode",
    "LEVEL_BY_LENGTH",
    "Level",
    "QualityIssue",
    "Region",
    "RegionQuerySet",
    "prefix_of",
]
