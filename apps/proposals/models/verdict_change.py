"""A verdict about a proposal's point that another edition of the boundaries changed."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.personal_data import personal_data
from apps.proposals.models.proposal import Proposal
from apps.regions.models import BoundaryEdition, Region
from apps.regions.placing import Verdict


@personal_data
class VerdictChange(models.Model):
    """One entry of a proposal's history: the edition that came into force, and what it changed.

    A re-check that leaves the verdict as it was has none. Written by the statement that changes the
    verdict; never changed.
    """

    id = models.BigAutoField(primary_key=True)
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="verdict_changes", db_constraint=False
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    edition = models.ForeignKey(
        BoundaryEdition, models.PROTECT, related_name="+", verbose_name=_("edition")
    )
    from_verdict = models.CharField(_("from"), max_length=12, choices=Verdict)
    to_verdict = models.CharField(_("to"), max_length=12, choices=Verdict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("changed verdict")
        verbose_name_plural = _("changed verdicts")

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.to_verdict}"
