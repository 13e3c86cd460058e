"""Hazard-prone zones in editions, and each village's class."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.audit.subjects import Subject, subject_of
from apps.commandcentre.states import HazardKind, Measure
from apps.common.geo import SRID
from apps.regions.models import Region


class ZoneClass(models.IntegerChoices):
    """How prone, least first. A layer that only says where a hazard is possible has PRONE: it is
    taken more seriously than a medium class, less than a high one.
    """

    LOW = 1, pgettext_lazy("zone", "low")
    MEDIUM = 2, pgettext_lazy("zone", "medium")
    PRONE = 3, pgettext_lazy("zone", "prone, without a class")
    HIGH = 4, pgettext_lazy("zone", "high")


class ZoneEdition(models.Model):
    """One file of zones. The next file of the same kind and name replaces it, and `number` counts.

    `boundaries_at` is when the boundaries by which villages were classed came into force.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=HazardKind)
    name = models.CharField(_("name"), max_length=120)
    number = models.PositiveIntegerField(_("edition"), default=1)
    is_current = models.BooleanField(_("current"), default=True)
    measure = models.CharField(_("measure"), max_length=8, choices=Measure)
    file_name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    boundaries_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    received_by = models.CharField(_("by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("edition of zones")
        verbose_name_plural = _("editions of zones")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "number"], name="commandcentre_zoneedition_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "name"],
                name="commandcentre_zoneedition_current",
                condition=Q(is_current=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self))


class Zone(models.Model):
    """The area of one class of an edition (WGS 84). Classes of an edition do not overlap."""

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(ZoneEdition, models.CASCADE, related_name="zones")
    hazard_class = models.PositiveSmallIntegerField(_("class"), choices=ZoneClass)
    area = models.MultiPolygonField(_("area"), srid=SRID, spatial_index=False)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "hazard_class"], name="commandcentre_zone_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.hazard_class}"


class VillageZone(models.Model):
    """A village that an edition's zones meet: its highest class, the share of its area in that
    class, and in any. Shares are 0 to 1.
    """

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(ZoneEdition, models.CASCADE, related_name="villages")
    village = models.ForeignKey(Region, models.CASCADE, related_name="+", db_constraint=False)
    hazard_class = models.PositiveSmallIntegerField(_("class"), choices=ZoneClass)
    share_class = models.FloatField(_("share in the class"))
    share_any = models.FloatField(_("share in any class"))

    class Meta:
        verbose_name = _("class of a village")
        verbose_name_plural = _("classes of villages")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "village"], name="commandcentre_villagezone_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.village_id} {self.hazard_class}"
