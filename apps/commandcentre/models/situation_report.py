"""Situation reports as they went out: numbered for each hazard, never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.commandcentre.models.affected_village import Assessment
from apps.commandcentre.models.hazard import Hazard
from apps.commandcentre.models.plan import Plan


class SituationReport(models.Model):
    """One issued report. A correction is a report with the next number, which names what it
    corrects and why.

    `content` is the report as `reports.sheet` reads it, in the words that went out; `sha256` is the
    digest of its canonical JSON, and stands on the report. No role may change or remove a row.
    """

    id = models.BigAutoField(primary_key=True)
    hazard = models.ForeignKey(
        Hazard, models.PROTECT, db_index=False, related_name="situation_reports"
    )
    number = models.PositiveIntegerField(_("number"))
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("corrects")
    )
    reason = models.CharField(_("what is corrected"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(_("revision"))
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    content = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("situation report")
        verbose_name_plural = _("situation reports")
        constraints = [
            models.UniqueConstraint(
                fields=["hazard", "number"], name="commandcentre_situationreport_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hazard_id}/{self.number}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), f"{self.hazard} {self.number}")


class ReportFormat(models.TextChoices):
    PDF = "pdf", "PDF"
    CSV = "csv", "CSV"
    GEOJSON = "geojson", "GeoJSON"
    SVG = "svg", "SVG"


class ReportFile(models.Model):
    """One file of an issued report, with its digest."""

    Format: ClassVar = ReportFormat

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(
        SituationReport, models.PROTECT, db_index=False, related_name="files"
    )
    format = models.CharField(_("format"), max_length=8, choices=ReportFormat)
    content = models.BinaryField()
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("file of a situation report")
        verbose_name_plural = _("files of situation reports")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "format"], name="commandcentre_reportfile_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}.{self.format}"
