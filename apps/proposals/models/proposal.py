"""One proposed row, with the place of its point."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.geo import SRID
from apps.common.personal_data import personal_data
from apps.common.states import pairs
from apps.common.text.identity import masked
from apps.proposals import lines
from apps.proposals.models.batch import Batch
from apps.proposals.states import (
    PROPOSAL_TRANSITIONS,
    EvidenceKind,
    ProposalStatus,
    RemovalEnds,
)
from apps.regions.models import BoundaryEdition, Region
from apps.regions.placing import Verdict
from apps.registry.models import EndReason, Person, Programme


class Flag(models.TextChoices):
    AXES_SWAPPED = "axes_swapped", _("Axes swapped")
    SIGN_FLIPPED = "sign_flipped", _("Sign flipped")
    SHARED_POINT = "shared_point", _("Shared point")
    OFFICE_POINT = "office_point", _("Village office point")
    COARSE = "coarse", _("Coarse coordinate")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def within(self, scope: Scope) -> ProposalQuerySet:
        """Proposals for the villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


@personal_data
class Proposal(models.Model):
    """One person proposed for one programme in one village.

    Units: `distance_m` is how far outside the claimed village the point lies, in geodesic metres to
    its border (0 inside); `accuracy_m` in metres, from the device. `location` is WGS 84.
    `step_by` took the last step. No person takes two in a row (trigger `proposal_two_people`).
    `identity_note` explains why a person who seems to be another one than the registered person
    under this NIK is the right one.
    A removal and a correction are about `person`, as the check found it, and have a paper of their
    own (`evidence_…`). A removal says why, since when, and what it `ends`. `changes` of a
    correction holds the register's value and the proposed one by field, as text: `{"name": ["ANI",
    "ANA"]}`; all other values of the row are the register's.
    Foreign keys without constraint are filled by one join over the referenced table; checking them
    again row by row would cost more than the whole insert (docs/adr/0001).
    `is_protected` says that nobody but those who correct the row may learn its point. Triggers of
    proposals and register keep it (migration 0024); no statement writes it.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("New")
        CORRECTION = "correction", _("Correction")
        REMOVAL = "removal", _("Removal")

    Status: ClassVar = ProposalStatus
    TRANSITIONS: ClassVar = PROPOSAL_TRANSITIONS

    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(
        Batch,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="proposals",
        verbose_name=_("batch"),
    )
    row_number = models.PositiveIntegerField(_("row"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.NEW)
    status = models.CharField(
        _("status"), max_length=10, choices=ProposalStatus, default=ProposalStatus.DRAFT
    )
    nik = models.CharField("NIK", max_length=16, db_collation="C")
    kk = models.CharField("No. KK", max_length=16, db_collation="C")
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=60, blank=True)
    birth_place = models.CharField(_("place of birth"), max_length=120, blank=True)
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=1)
    mother_name = models.CharField(_("mother's name"), max_length=200, blank=True)
    relation = models.CharField(_("relation"), max_length=40, blank=True)
    occupation = models.CharField(_("occupation"), max_length=120, blank=True)
    marital_status = models.CharField(_("marital status"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    rt = models.CharField("RT", max_length=3, blank=True)
    rw = models.CharField("RW", max_length=3, blank=True)
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("village")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("programme")
    )
    disability_kind = models.CharField(_("disability"), max_length=40, blank=True)
    is_pregnant = models.BooleanField(_("pregnant"), default=False)
    pregnancy_date = models.DateField(_("pregnant since"), null=True, blank=True)
    ppks = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    is_protected = models.BooleanField(
        _("place is protected"), default=False, db_default=False, editable=False
    )
    location = models.PointField(_("point"), srid=SRID, null=True, blank=True, spatial_index=False)
    # The map tile of zoom 12 that contains the point, so that row-level security keeps its index:
    # an operator on geometries is not leakproof, one on whole numbers is.
    tile_cell = models.GeneratedField(
        expression=models.Func(models.F("location"), function="portal_tile_cell"),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )
    accuracy_m = models.FloatField(_("accuracy (m)"), null=True, blank=True)
    verdict = models.CharField(_("location"), max_length=12, choices=Verdict)
    distance_m = models.FloatField(_("metres to the border"), null=True, blank=True)
    actual_village = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("village at the point"),
    )
    edition = models.ForeignKey(
        BoundaryEdition,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("edition"),
    )
    flags = ArrayField(models.CharField(max_length=12, choices=Flag), default=list, blank=True)
    severity = models.PositiveSmallIntegerField(_("worst finding"), default=0)
    identity_note = models.CharField(
        _("explanation of identity"), max_length=500, blank=True, db_default=""
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("registered person"),
    )
    ends = models.CharField(_("ends"), max_length=9, choices=RemovalEnds, blank=True, db_default="")
    reason = models.CharField(
        _("reason of the removal"), max_length=12, choices=EndReason, blank=True, db_default=""
    )
    reason_date = models.DateField(_("date of the event"), null=True, blank=True)
    evidence_kind = models.CharField(
        _("evidence"), max_length=20, choices=EvidenceKind, blank=True, db_default=""
    )
    evidence_number = models.CharField(
        _("number of the evidence"), max_length=120, blank=True, db_default=""
    )
    changes = models.JSONField(_("changes"), null=True, blank=True)
    decree = models.ForeignKey(
        "Decree",
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="proposals",
        verbose_name=_("decree"),
    )
    step_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("last step by"),
    )
    step_at = models.DateTimeField(_("last step"))

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        triggers = [
            pgtrigger.FSM(
                name="proposal_moves", field="status", transitions=pairs(PROPOSAL_TRANSITIONS)
            )
        ]

    def __str__(self) -> str:
        return gettext("file {file}, row {row}").format(file=self.batch_id, row=self.line)

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.village_id)

    @cached_property
    def line(self) -> int:
        """The line in its file (`proposals.lines`). Queries: one, none after `load_lines`."""
        return self.row_number + lines.above_of([self.batch_id])[self.batch_id]

    @property
    def masked_nik(self) -> str:
        return masked(self.nik)

    @property
    def masked_kk(self) -> str:
        return masked(self.kk)
