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
    CodeSystem,
    ForeignCode,
    Level,
    Region,
    RegionQuerySet,
    TreeVersion,
    in_region,
    prefix_of,
)
from apps.regions.models.shape import BAND_ZOOMS, BoundaryShape, ShapeSet

__all__ = [
    "BAND_ZOOMS",
    "Boundary",
    "BoundaryEdition",
    "BoundaryQuerySet",
    "BoundaryShape",
    "COUNTRY",
    "CodeSystem",
    "EDITION_TRANSITIONS",
    "EditionStatus",
    "ForeignCode",
    "LEVEL_BY_LENGTH",
    "Level",
    "QualityIssue",
    "Region",
    "RegionQuerySet",
    "ShapeSet",
    "TreeVersion",
    "in_region",
    "prefix_of",
]
