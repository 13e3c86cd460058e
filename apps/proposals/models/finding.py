"""Findings of the checks, and rows that are held or dropped."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from apps.common.geo import SRID
from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch
from apps.proposals.models.proposal import Flag
from apps.regions.placing import Verdict


class Severity(models.IntegerChoices):
    """The severity of a finding, named by what has to be done."""

    NOTE = 1, _("Note")
    WARNING = 2, _("Check this")
    ERROR = 3, _("Must fix")


@personal_data
class Finding(models.Model):
    """One finding about one row: a code of the catalogue, the column, the values of the text."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        Batch, models.CASCADE, db_constraint=False, db_index=False, related_name="findings"
    )
    row_number = models.PositiveIntegerField(_("row"))
    code = models.CharField(_("finding"), max_length=40)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    field = models.CharField(_("column"), max_length=20, blank=True)
    params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = [
            models.Index(fields=["batch", "row_number"], name="proposals_finding_row"),
            models.Index(fields=["batch", "code"], name="proposals_finding_code"),
        ]

    def __str__(self) -> str:
        return f"{self.row_number} {self.code}"


@personal_data
class HeldRow(models.Model):
    """A row that must be corrected before it can be proposed, as it was sent."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        Batch, models.CASCADE, db_constraint=False, db_index=False, related_name="held_rows"
    )
    row_number = models.PositiveIntegerField(_("row"))
    village_code = models.CharField(_("village"), max_length=13, blank=True, db_collation="C")
    values = models.JSONField(_("values"))
    verdict = models.CharField(_("location"), max_length=12, choices=Verdict, blank=True)
    location = models.PointField(srid=SRID, null=True, blank=True, spatial_index=False)
    distance_m = models.FloatField(null=True, blank=True)
    actual_village_code = models.CharField(max_length=13, blank=True)
    flags = ArrayField(models.CharField(max_length=12, choices=Flag), default=list, blank=True)

    class Meta:
        verbose_name = _("held row")
        verbose_name_plural = _("held rows")
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_number"], name="proposals_heldrow_once")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.row_number}"


@personal_data
class DroppedRow(models.Model):
    """A row that its sender left out: kept and counted, but never checked or submitted.

    Its cells are in the `FixedRow` of `fix`, which dropped it. `proposal_key` is its key as a
    draft, which it gets again when it is restored.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        Batch, models.CASCADE, db_constraint=False, db_index=False, related_name="dropped_rows"
    )
    row_number = models.PositiveIntegerField(_("row"))
    fix = models.ForeignKey("Fix", models.PROTECT, related_name="+")
    proposal_key = models.BigIntegerField(null=True)
    extra_cells = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("dropped row")
        verbose_name_plural = _("dropped rows")
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "row_number"], name="proposals_droppedrow_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.row_number}"
