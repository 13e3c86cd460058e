"""A batch of rows, and the upload in parts that becomes a batch."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

import pgtrigger
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import Agency, User
from apps.audit.subjects import Subject, subject_of
from apps.casework.models import Cycle
from apps.common.personal_data import personal_data
from apps.common.states import pairs
from apps.proposals.states import (
    BATCH_TRANSITIONS,
    BatchStatus,
    SubmitWhenChecked,
)
from apps.regions.models import CodeSystem, Region


class BatchQuerySet(models.QuerySet["Batch"]):
    def within(self, scope: Scope) -> BatchQuerySet:
        return self.filter(scope.query("region__code")) if scope else self.none()


@personal_data
class Batch(models.Model):
    """One delivery of rows: a file, a form or an API call. The same file twice is the same batch.

    `region` is the area of its sender; rows outside it are held. `mapping` joins our columns to
    positions in the file's header, whose last line is `header_line` (`proposals.lines`): row n of
    the file is on its line `header_line` + n. `counts` is filled when the batch is ready:
    `{rows, ready, held, verdicts: {code: n}, findings: {code: n}, flags: {code: n}}`, and `dropped`
    once rows were left out.
    `known_rows` is filled if most rows were known and the check asked its question: `{rows,
    register, open, file}`; `went_on_by` is the person who confirmed the file.
    `submit_when_checked` is a request that the transaction which ends the check carries out
    (`submitting.when_checked`). `submit_by` is the person who made it, empty for the agency;
    `submit_outcome` is its result.
    """

    Status: ClassVar = BatchStatus
    TRANSITIONS: ClassVar = BATCH_TRANSITIONS

    class Origin(models.TextChoices):
        FILE = "file", _("File")
        FORM = "form", _("Form")
        API = "api", _("API")

    id = models.BigAutoField(primary_key=True)
    origin = models.CharField(_("origin"), max_length=4, choices=Origin, default=Origin.FILE)
    status = models.CharField(
        _("status"), max_length=10, choices=BatchStatus, default=BatchStatus.RECEIVED
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    cycle = models.ForeignKey(Cycle, models.PROTECT, null=True, blank=True, verbose_name=_("cycle"))
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    file = models.FileField(_("file"), upload_to="batches/", max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    file_size = models.BigIntegerField(_("size (bytes)"), default=0)
    file_kind = models.CharField(max_length=24, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    header = models.JSONField(default=list, blank=True)
    header_line = models.PositiveSmallIntegerField(default=1)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    code_system = models.CharField(
        _("village codes"), max_length=10, choices=CodeSystem, default=CodeSystem.KEMENDAGRI
    )
    row_values = models.JSONField(default=list, blank=True)
    partition = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    known_rows = models.JSONField(default=dict, blank=True)
    went_on_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    went_on_at = models.DateTimeField(null=True, blank=True)
    submit_when_checked = models.CharField(
        max_length=5, choices=SubmitWhenChecked, default=SubmitWhenChecked.NO, blank=True
    )
    submit_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submit_note = models.CharField(max_length=1000, blank=True)
    submit_outcome = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(_("received"))
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "region"], name="proposals_batch_file", condition=~Q(sha256="")
            ),
            models.CheckConstraint(
                name="proposals_batch_one_sender",
                condition=Q(user__isnull=False, agency__isnull=True)
                | Q(user__isnull=True, agency__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="batch_moves", field="status", transitions=pairs(BATCH_TRANSITIONS))
        ]

    def __str__(self) -> str:
        return self.file_name or f"{self.get_origin_display()} {self.pk}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.region_id)

    @property
    def subject(self) -> str:
        return f"proposals.Batch:{self.pk}"

    @property
    def sender(self) -> str:
        return str(self.user or self.agency)


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, user: User) -> UploadQuerySet:
        """The user's own uploads; they are not visible to other users."""
        return self.filter(user=user)

    def unfinished(self) -> UploadQuerySet:
        return self.filter(batch__isnull=True)


@personal_data
class Upload(models.Model):
    """A file that arrives in parts or waits for its sender's answer, until it is a batch.

    `received` is the number of bytes in the protected storage, fsync'd; the next part begins there.
    `modified_ms` is the time of the file's last change, from the sender's device. Name, size and
    this time identify the same file on another day. `sha256` is the sender's claim, or empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"))
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    file_name = models.CharField(_("file name"), max_length=200)
    size = models.BigIntegerField(_("size (bytes)"))
    modified_ms = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    code_system = models.CharField(
        _("village codes"),
        max_length=10,
        choices=CodeSystem,
        default=CodeSystem.KEMENDAGRI,
    )
    received = models.BigIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="uploads")

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            # two clicks, or two tabs with the same file, must not make two uploads
            models.UniqueConstraint(
                fields=["user", "region", "file_name", "size", "modified_ms", "sha256"],
                name="proposals_upload_once",
                condition=Q(batch__isnull=True),
            ),
            models.CheckConstraint(
                name="proposals_upload_within_size",
                condition=Q(size__gt=0, received__gte=0, received__lte=models.F("size")),
            ),
        ]
        indexes = [models.Index(fields=["updated_at"], name="proposals_upload_age")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_whole(self) -> bool:
        return self.received == self.size
