"""The act that wrote a state of the register."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """One act that changed the register: author, reason, source and time."""

    class Kind(models.TextChoices):
        DECREE = "decree", _("Decree")
        RESOLUTION = "resolution", _("Resolution of a conflict")
        LOAD = "load", _("First load")
        ERASURE = "erasure", _("Erasure")
        ANNULMENT = "annulment", _("Annulment of a decree")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reference = models.CharField(_("reference"), max_length=120)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    source = models.CharField(_("source"), max_length=40)
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))
    rows = models.JSONField(_("rows"), default=dict, blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="registry_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
