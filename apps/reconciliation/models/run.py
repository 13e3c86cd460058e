"""Two sources that are compared, and each run of the comparison."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.states import pairs
from apps.reconciliation.models.dataset import Dataset
from apps.reconciliation.models.source import NationalQuerySet, Source
from apps.reconciliation.states import (
    RUN_TRANSITIONS,
    RunStatus,
)


class Pairing(models.Model):
    """Two sources whose records are compared (one with itself: duplicates), from run to run.

    `left` is the source whose records are looked up, `right` the one that is searched (usually the
    register). `model` is what Splink has learnt (its settings as JSON), `{}` before the first run.
    Weights at or above `upper` link, those between the two wait for people; units: log2 of the
    odds.
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
    """One comparison of a pairing: its deliveries, its model, its thresholds.

    `settings` is everything needed to repeat it exactly: model, thresholds, seed, versions.
    `counts` holds the boxes; every record of the left side is in exactly one. `changes` counts new,
    ended and different pairs since `previous`; `breaker` is why it was stopped.
    """

    Status: ClassVar = RunStatus
    TRANSITIONS: ClassVar = RUN_TRANSITIONS

    id = models.BigAutoField(primary_key=True)
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="runs")
    left = models.ForeignKey(Dataset, models.PROTECT, related_name="+")
    right = models.ForeignKey(
        Dataset, models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty until the snapshot of the register is taken
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
            # two simultaneous runs of one pairing would overwrite each other
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
