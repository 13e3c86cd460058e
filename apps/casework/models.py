"""What several apps share about work with a deadline. So far: the calendar of cycles."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


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
