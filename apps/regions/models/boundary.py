"""The dated boundary editions of BIG, their polygons and the remarks about them."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import pgtrigger
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.names import spoken
from apps.common.geo import NEAR_BORDER_M, SRID
from apps.common.states import Moves, pairs
from apps.regions.models.region import CodeSystem, Region

# The status of a line (a regulation, or how it was drawn) that says that the neighbours' line is
# decided: a regulation names it, or the villages agreed. POSIX, without regard to case. All other
# lines are drawn dashed (BIG publishes lines "tanpa kesepakatan" and of a delineation beside them).
DECIDED_LINE: Final = (
    r"^(?!.*(tanpa|belum|tidak|indikatif|delineasi)).*"
    r"(\m(permendagri|kepmendagri|peraturan|keputusan|perda|perbup|perwali|undang-undang|uu|pp)\M"
    r"|kesepakatan|disepakati|definitif)"
)


class EditionStatus(models.TextChoices):
    RECEIVED = "received", _("Received")
    READING = "reading", _("Reading")
    READY = "ready", _("Ready to activate")
    ACTIVE = "active", _("Active")
    SUPERSEDED = "superseded", _("Superseded")
    FAILED = "failed", _("Failed – can be resumed")


EDITION_TRANSITIONS: Moves = {
    EditionStatus.RECEIVED: {EditionStatus.READING, EditionStatus.FAILED},
    EditionStatus.READING: {EditionStatus.READING, EditionStatus.READY, EditionStatus.FAILED},
    EditionStatus.READY: {EditionStatus.ACTIVE, EditionStatus.READING},
    EditionStatus.ACTIVE: {EditionStatus.SUPERSEDED},
    EditionStatus.SUPERSEDED: {EditionStatus.ACTIVE},
    EditionStatus.FAILED: {EditionStatus.RECEIVED},
}


class BoundaryEdition(models.Model):
    """One delivery of boundaries, with its date of publication.

    Activating it replaces the boundaries of the regions that it has polygons for, and of all
    regions in `covers`; everywhere else the former edition stays in force.
    """

    Status: ClassVar = EditionStatus
    TRANSITIONS: ClassVar = EDITION_TRANSITIONS

    name = models.CharField(_("name"), max_length=80, unique=True)
    published_date = models.DateField(_("published"))
    status = models.CharField(
        _("status"), max_length=10, choices=EditionStatus, default=EditionStatus.RECEIVED
    )
    file = models.FileField(_("file"), upload_to="boundaries/", max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    layer = models.CharField(_("layer"), max_length=120, blank=True)
    code_field = models.CharField(_("code column"), max_length=60, blank=True)
    code_system = models.CharField(
        _("code system"),
        max_length=10,
        choices=CodeSystem,
        default=CodeSystem.KEMENDAGRI,
    )
    covers = models.CharField(_("covers the whole of"), max_length=13, blank=True)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received"))
    received_by = models.CharField(_("received by"), max_length=200)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    activated_by = models.CharField(_("activated by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("boundary edition")
        verbose_name_plural = _("boundary editions")
        triggers = [
            pgtrigger.FSM(
                name="edition_moves", field="status", transitions=pairs(EDITION_TRANSITIONS)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def receiver(self) -> str:
        return spoken(self.received_by)

    @property
    def activator(self) -> str:
        return spoken(self.activated_by)


class BoundaryQuerySet(models.QuerySet["Boundary"]):
    def current(self) -> BoundaryQuerySet:
        return self.filter(is_current=True)


class Boundary(models.Model):
    """The polygon of one region in one edition, valid and two-dimensional.

    Units: `area_m2` and `repair_change_m2` are geodesic. `tolerance_m` is the distance outside the
    border within which a point does not contradict it, 50 m where the line's legal status is
    unknown.
    """

    edition = models.ForeignKey(BoundaryEdition, models.CASCADE, related_name="boundaries")
    region = models.ForeignKey(Region, models.PROTECT, related_name="boundaries")
    name = models.CharField(_("name in the file"), max_length=120, blank=True)
    boundary = models.MultiPolygonField(_("boundary"), srid=SRID, spatial_index=False)
    area_m2 = models.FloatField(_("area (m²)"))
    is_repaired = models.BooleanField(_("repaired"), default=False)
    repair_change_m2 = models.FloatField(_("change by repair (m²)"), default=0)
    line_status = models.CharField(_("status of the line"), max_length=60, blank=True)
    tolerance_m = models.FloatField(_("tolerance (m)"), default=NEAR_BORDER_M)
    is_current = models.BooleanField(_("in force"), default=False)

    objects = BoundaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        constraints = [
            models.UniqueConstraint(fields=["edition", "region"], name="regions_boundary_once"),
            models.UniqueConstraint(
                fields=["region"],
                name="regions_boundary_one_current",
                condition=models.Q(is_current=True),
            ),
        ]
        # The GiST index covers only the boundaries in force (first migration).

    def __str__(self) -> str:
        return f"{self.region_id} {self.edition_id}"


class QualityIssue(models.Model):
    """One remark on an edition, with its position on the map where it has one."""

    class Kind(models.TextChoices):
        REPAIRED = "repaired", _("Repaired")
        REFUSED = "refused", _("Refused: cannot be repaired")
        UNKNOWN_CODE = "unknown_code", _("Code not in the region tree")
        RENAMED = "renamed", _("Ended code, taken as its successor")
        MERGED = "merged", _("Several features of one region")
        WITHOUT_POLYGON = "code_without_polygon", _("Region without polygon")
        OVERLAP = "overlap", _("Two villages overlap")
        GAP = "gap", _("Gap between villages")
        OUTSIDE_PARENT = "outside_parent", _("Outside its parent region")
        ADDED = "added", _("New against the former edition")
        REMOVED = "removed", _("Missing against the former edition")
        MOVED = "moved", _("Changed against the former edition")

    edition = models.ForeignKey(BoundaryEdition, models.CASCADE, related_name="issues")
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    region_code = models.CharField(_("region"), max_length=40, blank=True)
    other_code = models.CharField(_("other region"), max_length=40, blank=True)
    name = models.CharField(_("name in the file"), max_length=120, blank=True)
    row_number = models.BigIntegerField(_("row"), null=True, blank=True)
    area_m2 = models.FloatField(_("area (m²)"), null=True, blank=True)
    details: Any = models.JSONField(_("details"), default=dict, blank=True)
    place = models.GeometryField(_("place"), srid=SRID, null=True, blank=True, spatial_index=False)

    class Meta:
        verbose_name = _("quality issue")
        verbose_name_plural = _("quality issues")
        indexes = [models.Index(fields=["edition", "kind"], name="regions_issue_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.region_code}"
