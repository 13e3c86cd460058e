"""Proposals: a batch is read and checked into proposals, findings and held rows; people decide.

A row is one person and one programme. Physical design: docs/adr/0001. Statuses move by the
tables of `proposals.states`, which triggers enforce in SQL, too.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import Agency, User
from apps.casework.models import Cycle
from apps.civilregister.states import CivilDifference, CivilStatus
from apps.common.geo import SRID
from apps.common.identity import masked
from apps.common.states import pairs
from apps.proposals import lines
from apps.proposals.states import (
    BATCH_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    BatchStatus,
    IdentityDifference,
    Likely,
    Move,
    ProposalStatus,
)
from apps.regions.models import BoundaryEdition, Region
from apps.registry.models import Change, Programme


class BatchQuerySet(models.QuerySet["Batch"]):
    def within(self, scope: Scope) -> BatchQuerySet:
        return self.filter(scope.query("region__code")) if scope else self.none()


class Batch(models.Model):
    """One delivery of rows: a file, a form or an API call. The same file twice is the same batch.

    `region` is the area of its sender; rows outside it are held. `mapping` joins our columns to
    positions in the file's header, whose last line is `header_line` (`proposals.lines`): row n of
    the file is on its line `header_line` + n. `counts` is filled when the batch is ready:
    `{rows, ready, held, verdicts: {code: n}, findings: {code: n}, flags: {code: n}}`, and `dropped`
    once rows were left out.
    `doubles` is filled where most rows were known and the check asked: `{rows, register, open,
    file}`; `went_on_by` said that the file is right all the same.
    """

    Status: ClassVar = BatchStatus
    TRANSITIONS: ClassVar = BATCH_TRANSITIONS

    class Origin(models.TextChoices):
        FILE = "file", _("File")
        FORM = "form", _("Form")
        API = "api", _("API")

    class CodeSystem(models.TextChoices):
        KEMENDAGRI = "kemendagri", "Kemendagri"
        BPS = "bps", "BPS"

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
    shelf = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    doubles = models.JSONField(default=dict, blank=True)
    went_on_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    went_on_at = models.DateTimeField(null=True, blank=True)
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
    def subject(self) -> str:
        return f"proposals.Batch:{self.pk}"

    @property
    def sender(self) -> str:
        return str(self.user or self.agency)


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, user: User) -> UploadQuerySet:
        """One's own; nobody sees another's."""
        return self.filter(user=user)

    def unfinished(self) -> UploadQuerySet:
        return self.filter(batch__isnull=True)


class Upload(models.Model):
    """A file on its way here in parts, until it is a batch; or waiting for an answer of its sender.

    `received` bytes lie in the protected storage, fsync'd; the next part begins exactly there.
    `modified_ms` is when the sender's device says the file was last changed: name, size and that
    moment tell the same file on another day. `sha256` is what the sender claims, if anything.
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
        choices=Batch.CodeSystem,
        default=Batch.CodeSystem.KEMENDAGRI,
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
            # two clicks, or two tabs with the same file, are one upload
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


class Verdict(models.TextChoices):
    """Where the point lies against the claimed village. Never a reason to refuse by itself."""

    INSIDE = "inside", _("Inside")
    NEAR_BORDER = "near_border", _("Near the border")
    NEIGHBOUR = "neighbour", _("Neighbouring village")
    ELSEWHERE = "elsewhere", _("Elsewhere")
    UNMAPPED = "unmapped", _("In no village")
    NO_POLYGON = "no_polygon", _("No boundary yet")
    NO_POINT = "no_point", _("No point")


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

    def of_agency(self, agency: Agency) -> ProposalQuerySet:
        return self.filter(batch__agency=agency)


class Proposal(models.Model):
    """One person proposed for one programme in one village.

    Units: `distance_m` is how far outside the claimed village the point lies, in geodesic metres to
    its border (0 inside); `accuracy_m` as the device gave it. `location` is WGS 84.
    `step_by` is who took the last step: nobody takes two in a row (trigger `proposal_two_people`).
    `identity_note` says why somebody who looks like another person under this NIK is the right one.
    Foreign keys without constraint are filled by one join over the referenced table; checking them
    again row by row costs more than the whole insert (docs/adr/0001).
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
    location = models.PointField(_("point"), srid=SRID, null=True, blank=True, spatial_index=False)
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

    @cached_property
    def line(self) -> int:
        """The line of its file (`proposals.lines`). Queries: one, unless `lines.know` was asked."""
        return self.row_number + lines.above_of([self.batch_id])[self.batch_id]

    @property
    def masked_nik(self) -> str:
        return masked(self.nik)

    @property
    def masked_kk(self) -> str:
        return masked(self.kk)


class Severity(models.IntegerChoices):
    """Named by what to do about a finding."""

    NOTE = 1, _("Note")
    WARNING = 2, _("Check this")
    ERROR = 3, _("Must fix")


class Finding(models.Model):
    """One remark on one row: a code of the catalogue, the column, and what the text needs."""

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


class HeldRow(models.Model):
    """A row that must be mended before it can be proposed, as it was sent."""

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


class DroppedRow(models.Model):
    """A row that its sender left out of the proposals: kept, counted, never checked or submitted.

    Its cells stand in the `FixedRow` of `fix`, which dropped it. `proposal_key` is the key that it
    had as a draft and gets again when it is restored.
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


