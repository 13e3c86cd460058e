"""Files that operators upload: facilities, stock, responders, hazards, events, zones."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of


class UploadKind(models.TextChoices):
    """What a file holds. The value is part of addresses."""

    FACILITIES = "facilities", _("Facilities")
    STOCK = "stock", _("Counted stock")
    MINIMUMS = "minimums", _("Minimum levels")
    RESPONDERS = "responders", _("Responders")
    HAZARD = "hazard", _("Area of a hazard")
    EVENTS = "events", _("Events of BNPB (Data bencana)")
    ZONES = "zones", _("Hazard-prone zones")


class OfficeUploadQuerySet(models.QuerySet["OfficeUpload"]):
    def within(self, scope: Scope) -> OfficeUploadQuerySet:
        """All of them for a user whose scope is the country, else none: a file may name any place.

        What users of the command centre import holds for the whole country.
        """
        return self if scope.is_national else self.none()


class OfficeUpload(models.Model):
    """One uploaded file and what became of its rows.

    `options` are what its form asked (`uploads.forms`), `header` and `mapping` the columns of a
    file with rows: our column → position. `counts` are rows by what became of them, `found` the
    findings by code; `listed` is the list of findings. A file is removed when it is imported; one
    that was not imported after 30 days.
    """

    Kind: ClassVar = UploadKind

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=UploadKind)
    file = models.FileField(_("file"), upload_to="office_uploads/", max_length=200, blank=True)
    listed = models.FileField(
        _("findings"), upload_to="office_uploads/", max_length=200, blank=True
    )
    file_name = models.CharField(_("file name"), max_length=200)
    file_size = models.BigIntegerField(_("size (bytes)"))
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict, blank=True)
    header = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    rows = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    refused = models.PositiveIntegerField(_("rows not taken"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    found = models.JSONField(_("findings"), default=dict, blank=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    received_at = models.DateTimeField(_("received"))
    imported_at = models.DateTimeField(pgettext_lazy("file", "imported"), null=True, blank=True)

    objects = OfficeUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.file_name)

    @property
    def subject(self) -> str:
        return f"commandcentre.OfficeUpload:{self.pk}"
