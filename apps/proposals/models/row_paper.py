"""The paper that proves a removal or a correction."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import Subject, subject_of
from apps.casework.models import Document
from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch


@personal_data
class RowPaper(models.Model):
    """The paper itself, as a file, of one row of a batch; `row_number` is empty where it proves all
    rows of the batch (a form).
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="papers")
    row_number = models.PositiveIntegerField(_("row"), null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name=_("document")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("paper of a row")
        verbose_name_plural = _("papers of rows")
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "row_number", "document"],
                name="proposals_rowpaper_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.batch.region_id)
