"""Reconciliation: what other ministries hold about the same people, and how it meets the register.

A Source delivers Datasets; a Dataset's rows are Records, each kept from the delivery in which it
first stood as it is (`dataset`) to the one in which it no longer did (`until`), so that a delivery
that repeats another writes nothing. The register takes part as a source of its own, whose delivery
is a picture of its persons. A Run brings a Pairing of two sources (or of one with itself) up to
date; its Candidates are pairs of records that hold in the same way, from run to run. Physical
design: docs/adr/0008.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.casework.models import Document, Worklist
from apps.common.identity import masked
from apps.common.states import StatusMoves, pairs
from apps.reconciliation.states import (
    BLIND,
    CONFLICT_TRANSITIONS,
    DATASET_TRANSITIONS,
    RUN_TRANSITIONS,
    SETTLED,
    ConflictKind,
    ConflictStatus,
    DatasetStatus,
    RunStatus,
    Standing,
    Verdict,
)
from apps.regions.models import Region
from apps.registry.models import Change, Claim, Person

# The register itself, as a source of records.
REGISTER: Final = "REGISTER"
# What the regions proposed and decrees determined: a source of claims, without deliveries. Changes
# of decrees name it so (proposals.determination).
PROPOSALS: Final = "proposals"
# Sources that nobody delivers.
OWN_SOURCES: Final = (REGISTER, PROPOSALS)
# Ids of records: dataset × ROWS_OF_DATASET + row number; a repeat makes the same ids. Those of a
# large first delivery are its shelf's (shelves.py).
ROWS_OF_DATASET: Final = 1_000_000_000


class NationalQuerySet(models.QuerySet[Any]):
    """Rows that are nobody's region: only a national scope sees them."""

    def within(self, scope: Scope) -> Any:
        return self.all() if scope.is_national else self.none()


