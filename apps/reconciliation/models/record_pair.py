"""Pairs of records and people's judgements about them."""

from __future__ import annotations

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.personal_data import personal_data
from apps.reconciliation.models.dataset import Record
from apps.reconciliation.models.run import Pairing, Run
from apps.reconciliation.models.source import NationalQuerySet
from apps.reconciliation.states import (
    BLIND,
    SETTLED,
    JudgementOutcome,
    PairStatus,
)

# A pair of the sample on which people have not agreed: the machine's result is shown to no user.
IS_BLIND: Final = Q(is_sample=True) & ~Q(status__in=SETTLED)


class RecordPairQuerySet(NationalQuerySet):
    def of(self, run: Run) -> RecordPairQuerySet:
        """The pairs after a run, including those that earlier runs found."""
        return self.filter(pairing=run.pairing_id, run_id__lte=run.pk).filter(
            Q(until__isnull=True) | Q(until__gt=run.pk)
        )


@personal_data
class RecordPair(models.Model):
    """Two records that may be one person, found by run `run` and valid until before run `until`.

    `levels` is the agreement on each comparison of the model, in its order (-1: nothing to
    compare), `rarity` the addition for the rarity of each value; `weight` is the sum of start,
    levels and rarity, in log2 of the odds. `basis` is the reason for a link without people: an
    equal NIK confirmed by name or birth date, or the weight alone.
    """

    Status: ClassVar = PairStatus

    class Basis(models.TextChoices):
        NIK = "nik", _("NIK agrees, confirmed by name or date of birth")
        NIK_ALONE = "nik_alone", _("NIK agrees, neither name nor date of birth does")
        WEIGHT = "weight", _("Weight of what agrees")

    id = models.BigAutoField(primary_key=True)
    pairing = models.ForeignKey(Pairing, models.PROTECT, db_constraint=False, db_index=False)
    run = models.ForeignKey(
        Run, models.PROTECT, db_constraint=False, db_index=False, related_name="pairs"
    )
    until = models.BigIntegerField(null=True, blank=True)
    left = models.ForeignKey(
        Record, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    right = models.ForeignKey(
        Record, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    basis = models.CharField(_("basis"), max_length=9, choices=Basis)
    status = models.CharField(_("status"), max_length=9, choices=Status)
    weight = models.FloatField(_("weight"))
    levels = ArrayField(models.SmallIntegerField())
    rarity = ArrayField(models.FloatField(), default=list)
    is_sample = models.BooleanField(_("blind sample"), default=False)

    objects = RecordPairQuerySet.as_manager()

    class Meta:
        db_table = "reconciliation_pair"
        verbose_name = _("pair")
        verbose_name_plural = _("pairs")
        indexes = [
            models.Index(fields=["left"], name="reconciliation_pair_left"),
            models.Index(fields=["right"], name="reconciliation_pair_right"),
            models.Index(
                fields=["pairing", "status", "weight"],
                name="reconciliation_pair_queue",
                condition=Q(until__isnull=True),
            ),
            models.Index(
                fields=["pairing", "status"],
                name="reconciliation_pair_blind",
                condition=Q(until__isnull=True, is_sample=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} – {self.right_id}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self))

    @property
    def is_blind(self) -> bool:
        """Whether weights and status are hidden: in the sample, while people have not agreed.

        In queries: IS_BLIND.
        """
        return self.is_sample and self.status not in SETTLED

    @property
    def told(self) -> str:
        """The status that is shown to users."""
        return BLIND if self.is_blind else self.status


@personal_data
class Judgement(models.Model):
    """One person's answer about a pair.

    The question is never asked twice: the answer is valid for the records' numbers at their
    sources, in every later run and delivery, and only its author can end it.

    `left_ref` and `right_ref` are (source code, number at the source) of the pair, the smaller
    first where both are of one source. `pair` is the current pair: a later run that finds it again
    takes over its judgements. `before` is the status of the pair before the answer.
    """

    id = models.BigAutoField(primary_key=True)
    left_source = models.CharField(max_length=40, db_collation="C")
    left_ref = models.CharField(max_length=60, db_collation="C")
    right_source = models.CharField(max_length=40, db_collation="C")
    right_ref = models.CharField(max_length=60, db_collation="C")
    pair = models.ForeignKey(
        RecordPair, models.PROTECT, db_constraint=False, related_name="judgements"
    )
    outcome = models.CharField(_("answer"), max_length=8, choices=JudgementOutcome)
    before = models.CharField(max_length=9, choices=PairStatus, default=PairStatus.REVIEW)
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
        return f"{self.pair_id} {self.outcome}"
