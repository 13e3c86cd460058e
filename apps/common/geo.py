"""Reference systems. Everything is stored as WGS 84 longitude and latitude; metres are geodesic."""

from typing import Final

SRID: Final = 4326
# Web Mercator, the projection of map tiles. Its metres are longer than geodesic ones.
MERCATOR_SRID: Final = 3857

# Tolerance of a boundary line whose legal status is unknown, in metres.
NEAR_BORDER_M: Final = 50.0
