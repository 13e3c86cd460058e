"""Decisions on a proposal, and its sender's later changes."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.personal_data import personal_data
from apps.proposals.models.proposal import Proposal
from apps.proposals.states import (
    ProposalStatus,
)
from apps.regions.models import Region


@personal_data
class Decision(models.Model):
    """One step of one proposal; never changed. The decisions of a proposal are its history."""

    id = models.BigAutoField(primary_key=True)
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="decisions", db_constraint=False
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    from_status = models.CharField(_("from"), max_length=10, choices=ProposalStatus)
    to_status = models.CharField(_("to"), max_length=10, choices=ProposalStatus)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, db_constraint=False, db_index=False
    )
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    note = models.CharField(_("in words"), max_length=1000, blank=True)
    is_undo = models.BooleanField(_("undo"), default=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.to_status}"


@personal_data
class Amendment(models.Model):
    """A change of a returned proposal: requested by its sender, checked by the worker.

    `values` are the changed cells as they were typed, `before` the same cells before the change.
    `errors` lists what must still be corrected: `[{code, field, params}]` of the catalogue.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("Being checked")
        SENT = "sent", _("Submitted again")
        REFUSED = "refused", _("To be mended")
        LATE = "late", _("Decided meanwhile")

    id = models.BigAutoField(primary_key=True)
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="amendments", db_constraint=False
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ASKED)
    values = models.JSONField(_("values"), default=dict)
    before = models.JSONField(default=dict)
    errors = models.JSONField(default=list, blank=True)
    note = models.CharField(_("in words"), max_length=1000, blank=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                name="proposals_amendment_one_at_a_time",
                condition=Q(status="asked"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.status}"

    @property
    def subject(self) -> str:
        return f"proposals.Amendment:{self.pk}"
