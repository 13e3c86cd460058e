"""Which villages a hazard meets, and how many registered people live in them."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.commandcentre.models.hazard import Footprint, Hazard
from apps.regions.models import Region


class Assessment(models.Model):
    """The exposure to one revision of a hazard, at one moment of the register.

    `editions` are the names of the boundary editions whose villages were met. `totals` are the sums
    over the villages. A newer assessment of the same hazard replaces it on the board; both stay,
    the villages of the former one for some days (`exposure.pruning`).
    """

    hazard = models.ForeignKey(Hazard, models.CASCADE, related_name="assessments")
    revision = models.PositiveIntegerField(_("revision"))
    editions = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    assessed_at = models.DateTimeField(_("assessed"))
    villages = models.PositiveIntegerField(_("affected villages"), default=0)
    families = models.BigIntegerField(_("registered families"), default=0)
    persons = models.BigIntegerField(_("registered persons"), default=0)
    totals = models.JSONField(default=dict, blank=True)
    seconds = models.FloatField(_("seconds"), default=0)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        indexes = [
            models.Index(fields=["hazard", "-assessed_at"], name="commandcentre_assessment_last")
        ]

    def __str__(self) -> str:
        return f"{self.hazard_id}.{self.revision}"


class AffectedVillageQuerySet(models.QuerySet["AffectedVillage"]):
    def within(self, scope: Scope) -> AffectedVillageQuerySet:
        """Villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


class AffectedVillage(models.Model):
    """One village that the footprint meets, with counts of registered people.

    `footprint` is the highest band that meets it. `share_area` is the part (0 to 1) of its area
    inside any band, `share_families` that of its located families, null where no family has a
    point. Counts are of all active families and persons of the village; `by_programme` of the
    persons enrolled in each programme, `families_by_programme` of the families with one of them.
    """

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="affected")
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    footprint = models.ForeignKey(Footprint, models.CASCADE, related_name="+", db_index=False)
    severity = models.FloatField(_("severity"))
    share_area = models.FloatField(_("share of the area"))
    share_families = models.FloatField(_("share of the located families"), null=True, blank=True)
    families = models.PositiveIntegerField(_("registered families"), default=0)
    families_without_point = models.PositiveIntegerField(_("families without a point"), default=0)
    persons = models.PositiveIntegerField(_("registered persons"), default=0)
    under_five = models.PositiveIntegerField(_("under five"), default=0)
    elderly = models.PositiveIntegerField(_("elderly"), default=0)
    disability = models.PositiveIntegerField(_("with a disability"), default=0)
    birth_unknown = models.PositiveIntegerField(_("date of birth unknown"), default=0)
    by_programme = models.JSONField(default=dict, blank=True)
    families_by_programme = models.JSONField(default=dict, blank=True)

    objects = AffectedVillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("affected village")
        verbose_name_plural = _("affected villages")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "village"], name="commandcentre_affected_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.village_id}"
