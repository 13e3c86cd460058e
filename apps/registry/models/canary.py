"""Canaries: made-up persons of the register, one in each district. Nobody has work with them, so
whoever touches one is looked at.
"""

from __future__ import annotations

from django.db import models

from apps.regions.models import Region
from apps.registry.models.person import Person


class Canary(models.Model):
    """A person who does not exist. Officers see a person like the others: only the worker's role
    may read which ones these are.
    """

    person = models.OneToOneField(
        Person, models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )
    district = models.OneToOneField(
        Region, models.PROTECT, db_constraint=False, related_name="+", verbose_name="district"
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.district_id}"


class CanaryWatch(models.Model):
    """How far the audit trail was looked through (position of a seal), and the last touch. One
    row, made with the first canary.
    """

    number = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField()
    touched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number=1), name="registry_canarywatch_one_row"
            )
        ]

    def __str__(self) -> str:
        return str(self.position)
