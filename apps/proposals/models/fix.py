"""Fixes: requested changes of rows, and the rows that they changed."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch


@personal_data
class Fix(models.Model):
    """One change of rows of a batch that are not submitted yet: by button, by hand, by file.

    A person requests it, the worker carries it out. A button's change is shown before it is made.
    `values` holds what was typed (`{row: {column: text}}`; null for a row to drop or to restore),
    `result` what was shown or done (`apps.proposals.fixes.row_fixes`). An undo is a fix of its own
    that names the fix which it reverses.
    """

    class Kind(models.TextChoices):
        SWAP_AXES = "swap_axes", _("Latitude and longitude swapped")
        TURN_SIGN = "turn_sign", _("Sign of the coordinates turned")
        KEMENDAGRI_CODES = "codes", _("BPS codes replaced by Kemendagri codes")
        AS_READ = "as_read", _("Cells written as they were read")
        EDIT = "edit", _("Typed on the page")
        FILE = "file", _("Correction file")
        DROP = "drop", _("Rows left out")
        RESTORE = "restore", _("Rows taken in again")
        UNDO = "undo", _("Taken back")

    class Status(models.TextChoices):
        ASKED = "asked", _("Waiting")
        SHOWN = "shown", _("Preview")
        DONE = "done", _("Done")
        UNDONE = "undone", _("Taken back")
        REFUSED = "refused", _("Nothing was changed")

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="fixes")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    code = models.CharField(_("finding"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ASKED)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="undos")
    rows = models.PositiveIntegerField(_("rows"), default=0)
    values = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    file = models.FileField(_("file"), upload_to="batches/", max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    file_kind = models.CharField(max_length=24, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of rows")
        verbose_name_plural = _("changes of rows")
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "sha256"],
                name="proposals_fix_file",
                condition=~Q(sha256="") & Q(status__in=["asked", "shown", "done"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.kind} {self.pk}"

    @property
    def subject(self) -> str:
        return f"proposals.Fix:{self.pk}"


@personal_data
class FixedRow(models.Model):
    """A row that a fix changed: the cells as they were before, and the whole row since then."""

    id = models.BigAutoField(primary_key=True)
    fix = models.ForeignKey(Fix, models.CASCADE, related_name="fixed_rows", db_index=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+", db_index=False)
    row_number = models.PositiveIntegerField(_("row"))
    before = models.JSONField(default=dict)
    values = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("changed row")
        verbose_name_plural = _("changed rows")
        constraints = [
            models.UniqueConstraint(fields=["fix", "row_number"], name="proposals_fixedrow_once")
        ]
        indexes = [models.Index(fields=["batch", "row_number"], name="proposals_fixedrow_row")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.row_number}"
