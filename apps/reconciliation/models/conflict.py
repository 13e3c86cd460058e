"""Conflicts: questions where two sources contradict each other, and their answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.casework.models import Document, Worklist
from apps.common.personal_data import personal_data
from apps.common.states import StatusMoves, pairs
from apps.reconciliation.models.dataset import Record
from apps.reconciliation.models.record_pair import RecordPair
from apps.reconciliation.models.run import Run
from apps.reconciliation.models.source import Source
from apps.reconciliation.states import (
    CONFLICT_TRANSITIONS,
    ConflictKind,
    ConflictStatus,
)
from apps.regions.models import Region
from apps.registry.models import Change, Claim, Person


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def within(self, scope: Scope) -> ConflictQuerySet:
        """Conflicts about people of the villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


@personal_data
class Conflict(models.Model):
    """A contradiction between two sources about one person: a question with a deadline.

    `village` is the person's (for a recipient who is not registered, that of the record); scope and
    row-level security use it. `ours` and `theirs` are the two values as text; identity numbers in
    them are masked on every page. `person` is empty where the register has none. Raised by a run of
    a delivery, or by a decree that claimed a value that the register did not accept (`claim`, and
    no run).
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
    pair = models.ForeignKey(
        RecordPair, models.PROTECT, null=True, blank=True, db_constraint=False, db_index=False
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
            # the same question is asked once while it is open, even if several runs find it
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
    def audit_subject(self) -> Subject:
        persons = (self.person_id,) if self.person_id else ()
        return Subject(subject_of(self), str(self), self.village_id, persons)

    @property
    def subject(self) -> str:
        return f"reconciliation.Conflict:{self.pk}"


@personal_data
class Answer(models.Model):
    """An officer's answer about a conflict, with its evidence; Pusdatin takes it over."""

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