class Fix(models.Model):
    """One change of rows of a batch that are not submitted yet: by button, by hand, by file.

    Asked for by a person, worked out by the worker: a button's change is shown before it is made.
    `values` holds what was typed (`{row: {column: text}}`; null for a row to drop or to restore),
    `result` what was shown or done (`apps.proposals.fixes.row_fixes`); an undo is a change of its
    own and names what it takes back.
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


class Decision(models.Model):
    """One step of one proposal, for good. The decisions of a proposal are its history."""

    id = models.BigAutoField(primary_key=True)
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="decisions", db_constraint=False
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    from_status = models.CharField(_("from"), max_length=10, choices=ProposalStatus)
    to_status = models.CharField(_("to"), max_length=10, choices=ProposalStatus)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, db_constraint=False, db_index=False
    )
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    note = models.CharField(_("in words"), max_length=1000, blank=True)
    is_undo = models.BooleanField(_("undo"), default=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.to_status}"


class Amendment(models.Model):
    """A returned proposal with other values: asked for by its sender, checked by the worker.

    `values` are the changed cells as they were typed, `before` the same cells as they stood.
    `errors` says what must still be mended: `[{code, field, params}]` of the catalogue.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("Being checked")
        SENT = "sent", _("Submitted again")
        REFUSED = "refused", _("To be mended")
        LATE = "late", _("Decided meanwhile")

    id = models.BigAutoField(primary_key=True)
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="amendments", db_constraint=False
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ASKED)
    values = models.JSONField(_("values"), default=dict)
    before = models.JSONField(default=dict)
    errors = models.JSONField(default=list, blank=True)
    note = models.CharField(_("in words"), max_length=1000, blank=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                name="proposals_amendment_one_at_a_time",
                condition=Q(status="asked"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.status}"

    @property
    def subject(self) -> str:
        return f"proposals.Amendment:{self.pk}"


class CivilMatch(models.Model):
    """What the civil register said of one proposal when it was asked last; no row: nobody asked.

    Written by `proposals.civil` alone, while the proposal is endorsed or accepted: with its
    determination the answer stands still. `source` names the delivery or the service that answered
    and `differs` in what, by code; what the civil register holds is not kept here. `fault` says why
    a service gave no answer, `attempts` how often in a row.
    """

    Status: ClassVar = CivilStatus

    proposal = models.OneToOneField(
        Proposal,
        models.PROTECT,
        primary_key=True,
        related_name="civil_match",
        db_constraint=False,
        verbose_name=_("proposal"),
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    status = models.CharField(_("civil register"), max_length=11, choices=CivilStatus)
    differs = ArrayField(
        models.CharField(max_length=10, choices=CivilDifference), default=list, blank=True
    )
    source = models.CharField(_("source"), max_length=60)
    fault = models.CharField(max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("match with the civil register")
        verbose_name_plural = _("matches with the civil register")
        constraints = [
            models.CheckConstraint(
                name="proposals_civilmatch_asked",
                condition=Q(status__in=["matched", "not_matched", "failed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.status}"


class RegisteredMatch(models.Model):
    """How one proposal compares with the register: with the active person under its NIK, else,
    where that is nobody, with the active family under its KK. No row: the register knows neither.

    Written by `proposals.identity` and the check alone, but for `move…`, which a reviewer says.
    `likely` is empty where only the family is known. `registered` holds what may be shown of who is
    registered to somebody who may not see that person: masked (`name`, `mother_name`, `nik`, `kk`),
    with `village` (its name) and `village_code`.
    """

    proposal = models.OneToOneField(
        Proposal,
        models.PROTECT,
        primary_key=True,
        related_name="registered_match",
        db_constraint=False,
        verbose_name=_("proposal"),
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    person_id = models.BigIntegerField(null=True, blank=True)
    family_id = models.BigIntegerField(null=True, blank=True)
    likely = models.CharField(_("register"), max_length=5, choices=Likely, blank=True)
    differs = ArrayField(
        models.CharField(max_length=11, choices=IdentityDifference), default=list, blank=True
    )
    registered = models.JSONField(default=dict, blank=True)
    move = models.CharField(_("move"), max_length=9, choices=Move, blank=True)
    move_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    move_by_name = models.CharField(max_length=200, blank=True)
    move_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("comparison with the register")
        verbose_name_plural = _("comparisons with the register")
        constraints = [
            models.CheckConstraint(
                name="proposals_registeredmatch_known",
                condition=Q(person_id__isnull=False, likely__in=["same", "other"])
                | Q(person_id__isnull=True, likely="", family_id__isnull=False),
            ),
            models.CheckConstraint(
                name="proposals_registeredmatch_moved",
                condition=Q(move="", move_at__isnull=True)
                | Q(move__in=["confirmed", "denied"], move_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.likely}"


class Decree(models.Model):
    """The Minister's decree: it puts accepted proposals into the register, all or none.

    `whole_csv` and `whole_pdf` are its annex: all rows, numbered, with whole NIKs and KKs, for
    those who may reveal them. `annex_csv` and `annex_pdf` are the same rows with these numbers
    masked, for all others who see the decree (decrees of former releases have these alone). The
    sha256 of each stands beside it.
    `civil_reason` is why others than those matched with the civil register were determined;
    without it none of them is. How many there were of each stands in `counts["civil"]`.
    """

    class Status(models.TextChoices):
        PREPARING = "preparing", _("Being prepared")
        IN_FORCE = "in_force", _("In force")
        FAILED = "failed", _("Failed – can be resumed")

    number = models.CharField(_("number"), max_length=80, unique=True)
    date = models.DateField(_("date"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PREPARING)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("determined by"))
    created_at = models.DateTimeField(_("asked"))
    in_force_at = models.DateTimeField(_("in force at"), null=True, blank=True)
    civil_reason = models.CharField(
        _("reason for others than matched"), max_length=1000, blank=True
    )
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    annex_csv = models.FileField(_("annex (CSV)"), upload_to="decrees/", blank=True, max_length=200)
    annex_csv_sha256 = models.CharField(max_length=64, blank=True)
    annex_pdf = models.FileField(_("annex (PDF)"), upload_to="decrees/", blank=True, max_length=200)
    annex_pdf_sha256 = models.CharField(max_length=64, blank=True)
    whole_csv = models.FileField(
        _("whole annex (CSV)"), upload_to="decrees/", blank=True, max_length=200
    )
    whole_csv_sha256 = models.CharField(max_length=64, blank=True)
    whole_pdf = models.FileField(
        _("whole annex (PDF)"), upload_to="decrees/", blank=True, max_length=200
    )
    whole_pdf_sha256 = models.CharField(max_length=64, blank=True)
    change = models.OneToOneField(Change, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = _("decree")
        verbose_name_plural = _("decrees")

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return f"proposals.Decree:{self.pk}"


class FormDraftQuerySet(models.QuerySet["FormDraft"]):
    def of(self, user: User, scope: Scope) -> FormDraftQuerySet:
        """A person's own drafts, as long as they work in that region."""
        return self.filter(scope.query("region__code"), user=user) if scope else self.none()


class FormDraft(models.Model):
    """One family that is being typed into the form. It belongs to the person who types it.

    `sections` holds what was typed (`family`, `members`, `house`). `version` counts its saves,
    `versions` says which of them changed a section last: whoever saves over a version that they
    have not seen is told. `done` are the sections that were left by their own button. `remarks` is
    what the checks said of `checked_version`; `outcome` is why a submitted batch did not go on.
    Once it has, nothing typed is left here.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    sections = models.JSONField(default=dict, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    done = models.JSONField(default=list, blank=True)
    remarks = models.JSONField(default=list, blank=True)
    checked_version = models.IntegerField(default=-1)
    batch = models.OneToOneField(
        Batch, models.PROTECT, null=True, blank=True, related_name="draft", verbose_name=_("batch")
    )
    outcome = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("begun"))
    updated_at = models.DateTimeField(_("saved"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)

    objects = FormDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("form draft")
        verbose_name_plural = _("form drafts")

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def subject(self) -> str:
        return f"proposals.FormDraft:{self.pk}"


class ExportRequestQuerySet(models.QuerySet["ExportRequest"]):
    def within(self, scope: Scope) -> ExportRequestQuerySet:
        return self.filter(scope.query("region__code"))

    def waiting(self) -> ExportRequestQuerySet:
        return self.filter(answered_at__isnull=True)


class ExportRequest(models.Model):
    """Somebody asks to take many rows out of the portal; a second person agrees or does not.

    `subject` and `part` say which file. What was agreed to counts for its asker alone, for a day.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=80)
    part = models.CharField(max_length=20)
    name = models.CharField(_("file"), max_length=200)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    rows = models.PositiveIntegerField(_("rows"))
    reason = models.CharField(_("reason"), max_length=500)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    answered_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    is_granted = models.BooleanField(_("agreed"), default=False)

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a large file")
        verbose_name_plural = _("requests for large files")
        constraints = [
            models.CheckConstraint(
                name="proposals_exportrequest_second_person",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("user")),
            ),
            models.CheckConstraint(
                name="proposals_exportrequest_answered",
                condition=Q(answered_by__isnull=True, answered_at__isnull=True, is_granted=False)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["user", "subject", "part"],
                condition=Q(answered_at__isnull=True),
                name="proposals_exportrequest_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
