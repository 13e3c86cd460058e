"""The log of the command centre's shifts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.models import User
from apps.commandcentre.models.hazard import Hazard


class ShiftEntryKind(models.TextChoices):
    TAKE = "take", pgettext_lazy("shift", "Duty taken")
    HAND_OVER = "hand_over", pgettext_lazy("shift", "Duty handed over")
    NOTE = "note", pgettext_lazy("shift", "Note")
    EXTEND = "extend", pgettext_lazy("shift", "Shift extended")
    ASSIGN = "assign", pgettext_lazy("shift", "Hazard assigned")
    CLOSE = "close", pgettext_lazy("shift", "Hazard closed")
    ESCALATE = "escalate", pgettext_lazy("shift", "Hazard passed to the duty")
    WORSENED = "worsened", pgettext_lazy("shift", "Hazard worse: an alarm again")


class ShiftEntry(models.Model):
    """One line of the log, never changed. Who took the duty last has it until the next hand-over.

    A note may be about a hazard. It is for the next shift, not for names of persons helped. `by` is
    null for what the portal did by itself. `ends_at` is when the shift ends that is taken or
    extended; `person` is to whom a hazard was assigned. `worsening` is what became worse, as
    `Hazard.worsening` has it.
    """

    Kind: ClassVar = ShiftEntryKind

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ShiftEntryKind)
    hazard = models.ForeignKey(
        Hazard, models.PROTECT, null=True, blank=True, related_name="shift_entries"
    )
    text = models.CharField(_("note"), max_length=1000, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to")
    )
    at = models.DateTimeField(_("at"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    worsening = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("line of the shift log")
        verbose_name_plural = _("shift log")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
