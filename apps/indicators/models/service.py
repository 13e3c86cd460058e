"""Services that publish figures, the hosts that may be asked, and what has come of a service that
is being read.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import Subject, subject_of
from apps.indicators.models.publication import Publication
from apps.regions.models import COUNTRY, CodeSystem


class HostStatus(models.TextChoices):
    """Whether a host may be asked."""

    WAITING = "waiting", _("Waits for an administrator")
    ALLOWED = "allowed", _("Allowed")
    REFUSED = "refused", _("Not allowed")


class ServiceHost(models.Model):
    """A host of services, with its port where that is not 443. Nothing of it is asked unless an
    administrator allows it who is not the planner who wants it.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("host"), max_length=260, unique=True)
    status = models.CharField(
        _("status"), max_length=8, choices=HostStatus, default=HostStatus.WAITING
    )
    asked_by = models.CharField(max_length=60)
    asked_by_name = models.CharField(_("wanted by"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("wanted"))
    decided_by = models.CharField(max_length=60, blank=True)
    decided_by_name = models.CharField(_("decided by"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("host of services")
        verbose_name_plural = _("hosts of services")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.name, COUNTRY)

    @property
    def is_allowed(self) -> bool:
        return self.status == HostStatus.ALLOWED


class Service(models.Model):
    """An ArcGIS REST layer, or a collection of OGC API – Features or WFS 2.0.

    `fields` is our column → field of the service, `values` the code of an indicator → field.
    `state` is what the service said of itself at the last complete reading. `reading` is a reading
    that is not complete: what the service said at its start, and the next page. `code` and `params`
    say why the last attempt gave nothing (`services.messages`). Units: seconds.

    `preview` is what its first page showed before it was switched on: `fields`, `rows` (texts in
    the order of the fields), `total`. `revision` rises with every change of its definition: what a
    reading finds about an earlier one is dropped.
    """

    class Kind(models.TextChoices):
        ARCGIS = "arcgis", _("ArcGIS REST feature layer")
        OGC = "ogc", _("OGC API – Features")
        WFS = "wfs", _("WFS 2.0")

    name = models.SlugField(_("name"), primary_key=True, max_length=50)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    url = models.CharField(_("address"), max_length=500)
    layer = models.CharField(_("layer"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=200)
    fields: Any = models.JSONField(_("columns"), default=dict)
    values: Any = models.JSONField(_("indicators"), default=dict)
    period = models.CharField(_("period"), max_length=10)
    code_system = models.CharField(_("codes"), max_length=10, default=CodeSystem.KEMENDAGRI)
    vintage = models.CharField(_("date of the codes"), max_length=20, blank=True)
    page_size = models.PositiveIntegerField(_("rows of a page"), default=1_000)
    interval_s = models.PositiveIntegerField(_("interval (s)"), default=86_400)
    is_active = models.BooleanField(_("active"), default=True)
    state: Any = models.JSONField(default=dict, blank=True)
    reading: Any = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    code = models.CharField(max_length=60, blank=True)
    params: Any = models.JSONField(default=dict, blank=True)
    publication = models.ForeignKey(
        Publication, models.SET_NULL, null=True, blank=True, related_name="services"
    )
    host = models.ForeignKey(
        ServiceHost, models.PROTECT, null=True, blank=True, related_name="services"
    )
    preview: Any = models.JSONField(default=dict, blank=True)
    previewed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        return subject_of(self)

    @property
    def audit_subject(self) -> Subject:
        return Subject(self.subject, self.name, COUNTRY)

    @property
    def is_host_allowed(self) -> bool:
        return self.host is not None and self.host.is_allowed


class ServicePage(models.Model):
    """One page of a service's answer, of the reading that goes on or of the last complete one.

    `place` is its address, `next` that of the page after it, "" after the last one. A page of the
    last reading is asked for with its validators, and taken as it is where nothing is new.
    """

    id = models.BigAutoField(primary_key=True)
    service = models.ForeignKey(Service, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField(_("page"))
    place = models.CharField(max_length=1_000, blank=True)
    next = models.CharField(max_length=1_000, blank=True)
    rows: Any = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("page of a service")
        verbose_name_plural = _("pages of services")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "number"], name="indicators_servicepage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.number}"
