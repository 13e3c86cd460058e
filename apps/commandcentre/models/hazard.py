"""Hazards, each received version of them, and the areas that they cover."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.commandcentre.states import (
    HAZARD_TRANSITIONS,
    AlertLevel,
    FootprintMethod,
    HazardKind,
    HazardStatus,
    Measure,
)
from apps.common.geo import SRID
from apps.common.states import StatusMoves, pairs


class HazardQuerySet(models.QuerySet["Hazard"]):
    def active(self) -> HazardQuerySet:
        """Hazards that an operator has to do with: neither cancelled nor closed."""
        return self.filter(closed_at__isnull=True).exclude(status=HazardStatus.CANCELLED)


class Hazard(models.Model):
    """One event (an earthquake, a flood, a scenario) as its source describes it now.

    `source_id` is the source's own number of the event, or what identifies it where the source has
    none. `revision` counts the received versions that differ. Units: kilometres; `epicentre` is
    WGS 84; `occurred_at` is UTC. `level` is ours, from the last assessment. `seen` is the digest of
    each feed's last message about it: two feeds that differ about one event do not take turns.
    `assigned_to` is the operator who answers for it now. `alarmed_at` is when it first waited for a
    person, `escalated_at` when it went to the duty because nobody took it on. `worsened_at` is when
    it became an alarm again, or came back after it was closed; `worsening` is what changed
    (`exposure.worsening`).
    """

    Status: ClassVar = HazardStatus
    TRANSITIONS: ClassVar = HAZARD_TRANSITIONS

    kind = models.CharField(_("kind"), max_length=12, choices=HazardKind)
    source = models.CharField(_("source"), max_length=20)
    source_id = models.CharField(_("number at the source"), max_length=120)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    status = models.CharField(
        _("status"), max_length=10, choices=HazardStatus, default=HazardStatus.ACTUAL
    )
    title = models.CharField(_("title"), max_length=300)
    place = models.CharField(_("place as received"), max_length=300, blank=True)
    felt = models.CharField(_("felt at"), max_length=1000, blank=True)
    occurred_at = models.DateTimeField(_("occurred"))
    magnitude = models.FloatField(_("magnitude"), null=True, blank=True)
    depth_km = models.FloatField(_("depth (km)"), null=True, blank=True)
    epicentre = models.PointField(_("epicentre"), srid=SRID, null=True, blank=True)
    level = models.CharField(_("level"), max_length=8, choices=AlertLevel, blank=True)
    seen = models.JSONField(default=dict, blank=True)
    first_received_at = models.DateTimeField(_("first received"))
    received_at = models.DateTimeField(_("received"))
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    assigned_to = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible")
    )
    assigned_at = models.DateTimeField(_("assigned"), null=True, blank=True)
    alarmed_at = models.DateTimeField(_("alarm raised"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("passed to the duty"), null=True, blank=True)
    worsened_at = models.DateTimeField(_("became worse"), null=True, blank=True)
    worsening = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )

    objects = HazardQuerySet.as_manager()

    class Meta:
        verbose_name = _("hazard")
        verbose_name_plural = _("hazards")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], name="commandcentre_hazard_once"
            ),
            models.CheckConstraint(
                name="commandcentre_hazard_depth",
                condition=models.Q(depth_km__isnull=True)
                | models.Q(depth_km__gte=0, depth_km__lte=800),
            ),
        ]
        indexes = [
            models.Index(fields=["-occurred_at"], name="commandcentre_hazard_recent"),
        ]
        triggers = [StatusMoves(name="hazard_moves", transitions=pairs(HAZARD_TRANSITIONS))]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.title)


class HazardRevision(models.Model):
    """One received version of a hazard. `received` is the message as it came, bounded.

    `values` are the fields of the hazard after it.
    """

    hazard = models.ForeignKey(Hazard, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("revision"))
    values = models.JSONField(default=dict)
    received = models.JSONField(_("message"), default=dict)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("version of a hazard")
        verbose_name_plural = _("versions of hazards")
        constraints = [
            models.UniqueConstraint(fields=["hazard", "number"], name="commandcentre_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.hazard_id}.{self.number}"

    @property
    def ends_at(self) -> datetime | None:
        """Until when it holds; None where its source does not say."""
        told = self.values.get("ends_at")
        return datetime.fromisoformat(told) if told else None

    @property
    def warning(self) -> str:
        """What its source says of a tsunami that may follow; "" where it says nothing."""
        return str(self.values.get("warning", ""))


class Footprint(models.Model):
    """The area of one band of one revision. Bands of one revision do not overlap.

    `lower` and `upper` are in the unit of `measure`; `upper` is null for the highest band.
    `relation` names the intensity relation and its spread, where the area was estimated.
    """

    hazard = models.ForeignKey(Hazard, models.CASCADE, related_name="footprints")
    revision = models.PositiveIntegerField(_("revision"))
    measure = models.CharField(_("measure"), max_length=8, choices=Measure)
    lower = models.FloatField(_("from"))
    upper = models.FloatField(_("below"), null=True, blank=True)
    label = models.CharField(_("band"), max_length=60)
    method = models.CharField(_("method"), max_length=10, choices=FootprintMethod)
    relation = models.JSONField(default=dict, blank=True)
    area = models.MultiPolygonField(_("area"), srid=SRID)

    class Meta:
        verbose_name = _("footprint")
        verbose_name_plural = _("footprints")
        constraints = [
            models.UniqueConstraint(
                fields=["hazard", "revision", "measure", "lower"],
                name="commandcentre_footprint_once",
            )
        ]

    def __str__(self) -> str:
        return self.label
