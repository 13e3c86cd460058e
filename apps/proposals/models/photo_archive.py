"""A ZIP of photos for the rows of a file."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch


@personal_data
class PhotoArchive(models.Model):
    """A ZIP of photos that was sent for a batch: read by the worker, then only its result is kept.

    `result` is `{added, known, unknown: [name, …], refused: [[name, code, params], …]}`, where
    `known` counts photos that their row had already. `file` is empty once the ZIP has been read.
    """

    # Names of one kind that are kept; more are only counted.
    MOST_NAMED: ClassVar = 200

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="photo_archives")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    file = models.FileField(_("file"), upload_to="photo_archives/", max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size (bytes)"))
    result = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("archive of photos")
        verbose_name_plural = _("archives of photos")

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.batch.region_id)

    @property
    def subject(self) -> str:
        return f"proposals.PhotoArchive:{self.pk}"
