"""What several apps share about work with a deadline: the calendar, documents of villages."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.regions.models import Region


class CycleQuerySet(models.QuerySet["Cycle"]):
    def open_on(self, day: date) -> CycleQuerySet:
        """The cycles in which a batch of this day may be proposed."""
        return self.filter(opens_date__lte=day, cutoff_date__gte=day)


class Cycle(models.Model):
    """One round of proposals, usually a month.

    Source: practice of 2025, cut-off every 17th and data drawn on the 18th; set by Pusdatin.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    opens_date = models.DateField(_("opens"))
    cutoff_date = models.DateField(_("closes"))
    draw_date = models.DateField(_("data drawn"))

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        constraints = [
            models.CheckConstraint(
                name="casework_cycle_in_order",
                condition=models.Q(
                    opens_date__lte=models.F("cutoff_date"), cutoff_date__lt=models.F("draw_date")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DocumentQuerySet(models.QuerySet["Document"]):
    def within(self, scope: Scope) -> DocumentQuerySet:
        """Documents of the villages inside a scope."""
        return self.filter(scope.query("region__code")) if scope else self.none()


class Document(models.Model):
    """What a village decided about its proposals of a cycle, on paper: the evidence of its rows.

    Source: Kepmensos 73/HUK/2024, minutes of the village's meeting, or the head's own statement.
    The stored file is what may be opened again: a PDF as it came, a picture made anew. `sha256` is
    that of the stored file, `sent_sha256` of what was sent.
    """

    class Kind(models.TextChoices):
        MINUTES = "minutes", _("Minutes of the village meeting")
        STATEMENT = "statement", _("Statement of responsibility (SPTJM)")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    number = models.CharField(_("number"), max_length=80)
    date = models.DateField(_("date"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("village"))
    cycle = models.ForeignKey(
        Cycle,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("cycle"),
    )
    file = models.FileField(_("file"), upload_to="documents/", max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(_("size (bytes)"))
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(max_length=64)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["region", "cycle", "sent_sha256"],
                name="casework_document_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["cycle", "region"], name="casework_document_village")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def subject(self) -> str:
        return f"casework.Document:{self.pk}"
