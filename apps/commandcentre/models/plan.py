"""Plans: what each village needs, from where it comes, and what has become of each shipment."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.casework.models import Document
from apps.commandcentre.models.affected_village import Assessment
from apps.commandcentre.models.hazard import Hazard
from apps.commandcentre.models.resources import Facility, Good
from apps.common.states import Moves, StatusMoves, pairs
from apps.regions.models import Region


class PlanStatus(models.TextChoices):
    SOLVING = "solving", pgettext_lazy("plan", "Being computed")
    PROPOSED = "proposed", pgettext_lazy("plan", "Proposed")
    RESERVED = "reserved", pgettext_lazy("plan", "Stock reserved")
    CANCELLED = "cancelled", pgettext_lazy("plan", "Cancelled")


PLAN_TRANSITIONS: Moves = {
    PlanStatus.SOLVING: {PlanStatus.PROPOSED, PlanStatus.CANCELLED},
    PlanStatus.PROPOSED: {PlanStatus.SOLVING, PlanStatus.RESERVED, PlanStatus.CANCELLED},
    PlanStatus.RESERVED: {PlanStatus.CANCELLED},
    PlanStatus.CANCELLED: set(),
}


class ShipmentStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("shipment", "Planned")
    RESERVED = "reserved", pgettext_lazy("shipment", "Reserved")
    DISPATCHED = "dispatched", pgettext_lazy("shipment", "Dispatched")
    RECEIVED = "received", pgettext_lazy("shipment", "Received")
    CANCELLED = "cancelled", pgettext_lazy("shipment", "Cancelled")


SHIPMENT_TRANSITIONS: Moves = {
    ShipmentStatus.PLANNED: {ShipmentStatus.RESERVED, ShipmentStatus.CANCELLED},
    ShipmentStatus.RESERVED: {ShipmentStatus.DISPATCHED, ShipmentStatus.CANCELLED},
    # back where it was noted by mistake (`planning.corrections`)
    ShipmentStatus.DISPATCHED: {
        ShipmentStatus.RECEIVED,
        ShipmentStatus.RESERVED,
        ShipmentStatus.CANCELLED,
    },
    ShipmentStatus.RECEIVED: {ShipmentStatus.DISPATCHED},
    ShipmentStatus.CANCELLED: set(),
}


class Plan(models.Model):
    """How the needs of one assessment are met from stock.

    `days` is how many days of need it covers. `crossing_penalty_m` is added to the distance for
    each sea crossing. `solved` has per good the figures of the solution, with its seconds.
    `counts_other_events`: what plans of other events give to its villages is not sent again.
    """

    Status: ClassVar = PlanStatus
    TRANSITIONS: ClassVar = PLAN_TRANSITIONS

    hazard = models.ForeignKey(Hazard, models.PROTECT, related_name="plans")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("days"))
    crossing_penalty_m = models.FloatField(_("penalty for a sea crossing (m)"))
    status = models.CharField(
        _("status"), max_length=10, choices=PlanStatus, default=PlanStatus.SOLVING
    )
    counts_other_events = models.BooleanField(_("counts plans of other events"), default=False)
    solved = models.JSONField(default=dict, blank=True)
    solved_at = models.DateTimeField(_("computed"), null=True, blank=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                name="commandcentre_plan_days", condition=Q(days__gte=1, days__lte=90)
            )
        ]
        triggers = [StatusMoves(name="plan_moves", transitions=pairs(PLAN_TRANSITIONS))]

    def __str__(self) -> str:
        return f"{self.hazard_id}/{self.pk}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self.hazard))

    @property
    def solution(self) -> str:
        """Names the solution that is stored now; "" before the first one."""
        return self.solved_at.isoformat() if self.solved_at is not None else ""

    @cached_property
    def is_short(self) -> bool:
        """Whether it sends less than it was made for. `plans.last_plan` reads it with the plan."""
        return self.needs.filter(sent__lt=F("quantity")).exists()

    @cached_property
    def others_under_way(self) -> int:
        """How many shipments of its hazard's other plans are under way. `plans.last_plan` reads it
        with the plan.
        """
        own = Shipment.objects.filter(plan__hazard=self.hazard_id, status=ShipmentStatus.DISPATCHED)
        return own.exclude(plan=self.pk).count()


class EmergencyStatement(models.Model):
    """A regent's statement of emergency about one hazard, with its file. Stock of the lumbung
    sosial of the regency leaves only after it. A later one (a prolongation) has its own number. One
    that is withdrawn (a mistake, or by the regent) counts no more, and is kept with its reason.
    """

    id = models.BigAutoField(primary_key=True)
    hazard = models.ForeignKey(Hazard, models.PROTECT, related_name="statements")
    regency = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("regency"))
    number = models.CharField(_("number of the statement"), max_length=120)
    date = models.DateField(_("date of the statement"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name=_("file"))
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_reason = models.CharField(
        _("why it is withdrawn"), max_length=300, blank=True, default=""
    )

    class Meta:
        verbose_name = _("statement of emergency")
        verbose_name_plural = _("statements of emergency")
        constraints = [
            models.UniqueConstraint(
                fields=["hazard", "regency", "number"],
                condition=Q(withdrawn_at__isnull=True),
                name="commandcentre_statement_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.regency_id}"


class PlanNeed(models.Model):
    """What one village needs of one good, in the good's units, beside what it has been `given`:
    what other plans had reserved, sent or delivered when this one was computed.
    `sent` is what the plan sends; of what arrived only what was received.
    """

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="needs")
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    good = models.ForeignKey(Good, models.PROTECT, db_index=False, related_name="+")
    urgency = models.PositiveSmallIntegerField(_("urgency"))
    quantity = models.PositiveBigIntegerField(_("needed"))
    given = models.PositiveBigIntegerField(_("given by other plans"), default=0)
    sent = models.PositiveBigIntegerField(_("sent"), default=0)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "good", "village"], name="commandcentre_need_once"
            ),
            models.CheckConstraint(
                name="commandcentre_need_not_exceeded", condition=Q(sent__lte=F("quantity"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.village_id} {self.good_id}"


class PlanSource(models.Model):
    """What one facility's vehicles can carry in a plan; null is not known, no limit. One that an
    operator leaves out (`is_excluded`) sends nothing.
    """

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="sources")
    facility = models.ForeignKey(Facility, models.PROTECT, db_index=False, related_name="+")
    capacity_kg = models.FloatField(_("capacity (kg)"), null=True, blank=True)
    load_kg = models.FloatField(_("load (kg)"), default=0)
    limits = models.JSONField(default=dict, blank=True)
    is_excluded = models.BooleanField(_("left out"), default=False)

    class Meta:
        verbose_name = _("source of a plan")
        verbose_name_plural = _("sources of a plan")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "facility"], name="commandcentre_plansource_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.facility_id}"

    @property
    def is_overloaded(self) -> bool:
        return self.capacity_kg is not None and self.load_kg > self.capacity_kg


class Shipment(models.Model):
    """Units of one good from one facility to one village.

    `distance_m` is on the sphere, without the penalty for its `crossings`. `locked_quantity`
    of the units were fixed by an operator; a new solution keeps these. Less may be received.
    `usable_quantity` is only of a shipment that was left out when the others were reserved: so many
    units its facility still had for it.
    """

    Status: ClassVar = ShipmentStatus
    TRANSITIONS: ClassVar = SHIPMENT_TRANSITIONS

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="shipments", db_index=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+", db_index=False)
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    good = models.ForeignKey(Good, models.PROTECT, db_index=False, related_name="+")
    quantity = models.PositiveBigIntegerField(_("quantity"))
    distance_m = models.FloatField(_("distance (m)"))
    crossings = models.PositiveSmallIntegerField(_("sea crossings"), default=0)
    locked_quantity = models.PositiveBigIntegerField(_("locked"), default=0)
    status = models.CharField(
        _("status"), max_length=10, choices=ShipmentStatus, default=ShipmentStatus.PLANNED
    )
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    received_quantity = models.PositiveBigIntegerField(
        _("received quantity"), null=True, blank=True
    )
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    usable_quantity = models.PositiveBigIntegerField(_("usable quantity"), null=True, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "good", "facility", "village"],
                name="commandcentre_shipment_once",
            ),
            models.CheckConstraint(
                name="commandcentre_shipment_of_something", condition=Q(quantity__gt=0)
            ),
            models.CheckConstraint(
                name="commandcentre_shipment_locked",
                condition=Q(locked_quantity__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="commandcentre_shipment_received",
                condition=Q(received_quantity__isnull=True)
                | Q(received_quantity__lte=F("quantity")),
            ),
        ]
        triggers = [StatusMoves(name="shipment_moves", transitions=pairs(SHIPMENT_TRANSITIONS))]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.facility_id} {self.village_id}"

    @property
    def noted(self) -> str:
        """Names what is noted of it now, for a form that corrects it."""
        quantity = self.received_quantity
        return self.status if quantity is None else f"{self.status}:{quantity}"


class ShipmentCorrection(models.Model):
    """What was noted of a shipment by mistake, and what is noted instead. It is never changed.

    Quantities are what was received, null where nothing was.
    """

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="corrections")
    former_status = models.CharField(max_length=10, choices=ShipmentStatus)
    former_quantity = models.PositiveBigIntegerField(null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ShipmentStatus)
    quantity = models.PositiveBigIntegerField(_("received quantity"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("correction of a shipment")
        verbose_name_plural = _("corrections of shipments")

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.former_status} {self.status}"
