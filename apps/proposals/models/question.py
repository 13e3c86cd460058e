"""A reviewer's question about a proposal, answered by its sender without a formal return."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.personal_data import personal_data
from apps.proposals.models.proposal import Proposal
from apps.regions.models import Region


@personal_data
class Question(models.Model):
    """A question and its answer. The proposal keeps its status; one question is open at a time."""

    id = models.BigAutoField(primary_key=True)
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="questions", db_constraint=False
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    text = models.CharField(_("question"), max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    answered_by_name = models.CharField(_("answered by"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("question about a proposal")
        verbose_name_plural = _("questions about proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                name="proposals_question_one_open",
                condition=Q(answered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="proposals_question_answered",
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.pk}"
