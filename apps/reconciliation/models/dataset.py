"""A delivery and its records."""

from __future__ import annotations

from typing import ClassVar, Final

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.personal_data import personal_data
from apps.common.states import pairs
from apps.common.text.identity import masked
from apps.reconciliation.models.source import NationalQuerySet, Source
from apps.reconciliation.states import (
    DATASET_TRANSITIONS,
    DatasetStatus,
)
from apps.regions.models import COUNTRY, CodeSystem

# Record ids: dataset × ROWS_OF_DATASET + row number, so that a repeated load makes the same ids.
# The ids of a large first delivery are those of its partition (partitions.py).
ROWS_OF_DATASET: Final = 1_000_000_000


class Dataset(models.Model):
    """One delivery of a source. The same file twice is the same dataset.

    `number` counts the deliveries of a source from 1; `as_of` is the day for which it is valid, and
    `period` the source's name for it. `counts` is filled when it is loaded: `{rows, new, changed,
    gone, unchanged}`; `profile` is the result of `profile.py`.
    """

    Status: ClassVar = DatasetStatus
    TRANSITIONS: ClassVar = DATASET_TRANSITIONS

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="datasets")
    number = models.PositiveIntegerField(_("delivery"))
    status = models.CharField(
        _("status"), max_length=10, choices=DatasetStatus, default=DatasetStatus.RECEIVED
    )
    period = models.CharField(_("period"), max_length=40, blank=True)
    as_of = models.DateField(_("as of"))
    file = models.FileField(_("file"), upload_to="datasets/", max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    file_size = models.BigIntegerField(_("size (bytes)"), default=0)
    file_kind = models.CharField(max_length=12, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    header = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    # a column with an unknown heading looks like a needed one: a user must match it
    must_match = models.BooleanField(default=False)
    code_system = models.CharField(_("village codes"), max_length=10, default=CodeSystem.KEMENDAGRI)
    rows_read = models.PositiveBigIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    profile = models.JSONField(_("profile"), default=dict, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    by_name = models.CharField(_("by"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received"))
    loaded_at = models.DateTimeField(_("loaded"), null=True, blank=True)

    objects = NationalQuerySet.as_manager()

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256"],
                name="reconciliation_dataset_file",
                condition=~Q(sha256=""),
            ),
            models.UniqueConstraint(
                fields=["source", "number"], name="reconciliation_dataset_number"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="dataset_moves", field="status", transitions=pairs(DATASET_TRANSITIONS)
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.number}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), f"{self} {self.file_name}".strip(), COUNTRY)

    @property
    def subject(self) -> str:
        return f"reconciliation.Dataset:{self.pk}"


class RecordQuerySet(NationalQuerySet):
    def of(self, dataset: Dataset) -> RecordQuerySet:
        """The records in a delivery, including those that an earlier delivery brought."""
        return self.filter(source=dataset.source_id, number__lte=dataset.number).filter(
            Q(until__isnull=True) | Q(until__gt=dataset.number)
        )


@personal_data
class Record(models.Model):
    """One person in one source, from delivery `number` until before delivery `until`.

    `source_ref` is the source's own number of the record (`row:N` where it has none; for the
    register the person's id). `nik` and `kk` hold sixteen digits or nothing; an invalid original
    value is in `given`. Keys are the standardised names (`comparisons.name_key`). `digest` changes
    when any field changes. Codes of villages are Kemendagri's, or empty.
    """

    id = models.BigIntegerField(primary_key=True)
    source = models.ForeignKey(Source, models.PROTECT, db_constraint=False, db_index=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField(_("since delivery"))
    until = models.PositiveIntegerField(_("until delivery"), null=True, blank=True)
    source_ref = models.CharField(_("number at the source"), max_length=60, db_collation="C")
    nik = models.CharField("NIK", max_length=16, blank=True, db_collation="C")
    kk = models.CharField("No. KK", max_length=16, blank=True, db_collation="C")
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_key = models.CharField(max_length=200, blank=True, db_collation="C")
    mother_name = models.CharField(_("mother's name"), max_length=200, blank=True)
    mother_key = models.CharField(max_length=200, blank=True, db_collation="C")
    birth_place = models.CharField(_("place of birth"), max_length=120, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=1, blank=True)
    village_code = models.CharField(_("village"), max_length=13, blank=True, db_collation="C")
    address = models.CharField(_("address"), max_length=300, blank=True)
    rt = models.CharField("RT", max_length=3, blank=True)
    rw = models.CharField("RW", max_length=3, blank=True)
    relation = models.CharField(_("relation"), max_length=40, blank=True)
    occupation = models.CharField(_("occupation"), max_length=120, blank=True)
    is_deceased = models.BooleanField(_("deceased"), default=False)
    death_date = models.DateField(_("date of death"), null=True, blank=True)
    desil = models.PositiveSmallIntegerField(_("desil"), null=True, blank=True)
    programmes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    given = models.JSONField(null=True, blank=True)
    digest = models.UUIDField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        indexes = [
            # the current record, by its number at the source
            models.Index(
                fields=["source", "source_ref"],
                name="reconciliation_record_now",
                condition=Q(until__isnull=True),
            ),
            # records that a delivery no longer contains
            models.Index(
                fields=["source", "until"],
                name="reconciliation_record_ended",
                condition=Q(until__isnull=False),
            ),
            models.Index(fields=["nik"], name="reconciliation_record_nik", condition=~Q(nik="")),
            # the relatives beside a pair: current records of the same family card
            models.Index(
                fields=["kk"],
                name="reconciliation_record_kk",
                condition=Q(until__isnull=True) & ~Q(kk=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"

    @property
    def masked_nik(self) -> str:
        return masked(self.nik)

    @property
    def masked_kk(self) -> str:
        return masked(self.kk)
