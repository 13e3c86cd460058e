"""Preparation: how far villages are from the nearest facility that has stock."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.commandcentre.models.resources import Facility
from apps.commandcentre.models.zone import ZoneClass
from apps.commandcentre.states import HazardKind
from apps.regions.models import Region


class CoverageQuerySet(models.QuerySet["VillageCoverage"]):
    def within(self, scope: Scope) -> CoverageQuerySet:
        """The villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


class VillageCoverage(models.Model):
    """A village, as it was when the coverage was last computed (`CoverageState`).

    There is a row for each kind of hazard to which it is prone, and one with an empty kind for the
    highest class of all (null: none). `distance_m` is on the sphere; each of the `crossings` of the
    sea counts as `settings.SEA_CROSSING_PENALTY_KM` more in `effective_m`, by which villages are
    ordered. They are null where no facility has stock, or the village's place is not known.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=HazardKind, blank=True)
    village = models.ForeignKey(Region, models.CASCADE, related_name="+", db_constraint=False)
    hazard_class = models.PositiveSmallIntegerField(
        _("class"), choices=ZoneClass, null=True, blank=True
    )
    share_any = models.FloatField(_("share in any class"), null=True, blank=True)
    families = models.PositiveIntegerField(_("registered families"))
    facility = models.ForeignKey(
        Facility, models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    distance_m = models.FloatField(_("distance (m)"), null=True, blank=True)
    crossings = models.PositiveSmallIntegerField(_("sea crossings"), null=True, blank=True)
    effective_m = models.FloatField(null=True, blank=True)

    objects = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("coverage of a village")
        verbose_name_plural = _("coverage of villages")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "village"], name="commandcentre_villagecoverage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.village_id} {self.kind}"


class CoverageState(models.Model):
    """When the coverage was computed, how many facilities had stock, and what it rests on
    (`coverage.basis`): one row. `changed` are the parts of it that changed since.
    """

    computed_at = models.DateTimeField(_("computed"))
    facilities = models.PositiveIntegerField(_("facilities with stock"))
    basis: Any = models.JSONField(default=dict)
    changed = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        verbose_name = _("state of the coverage")
        verbose_name_plural = _("states of the coverage")

    def __str__(self) -> str:
        return f"{self.computed_at:%Y-%m-%d %H:%M}"
