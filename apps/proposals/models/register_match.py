"""The comparison of a proposal with the civil register and with the register."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.civilregister.states import CivilDifference, CivilStatus
from apps.common.personal_data import personal_data
from apps.proposals.models.proposal import Proposal
from apps.proposals.states import (
    IdentityDifference,
    Likely,
    Move,
)
from apps.regions.models import Region


@personal_data
class CivilMatch(models.Model):
    """The civil register's last answer about one proposal. No row: not asked yet.

    Only `proposals.civil` writes it, while the proposal is endorsed or accepted; after the
    determination the answer does not change. `source` names the delivery or the service, `differs`
    the differences by code; the civil register's own data are not stored here. `fault` is why a
    service gave no answer, `attempts` how often in a row.
    """

    Status: ClassVar = CivilStatus

    proposal = models.OneToOneField(
        Proposal,
        models.PROTECT,
        primary_key=True,
        related_name="civil_match",
        db_constraint=False,
        verbose_name=_("proposal"),
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    status = models.CharField(_("civil register"), max_length=11, choices=CivilStatus)
    differs = ArrayField(
        models.CharField(max_length=10, choices=CivilDifference), default=list, blank=True
    )
    source = models.CharField(_("source"), max_length=60)
    fault = models.CharField(max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("match with the civil register")
        verbose_name_plural = _("matches with the civil register")
        indexes = [models.Index(fields=["village"], name="proposals_civilmatch_village")]
        constraints = [
            models.CheckConstraint(
                name="proposals_civilmatch_asked",
                condition=Q(status__in=["matched", "not_matched", "failed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.status}"


@personal_data
class RegisteredMatch(models.Model):
    """The comparison of one proposal with the register. No row: no person or family was found.

    It compares with the active person under the proposal's NIK, or, if there is none, with the
    active family under its KK. Only `checks.identity` and the check write it, except for `move…`,
    which holds a reviewer's answer. `likely` is empty if only the family is known. `registered`
    holds the registered person's data that a user without access to that person may see: masked
    `name`, `mother_name`, `nik` and `kk`, with `village` (its name) and `village_code`.
    `conflicts` are the fields of a correction or removal that the register has changed since it was
    checked, to a value that is neither the one of then nor the proposed one; also `person` (another
    person has the NIK now) and `programme` (the enrolment has ended already).
    """

    proposal = models.OneToOneField(
        Proposal,
        models.PROTECT,
        primary_key=True,
        related_name="registered_match",
        db_constraint=False,
        verbose_name=_("proposal"),
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    person_id = models.BigIntegerField(null=True, blank=True)
    family_id = models.BigIntegerField(null=True, blank=True)
    likely = models.CharField(_("register"), max_length=5, choices=Likely, blank=True)
    differs = ArrayField(
        models.CharField(max_length=11, choices=IdentityDifference), default=list, blank=True
    )
    registered = models.JSONField(default=dict, blank=True)
    conflicts = ArrayField(models.CharField(max_length=15), default=list, blank=True, db_default=[])
    move = models.CharField(_("move"), max_length=9, choices=Move, blank=True)
    move_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    move_by_name = models.CharField(max_length=200, blank=True)
    move_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("comparison with the register")
        verbose_name_plural = _("comparisons with the register")
        indexes = [models.Index(fields=["village"], name="proposals_registered_village")]
        constraints = [
            models.CheckConstraint(
                name="proposals_registeredmatch_known",
                condition=Q(person_id__isnull=False, likely__in=["same", "other"])
                | Q(person_id__isnull=True, likely="", family_id__isnull=False),
            ),
            models.CheckConstraint(
                name="proposals_registeredmatch_moved",
                condition=Q(move="", move_at__isnull=True)
                | Q(move__in=["confirmed", "denied"], move_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.likely}"
