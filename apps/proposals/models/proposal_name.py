"""The name of each proposal in a narrow table, for the search by a part of a name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch
from apps.regions.models import Region


@personal_data
class ProposalName(models.Model):
    """The name of one proposal in capitals, under the proposal's key, with what limits who sees it.

    Triggers of proposals write it when a row is stored, gets another name or village, or goes; a
    large batch's names are made with its partition. A change of a status does not touch it: every
    version of a row is a new entry in each of its indexes, and one of trigrams is dear. Only
    `proposals_find_by_name` reads it. Partitioned as the proposals are.
    """

    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(
        Batch, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    village = models.ForeignKey(
        Region, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.TextField(_("name"))

    class Meta:
        verbose_name = _("name of a proposal")
        verbose_name_plural = _("names of proposals")

    def __str__(self) -> str:
        return str(self.pk)
