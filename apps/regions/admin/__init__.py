"""The admin pages of this app, one module for each kind of page."""

from apps.regions.admin import editions, regions

__all__ = ["editions", "regions"]
