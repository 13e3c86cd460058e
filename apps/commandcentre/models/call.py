"""Calls to responders: who was called about which village, and what came of it."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.models import User
from apps.commandcentre.models.hazard import Hazard
from apps.commandcentre.models.resources import Responder
from apps.regions.models import Region


class CallOutcome(models.TextChoices):
    COMING = "coming", pgettext_lazy("call", "Comes")
    UNABLE = "unable", pgettext_lazy("call", "Cannot come")
    NO_ANSWER = "no_answer", pgettext_lazy("call", "No answer")
    WRONG_NUMBER = "wrong_number", pgettext_lazy("call", "Wrong number")


class Call(models.Model):
    """One call to a responder. It is never changed; a second call is another row."""

    id = models.BigAutoField(primary_key=True)
    hazard = models.ForeignKey(Hazard, models.PROTECT, related_name="calls")
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    responder = models.ForeignKey(
        Responder, models.PROTECT, db_constraint=False, db_index=False, related_name="calls"
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=CallOutcome)
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [
            models.Index(fields=["hazard", "responder", "-at"], name="commandcentre_call_of"),
            models.Index(fields=["responder", "-at"], name="commandcentre_call_last"),
        ]

    def __str__(self) -> str:
        return f"{self.hazard_id} {self.outcome}"
