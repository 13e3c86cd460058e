"""A role in a region, given to a user or an agency for a period."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.agency import Agency
from apps.accounts.models.user import User
from apps.accounts.roles import REGIONAL_ROLES, Role
from apps.regions.models import Region


class GrantQuerySet(models.QuerySet["Grant"]):
    def at(self, moment: datetime) -> GrantQuerySet:
        """Grants in force at a moment."""
        return self.filter(active_from__lte=moment, active_until__gt=moment)

    def within(self, scope: object) -> GrantQuerySet:
        """Grants on regions inside a scope (`accounts.access.Scope`)."""
        return self.filter(scope.query("region__code"))  # type: ignore[attr-defined]


class TstzRange(models.Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Grant(models.Model):
    """A principal holds a role in a region for a period (half-open, always with an end).

    Roles of the regional chain must not be combined in one person, nor with a national role. An
    exclusion constraint enforces it, also in SQL. Source: Kepmensos 73/HUK/2024.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="grants")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="grants")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    active_from = models.DateTimeField(_("from"))
    active_until = models.DateTimeField(_("until"))
    granted_by = models.CharField(_("granted by"), max_length=200)
    granted_at = models.DateTimeField(_("granted"))

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                name="accounts_grant_one_principal",
                condition=models.Q(user__isnull=False, agency__isnull=True)
                | models.Q(user__isnull=True, agency__isnull=False),
            ),
            models.CheckConstraint(
                name="accounts_grant_period",
                condition=models.Q(active_until__gte=models.F("active_from")),
            ),
            models.CheckConstraint(
                name="accounts_grant_agency_role",
                condition=models.Q(agency__isnull=True) | models.Q(role=Role.AGENCY),
            ),
            ExclusionConstraint(
                name="accounts_grant_incompatible_roles",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (
                        models.Case(
                            models.When(role__in=REGIONAL_ROLES, then=models.F("role")),
                            default=models.Value("national"),
                            output_field=models.CharField(),
                        ),
                        RangeOperators.NOT_EQUAL,
                    ),
                    (TstzRange("active_from", "active_until"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(user__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["region"], name="accounts_grant_region")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} – {self.region_id}"

    @property
    def is_in_force(self) -> bool:
        return self.active_from <= timezone.now() < self.active_until

    @property
    def principal_name(self) -> str:
        return str(self.user or self.agency)
