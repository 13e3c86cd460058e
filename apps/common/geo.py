"""Reference systems. Everything is stored as WGS 84 longitude and latitude; metres are geodesic."""

from typing import Final

SRID: Final = 4326

# Tolerance of a boundary line whose legal status is unknown, in metres.
NEAR_BORDER_M: Final = 50.0
