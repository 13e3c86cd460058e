"""A large file that needs a second person's consent."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.audit.subjects import Subject
from apps.common.personal_data import personal_data
from apps.regions.models import Region


class ExportRequestQuerySet(models.QuerySet["ExportRequest"]):
    def within(self, scope: Scope) -> ExportRequestQuerySet:
        return self.filter(scope.query("region__code"))

    def waiting(self) -> ExportRequestQuerySet:
        return self.filter(answered_at__isnull=True)


@personal_data
class ExportRequest(models.Model):
    """A request to export many rows from the portal; a second person approves or refuses it.

    `subject` and `part` identify the file. An approval is valid for the requester only, for a day.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=80)
    part = models.CharField(max_length=20)
    name = models.CharField(_("file"), max_length=200)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    rows = models.PositiveIntegerField(_("rows"))
    reason = models.CharField(_("reason"), max_length=500)
    # Of a list: its filter, sorting and columns as an address; words of a search are in none.
    query = models.TextField(default="", blank=True)
    is_searched = models.BooleanField(default=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    answered_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    is_granted = models.BooleanField(_("agreed"), default=False)

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a large file")
        verbose_name_plural = _("requests for large files")
        constraints = [
            models.CheckConstraint(
                name="proposals_exportrequest_second_person",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("user")),
            ),
            models.CheckConstraint(
                name="proposals_exportrequest_answered",
                condition=Q(answered_by__isnull=True, answered_at__isnull=True, is_granted=False)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["user", "subject", "part"],
                condition=Q(answered_at__isnull=True),
                name="proposals_exportrequest_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        """The subject of the exported object, so that its history names the requester."""
        return Subject(self.subject, self.name, self.region_id)
