"""Simplified outlines of regions for maps, one state of the map after the other."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from apps.common.geo import MERCATOR_SRID
from apps.regions.models.boundary import Boundary, BoundaryEdition
from apps.regions.models.region import Level

# The lowest zoom of each set of outlines; the next higher number ends it.
BAND_ZOOMS = (0, 5, 8, 9, 10, 11)


class ShapeSet(models.Model):
    """One state of the map: the outlines of all boundaries in force after an activation.

    It can be drawn from `ready_at` on. Its number is part of the address of its tiles, so that
    these never change; it is the millisecond of the request (since 1970), because a restored
    database must not use a number again. `groups` are the first digits of the regions whose
    outlines it replaces.
    """

    id = models.BigIntegerField(primary_key=True)
    edition = models.ForeignKey(
        BoundaryEdition, models.PROTECT, related_name="+", verbose_name=_("edition")
    )
    groups = ArrayField(models.CharField(max_length=1))
    asked_at = models.DateTimeField(_("requested"))
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)

    class Meta:
        verbose_name = _("state of the map")
        verbose_name_plural = _("states of the map")

    def __str__(self) -> str:
        return f"{self.edition_id}-{self.pk}"


class BoundaryShape(models.Model):
    """The outline of one region from one zoom on, in the states `since` … before `until`.

    Neighbours of one zoom share their lines. Units: Web Mercator; `label_radius_m` is the radius,
    in units of that projection, of the largest circle inside the outline, whose centre is `label`.
    `boundary` is the polygon of the edition, for zooms that show it unchanged; a region that is the
    union of others has none.
    """

    since = models.ForeignKey(ShapeSet, models.CASCADE, related_name="shapes", db_index=False)
    until = models.ForeignKey(
        ShapeSet, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    code = models.CharField(_("code"), max_length=13, db_collation="C")
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    zoom = models.PositiveSmallIntegerField(_("lowest zoom"))
    boundary = models.ForeignKey(
        Boundary, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    shape = models.MultiPolygonField(srid=MERCATOR_SRID, spatial_index=False)
    label = models.PointField(srid=MERCATOR_SRID, spatial_index=False)
    label_radius_m = models.FloatField()

    class Meta:
        verbose_name = _("outline of a region")
        verbose_name_plural = _("outlines of regions")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "zoom", "since"], name="regions_boundaryshape_once"
            )
        ]
        # One GiST index for each of BAND_ZOOMS, over its outlines only, and one over the labels of
        # districts and above: written as SQL (migrations 0004, 0008, 0009), because Django's makes
        # one over all rows.

    def __str__(self) -> str:
        return f"{self.code} z{self.zoom}"
