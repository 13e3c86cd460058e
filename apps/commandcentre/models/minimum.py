"""How much of a good a facility should have at least."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.models.resources import Facility, Good


class MinimumLevel(models.Model):
    """Units of a good below which a facility's usable stock should not fall."""

    id = models.BigAutoField(primary_key=True)
    facility = models.ForeignKey(
        Facility, models.CASCADE, related_name="minimums", verbose_name=_("facility")
    )
    good = models.ForeignKey(Good, models.PROTECT, related_name="+", verbose_name=_("good"))
    quantity = models.PositiveBigIntegerField(_("at least"))
    updated_at = models.DateTimeField(_("updated"))
    updated_by = models.CharField(_("by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("minimum level")
        verbose_name_plural = _("minimum levels")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "good"], name="commandcentre_minimumlevel_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.good_id}: {self.quantity}"
