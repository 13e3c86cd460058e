"""Where villages and islands are, for distances: computed from the boundaries in force."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.geo import MERCATOR_SRID, SRID
from apps.regions.models import Region


class IslandPiece(models.Model):
    """A piece of the land of one island: connected land of the outlines, cut into small pieces.

    `island` is the same number for all pieces of an island; numbers change with the boundaries.
    """

    id = models.BigAutoField(primary_key=True)
    island = models.PositiveIntegerField(_("island"))
    piece = models.PolygonField(srid=MERCATOR_SRID)

    class Meta:
        verbose_name = _("piece of an island")
        verbose_name_plural = _("pieces of islands")

    def __str__(self) -> str:
        return str(self.island)


class VillagePlace(models.Model):
    """A point inside a village (WGS 84), and the island it is on; null where that is not known."""

    village = models.OneToOneField(
        Region, models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    place = models.PointField(_("place"), srid=SRID, spatial_index=False)
    island = models.PositiveIntegerField(_("island"), null=True, blank=True)

    class Meta:
        verbose_name = _("place of a village")
        verbose_name_plural = _("places of villages")

    def __str__(self) -> str:
        return self.village_id


class PlaceState(models.Model):
    """From which boundaries the places were computed: one row.

    `shape_set` is the number of the outlines (0: none); `boundaries_at` the last time an edition
    came into force.
    """

    shape_set = models.PositiveBigIntegerField()
    boundaries_at = models.DateTimeField(null=True, blank=True)
    built_at = models.DateTimeField()

    class Meta:
        verbose_name = _("state of places")
        verbose_name_plural = _("states of places")

    def __str__(self) -> str:
        return str(self.shape_set)