class Source(models.Model):
    """Who delivers records, why and on which legal ground.

    `mapping` is how the columns of its last file were matched (our column → heading). `limit_desil`
    is the highest rank at which a person of the register still belongs to it, for a ranking.
    `sample_percent` is the share of pairs that two people see without weights.
    """

    class Kind(models.TextChoices):
        REGISTER = "register", _("The register itself")
        PROPOSALS = "proposals", _("Proposals of the regions")
        CIVIL = "civil", _("Civil register")
        RANKING = "ranking", _("Ranking (desil)")
        PROGRAMME = "programme", _("Recipients of a programme")
        POVERTY = "poverty", _("List of poor families")
        EMPLOYEES = "employees", _("Civil servants")

    code = models.CharField(_("code"), primary_key=True, max_length=40, db_collation="C")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    ministry = models.CharField(_("ministry"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    refresh_days = models.PositiveSmallIntegerField(_("delivered every (days)"), default=90)
    programme = models.CharField(_("programme"), max_length=20, blank=True)
    limit_desil = models.PositiveSmallIntegerField(_("highest desil"), null=True, blank=True)
    is_draft = models.BooleanField(_("draft"), default=True)
    is_one_to_one = models.BooleanField(_("each person once"), default=True)
    needs_two = models.BooleanField(_("two people decide"), default=False)
    sample_percent = models.PositiveSmallIntegerField(_("blind sample (%)"), default=5)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    code_system = models.CharField(_("village codes"), max_length=10, default="kemendagri")

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.name


class Authority(models.Model):
    """How much a source counts for one field of a person: 1 is the first to be believed.

    `is_automatic`: a steward has switched on that what the first of these sources says of its
    certain pairs may be taken over in one act, without a question to the region.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="authorities")
    field = models.CharField(_("field"), max_length=40)
    rank = models.PositiveSmallIntegerField(_("priority"))
    is_automatic = models.BooleanField(_("taken over without a question"), default=False)

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "field"], name="reconciliation_authority_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.field}"


class Dataset(models.Model):
    """One delivery of a source. The same file twice is the same dataset.

    `number` counts the deliveries of a source from 1; `as_of` is the day for which it holds, and
    `period` how its source calls it. `counts` is filled when it is loaded:
    `{rows, new, changed, gone, unchanged}`; `profile` is what `profile.py` says of it.
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
    # a column without a heading of ours looks like one that is needed: somebody has to say
    must_match = models.BooleanField(default=False)
    code_system = models.CharField(_("village codes"), max_length=10, default="kemendagri")
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
    def subject(self) -> str:
        return f"reconciliation.Dataset:{self.pk}"


class RecordQuerySet(NationalQuerySet):
    def of(self, dataset: Dataset) -> RecordQuerySet:
        """The records that a delivery holds, whichever delivery brought them first."""
        return self.filter(source=dataset.source_id, number__lte=dataset.number).filter(
            Q(until__isnull=True) | Q(until__gt=dataset.number)
        )


class Record(models.Model):
    """One person as one source tells it, from delivery `number` until before delivery `until`.

    `source_ref` is the source's own number of the record (`row:N` where it has none; for the
    register the person's id). `nik` and `kk` hold sixteen digits or nothing; what stood there
    instead is in `given`. Keys are the standardised names (`comparisons.name_key`). `digest` tells
    whether anything of it has changed. Codes of villages are Kemendagri's, or empty.
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
            # the record that holds now, by its number at the source
            models.Index(
                fields=["source", "source_ref"],
                name="reconciliation_record_now",
                condition=Q(until__isnull=True),
            ),
            # what a delivery no longer tells
            models.Index(
                fields=["source", "until"],
                name="reconciliation_record_ended",
                condition=Q(until__isnull=False),
            ),
            models.Index(fields=["nik"], name="reconciliation_record_nik", condition=~Q(nik="")),
            # the relatives beside a pair: those who stand on the same family card now
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


class Pairing(models.Model):
    """Two sources whose records are compared (one with itself: duplicates), from run to run.

    `left` is the source that asks, `right` the one in which it looks (the register, mostly).
    `model` is what Splink has learnt (its settings as JSON), `{}` before the first run. Weights at
    or above `upper` link, those between the two wait for people; units: log2 of the odds.
    """

    id = models.BigAutoField(primary_key=True)
    left = models.ForeignKey(Source, models.PROTECT, related_name="+")
    right = models.ForeignKey(Source, models.PROTECT, related_name="+")
    model = models.JSONField(default=dict, blank=True)
    model_number = models.PositiveIntegerField(default=0)
    lower = models.FloatField(_("lower threshold"))
    upper = models.FloatField(_("upper threshold"))

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="reconciliation_pairing_once"),
            models.CheckConstraint(
                name="reconciliation_pairing_thresholds", condition=Q(lower__lte=models.F("upper"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} – {self.right_id}"

    @property
    def is_within(self) -> bool:
        """Whether one source is compared with itself."""
        return self.left_id == self.right_id


class Run(models.Model):
    """One pass over a pairing: these two deliveries, this model, these thresholds.

    `settings` is all that is needed to do it again exactly: model, thresholds, seed, versions.
    `counts` holds the boxes in which every record of the left side stands exactly once, `changes`
    what is new, gone or different since `previous`; `breaker` why it was stopped.
    """

    Status: ClassVar = RunStatus
    TRANSITIONS: ClassVar = RUN_TRANSITIONS

    id = models.BigAutoField(primary_key=True)
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="runs")
    left = models.ForeignKey(Dataset, models.PROTECT, related_name="+")
    right = models.ForeignKey(
        Dataset, models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty until the picture of the register is taken
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(
        _("status"), max_length=10, choices=RunStatus, default=RunStatus.ASKED
    )
    stage = models.CharField(_("stage"), max_length=20, blank=True)
    is_retrained = models.BooleanField(_("model trained anew"), default=False)
    is_forced = models.BooleanField(_("breakers off"), default=False)
    settings = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    histogram = models.JSONField(default=list, blank=True)
    breaker = models.JSONField(default=dict, blank=True)
    seconds = models.JSONField(default=dict, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    by_name = models.CharField(_("by"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = NationalQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            # two runs of one pairing at once would write over each other
            models.UniqueConstraint(
                fields=["pairing"],
                name="reconciliation_run_one_at_a_time",
                condition=Q(status__in=["asked", "running"]),
            )
        ]
        triggers = [
            pgtrigger.FSM(name="run_moves", field="status", transitions=pairs(RUN_TRANSITIONS))
        ]

    def __str__(self) -> str:
        return f"{self.pairing} {self.pk}"

    @property
    def subject(self) -> str:
        return f"reconciliation.Run:{self.pk}"


# A pair of the sample on which people have not agreed: nobody is told what the machine made of it.
IS_BLIND: Final = Q(is_sample=True) & ~Q(standing__in=SETTLED)


class CandidateQuerySet(NationalQuerySet):
    def of(self, run: Run) -> CandidateQuerySet:
        """The pairs that a run left standing, whichever run found them first."""
        return self.filter(pairing=run.pairing_id, run_id__lte=run.pk).filter(
            Q(until__isnull=True) | Q(until__gt=run.pk)
        )


class Candidate(models.Model):
    """Two records that may be one person, found by run `run` and valid until before run `until`.

    `levels` is the agreement on each comparison of the model, in its order (-1: nothing to
    compare), `rarity` what the rareness of the value adds to each; `weight` is the sum of start,
    levels and rarity, in log2 of the odds. `basis` says why it is linked
    without people: an agreeing NIK confirmed by name or birth date, or the weight alone.
    """

    Standing: ClassVar = Standing

    class Basis(models.TextChoices):
        NIK = "nik", _("NIK agrees, confirmed by name or date of birth")
        NIK_ALONE = "nik_alone", _("NIK agrees, neither name nor date of birth does")
        WEIGHT = "weight", _("Weight of what agrees")

    id = models.BigAutoField(primary_key=True)
    pairing = models.ForeignKey(Pairing, models.PROTECT, db_constraint=False, db_index=False)
    run = models.ForeignKey(
        Run, models.PROTECT, db_constraint=False, db_index=False, related_name="candidates"
    )
    until = models.BigIntegerField(null=True, blank=True)
    left = models.ForeignKey(
        Record, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    right = models.ForeignKey(
        Record, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    basis = models.CharField(_("basis"), max_length=9, choices=Basis)
    standing = models.CharField(_("standing"), max_length=9, choices=Standing)
    weight = models.FloatField(_("weight"))
    levels = ArrayField(models.SmallIntegerField())
    rarity = ArrayField(models.FloatField(), default=list)
    is_sample = models.BooleanField(_("blind sample"), default=False)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("pair")
        verbose_name_plural = _("pairs")
        indexes = [
            models.Index(fields=["left"], name="reconciliation_candidate_left"),
            models.Index(fields=["right"], name="reconciliation_candidate_right"),
            models.Index(
                fields=["pairing", "standing", "weight"],
                name="reconciliation_candidate_queue",
                condition=Q(until__isnull=True),
            ),
            models.Index(
                fields=["pairing", "standing"],
                name="reconciliation_candidate_blind",
                condition=Q(until__isnull=True, is_sample=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} – {self.right_id}"

    @property
    def is_blind(self) -> bool:
        """Whether neither its weights nor its standing are shown: of the sample, while people have
        not agreed. In queries: IS_BLIND.
        """
        return self.is_sample and self.standing not in SETTLED

    @property
    def told(self) -> str:
        """What whoever looks is told that it counts as."""
        return BLIND if self.is_blind else self.standing


class Judgement(models.Model):
    """What one person said about a pair. Never asked twice: it holds for the records' numbers at
    their sources, in whatever run and delivery they come again; it ends only by its own person.

    `left_ref` and `right_ref` are (source code, number at the source) of the pair, the smaller
    first where both are of one source. `candidate` is the pair as it stands now: a later run that
    finds it anew takes its judgements along. `before` is what the pair counted as until then.
    """

    id = models.BigAutoField(primary_key=True)
    left_source = models.CharField(max_length=40, db_collation="C")
    left_ref = models.CharField(max_length=60, db_collation="C")
    right_source = models.CharField(max_length=40, db_collation="C")
    right_ref = models.CharField(max_length=60, db_collation="C")
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, db_constraint=False, related_name="judgements"
    )
    verdict = models.CharField(_("answer"), max_length=8, choices=Verdict)
    before = models.CharField(max_length=9, choices=Standing, default=Standing.REVIEW)
    note = models.CharField(_("note"), max_length=500, blank=True)
    is_blind = models.BooleanField(_("without weights"), default=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = NationalQuerySet.as_manager()

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        constraints = [
            models.UniqueConstraint(
                fields=["left_source", "left_ref", "right_source", "right_ref", "user"],
                name="reconciliation_judgement_once",
                condition=Q(undone_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.verdict}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def within(self, scope: Scope) -> ConflictQuerySet:
        """Conflicts about people of the villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


class Conflict(models.Model):
    """Two sources that cannot both be right about one person: a question with a deadline.

    `village` is the person's (of a recipient who is not registered, that of the record), by which
    scope and row-level security go. `ours` and `theirs` are the two values as text; identity
    numbers in them are masked on every page. `person` is empty where the register has none.
    Found by a run of a delivery, or by a decree that claimed what the register did not take
    (`claim`, and no run).
    """

    Kind: ClassVar = ConflictKind
    Status: ClassVar = ConflictStatus
    TRANSITIONS: ClassVar = CONFLICT_TRANSITIONS

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=14, choices=ConflictKind)
    status = models.CharField(
        _("status"), max_length=8, choices=ConflictStatus, default=ConflictStatus.OPEN
    )
    run = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="conflicts")
    claim = models.ForeignKey(
        Claim,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, null=True, blank=True, db_constraint=False, db_index=False
    )
    record = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="conflicts"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="conflicts"
    )
    other_person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    field = models.CharField(_("field"), max_length=40, blank=True)
    ours = models.CharField(_("in the register"), max_length=300, blank=True)
    theirs = models.CharField(_("at the source"), max_length=300, blank=True)
    worklist = models.ForeignKey(Worklist, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.ForeignKey(Change, models.PROTECT, null=True, blank=True, related_name="+")
    found_at = models.DateTimeField(_("found"))
    moved_at = models.DateTimeField(_("last step"))

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        constraints = [
            # the same question is asked once while it is open, whatever runs find it again
            models.UniqueConstraint(
                fields=["kind", "source", "person", "field", "theirs"],
                name="reconciliation_conflict_once",
                condition=Q(status__in=["open", "answered", "kept"], person__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kind", "record"],
                name="reconciliation_conflict_stranger",
                condition=Q(status__in=["open", "answered", "kept"], person__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["village", "status"], name="reconciliation_conflict_region"),
            models.Index(fields=["worklist", "status"], name="reconciliation_conflict_list"),
        ]
        triggers = [StatusMoves(name="conflict_moves", transitions=pairs(CONFLICT_TRANSITIONS))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def subject(self) -> str:
        return f"reconciliation.Conflict:{self.pk}"


class Answer(models.Model):
    """What an officer found out about a conflict, with its evidence; Pusdatin takes it over."""

    class Choice(models.TextChoices):
        THEIRS = "theirs", pgettext_lazy("answer", "What the source says is right")
        OURS = "ours", pgettext_lazy("answer", "What the register says is right")
        OTHER = "other", pgettext_lazy("answer", "Neither: this is right")

    id = models.BigAutoField(primary_key=True)
    conflict = models.ForeignKey(Conflict, models.PROTECT, related_name="answers")
    choice = models.CharField(_("answer"), max_length=6, choices=Choice)
    value = models.CharField(_("value"), max_length=300, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("evidence"),
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    is_taken = models.BooleanField(_("taken over"), null=True, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_note = models.CharField(_("note of Pusdatin"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return f"{self.conflict_id} {self.choice}"


class Lock(models.Model):
    """A field of a person that no source changes any more, until a person lifts the lock."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, db_constraint=False, related_name="locks")
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    field = models.CharField(_("field"), max_length=40)
    reason = models.CharField(_("reason"), max_length=500)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("locked field")
        verbose_name_plural = _("locked fields")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"],
                name="reconciliation_lock_once",
                condition=Q(lifted_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field}"
