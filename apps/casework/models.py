"""What several apps share about work with a deadline: the calendar of cycles, and notices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CycleQuerySet(models.QuerySet["Cycle"]):
    def open_on(self, day: date) -> CycleQuerySet:
        """The cycles in which a batch of this day may be proposed."""
        return self.filter(opens_date__lte=day, cutoff_date__gte=day)


class Cycle(models.Model):
    """One round of proposals, usually a month: opened, closed, and frozen when data are drawn.

    Source: practice of 2025, cut-off every 17th and data drawn on the 18th; set by Pusdatin.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    opens_date = models.DateField(_("opens"))
    cutoff_date = models.DateField(_("closes"))
    draw_date = models.DateField(_("frozen, data drawn"))

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


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        """One person's own; nobody reads another's."""
        return self.filter(user_id=user.pk)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """Something happened that a person waits for. Written with its cause, in one transaction.

    While it is unread, more of the same kind about the same subject adds to `count` instead of
    making another line. `params` holds numbers and the name of a file, never a person.
    """

    class Kind(models.TextChoices):
        BATCH_READY = "batch_ready", _("File checked")
        BATCH_STOPPED = "batch_stopped", _("Check stopped")
        CORRECTED = "corrected", _("Corrections taken over")
        ROWS_RETURNED = "rows_returned", _("Proposals returned")
        CYCLE_CLOSING = "cycle_closing", _("Cycle closes soon")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    subject = models.CharField(_("subject"), max_length=80)
    count = models.PositiveIntegerField(_("count"), default=1)
    params = models.JSONField(default=dict, blank=True)
    url = models.CharField(_("address"), max_length=200)
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "subject"],
                name="casework_notice_unread_once",
                condition=Q(read_at__isnull=True),
            )
        ]
        indexes = [models.Index(fields=["user", "-id"], name="casework_notice_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class MailPreference(models.Model):
    """Whether a person wants the daily e-mail, and in which language. No row: yes, Indonesian."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="mail_preference",
        verbose_name=_("user"),
    )
    wants_digest = models.BooleanField(_("e-mail once a day"), default=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="id"
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")

    def __str__(self) -> str:
        return f"{self.user_id} {self.language}"
