"""Counts of the register by region and month, and which of them are hidden."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.regions.models import Level, Region


class RegionCountQuerySet(models.QuerySet["RegionCount"]):
    def within(self, scope: Scope) -> RegionCountQuerySet:
        """Counts of the regions inside a scope."""
        return self.filter(scope.query("region__code")) if scope else self.none()


class RegionCount(models.Model):
    """What the register held of one region in one month, at the last count of that month.

    A wide row: one pass over the register counts everything. Upper levels are the sums of their
    villages. `by_programme` are families with an open enrolment, by programme. No page shows a
    count of it without `indicators.measures.region_figures`, which leaves the hidden ones out.
    """

    id = models.BigAutoField(primary_key=True)
    period_start = models.DateField(_("first day of the period"))
    level = models.CharField(_("level"), max_length=10, choices=Level)
    region = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    families = models.IntegerField(default=0)
    families_located = models.IntegerField(default=0)
    families_inside = models.IntegerField(default=0)
    families_near = models.IntegerField(default=0)
    families_enrolled = models.IntegerField(default=0)
    families_without_proposal = models.IntegerField(default=0)
    persons = models.IntegerField(default=0)
    under_five = models.IntegerField(default=0)
    elderly = models.IntegerField(default=0)
    disability = models.IntegerField(default=0)
    birth_unknown = models.IntegerField(default=0)
    proposals_open = models.IntegerField(default=0)
    by_programme: Any = models.JSONField(default=dict)

    objects = RegionCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("count of a region")
        verbose_name_plural = _("counts of regions")
        constraints = [
            models.UniqueConstraint(
                fields=["period_start", "level", "region"], name="indicators_one_count_of_a_month"
            )
        ]
        indexes = [
            # which months there are
            models.Index(
                fields=["period_start"],
                name="indicators_months_counted",
                condition=models.Q(level=Level.COUNTRY),
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_start} {self.region_id}"


class SuppressedRegion(models.Model):
    """The tables of counts (`indicators.measures.definitions`) that are hidden for one region, at
    every date.
    """

    region = models.OneToOneField(
        Region, models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    tables = ArrayField(models.CharField(max_length=40))

    class Meta:
        verbose_name = _("suppressed region")
        verbose_name_plural = _("suppressed regions")
        # the length of a code tells its level
        indexes = [models.Index(Length("region"), "region", name="indicators_hidden_by_level")]

    def __str__(self) -> str:
        return self.region_id


class CountState(models.Model):
    """How far the register was counted: one row. The numbers are those of the last events that the
    counts contain.

    `version` rises with every change of the counts or of what is hidden; `versions` has it as it
    was at the last change of each table of counts (`indicators.measures.definitions`).
    """

    number = models.SmallIntegerField(primary_key=True, default=1)
    period_start = models.DateField()
    counted_date = models.DateField()
    counted_at = models.DateTimeField()
    version = models.BigIntegerField(default=0)
    person_event = models.BigIntegerField(default=0)
    family_event = models.BigIntegerField(default=0)
    enrolment_event = models.BigIntegerField(default=0)
    versions: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number=1), name="indicators_one_count_state")
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class MonthCount(models.Model):
    """When a month was counted last: what the maps of that month say of their figures."""

    period_start = models.DateField(_("first day of the period"), primary_key=True)
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("count of a month")
        verbose_name_plural = _("counts of months")

    def __str__(self) -> str:
        return f"{self.period_start:%Y-%m}"


class VillageChange(models.Model):
    """A village in which what is counted of the proposals changed; triggers write it in the
    transaction of the change, and a count takes it.
    """

    id = models.BigAutoField(primary_key=True)
    village_id = models.CharField(max_length=13)

    def __str__(self) -> str:
        return self.village_id
