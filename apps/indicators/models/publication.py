"""A publication: the figures of one period as one source gave them, and what is open about them."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.names import spoken
from apps.audit.subjects import Subject, subject_of
from apps.common.states import pairs
from apps.indicators.states import PUBLICATION_TRANSITIONS, PublicationStatus
from apps.regions.models import COUNTRY, Region


class Publication(models.Model):
    """A file of figures, or the answer of a service stored as one.

    `mapping` is our column → position in the file, `values` the code of an indicator → position.
    `by_code`: rows are found by their code where they have one. `held` says why all of it waits for
    a planner, by codes of messages; `is_accepted` is the planner's answer to that. A stored
    publication has made one release for each indicator that differs from the one in force.
    """

    Status: ClassVar = PublicationStatus

    status = models.CharField(
        _("status"), max_length=10, choices=PublicationStatus, default=PublicationStatus.RECEIVED
    )
    source = models.CharField(_("source"), max_length=200)
    period = models.CharField(_("period"), max_length=10)
    period_start = models.DateField(_("first day of the period"))
    published_date = models.DateField(_("published"), null=True, blank=True)
    file = models.FileField(_("file"), upload_to="figures/", max_length=200)
    file_name = models.CharField(_("file or address"), max_length=300)
    file_size = models.BigIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64)
    header: Any = models.JSONField(default=list)
    mapping: Any = models.JSONField(default=dict)
    values: Any = models.JSONField(default=dict)
    by_code = models.BooleanField(_("by codes"), default=True)
    code_system = models.CharField(_("codes"), max_length=10)
    vintage = models.CharField(_("date of the codes"), max_length=20, blank=True)
    held: Any = models.JSONField(default=list, blank=True)
    is_accepted = models.BooleanField(_("accepted"), default=False)
    counts: Any = models.JSONField(_("counts"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received"))
    received_by = models.CharField(_("received by"), max_length=80)
    received_by_name = models.CharField(_("received by"), max_length=200, blank=True)
    stored_at = models.DateTimeField(_("stored"), null=True, blank=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        indexes = [models.Index(fields=["sha256"], name="indicators_publication_sha256")]
        triggers = [
            pgtrigger.FSM(
                name="publication_moves", field="status", transitions=pairs(PUBLICATION_TRANSITIONS)
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.period}"

    @property
    def subject(self) -> str:
        return subject_of(self)

    @property
    def audit_subject(self) -> Subject:
        return Subject(self.subject, str(self), COUNTRY)

    @property
    def is_over(self) -> bool:
        """Whether it made its releases, so that nothing of it waits."""
        return bool(self.status == PublicationStatus.STORED)

    @property
    def receiver(self) -> str:
        return self.received_by_name or spoken(self.received_by)


class OpenRow(models.Model):
    """A row of which it is not certain which region it means: a planner picks one or leaves it out.

    `written` are the texts of the file by our columns, `candidates` codes of likely regions, the
    likeliest first. An answer is `region`, or `is_left_out`.
    """

    id = models.BigAutoField(primary_key=True)
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="open_rows")
    row_number = models.IntegerField(_("row"))
    line = models.IntegerField(_("line"))
    code = models.CharField(max_length=60)
    params: Any = models.JSONField(default=dict)
    written: Any = models.JSONField(default=dict)
    name_key = models.CharField(max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=10, blank=True)
    candidates: Any = models.JSONField(default=list)
    region = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, null=True, blank=True, related_name="+"
    )
    is_left_out = models.BooleanField(_("left out"), default=False)
    answered_by = models.CharField(_("answered by"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("row to be reviewed")
        verbose_name_plural = _("rows to be reviewed")
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "row_number"], name="indicators_openrow_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.line}"


class RowFinding(models.Model):
    """One remark on a row of a publication; its code has a text in a catalogue."""

    id = models.BigAutoField(primary_key=True)
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="findings")
    row_number = models.IntegerField(_("row"))
    code = models.CharField(max_length=60)
    params: Any = models.JSONField(default=dict)
    is_refusal = models.BooleanField(_("not taken"), default=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = [
            models.Index(fields=["publication", "row_number"], name="indicators_rowfinding_row")
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.row_number} {self.code}"


class KnownName(models.Model):
    """A name under which sources know a region, as a planner confirmed it.

    `name_key` is the name in the form in which names are compared (`figures.region_names`).
    """

    name_key = models.CharField(_("name"), max_length=200, primary_key=True)
    written = models.CharField(_("as written"), max_length=300)
    region = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, related_name="+", verbose_name=_("region")
    )
    confirmed_by = models.CharField(_("confirmed by"), max_length=200)
    confirmed_at = models.DateTimeField(_("confirmed"))

    class Meta:
        verbose_name = _("confirmed name of a region")
        verbose_name_plural = _("confirmed names of regions")

    def __str__(self) -> str:
        return f"{self.written} {self.region_id}"
