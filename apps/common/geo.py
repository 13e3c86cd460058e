"""Reference systems. Everything is stored as WGS 84 longitude and latitude; metres are geodesic."""

from typing import Final

SRID: Final = 4326
# Web Mercator, the projection of map tiles. Its metres are longer than geodesic ones.
MERCATOR_SRID: Final = 3857

# Tolerance of a boundary line whose legal status is unknown, in metres.
NEAR_BORDER_M: Final = 50.0

# A box around Indonesia, in degrees: west, south, east, north. Its sea borders lie inside. Parts of
# Malaysia, Singapore, Timor-Leste and Papua New Guinea do, too; boundaries tell those apart.
COUNTRY_BOX: Final = (94.5, -11.5, 141.5, 6.5)


def is_in_country_box(longitude: float, latitude: float) -> bool:
    """Whether a position (degrees WGS 84) can be in Indonesia."""
    west, south, east, north = COUNTRY_BOX
    return west <= longitude <= east and south <= latitude <= north
