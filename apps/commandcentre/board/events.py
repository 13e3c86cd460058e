"""The list of hazards by urgency, each with what changed and whom it affects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.commandcentre.exposure import alarm, doubt, village_figures, worsening
from apps.commandcentre.exposure.needs import Per
from apps.commandcentre.exposure.village_figures import Totals
from apps.commandcentre.hazards import tsunami
from apps.commandcentre.models import Assessment, Footprint, Hazard, HazardRevision, Plan, Shipment
from apps.commandcentre.models.hazard import HazardQuerySet
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.readers import Reader
from apps.commandcentre.states import AlertLevel, HazardKind, HazardStatus

# How long an event that nobody has to do with stays on the board, and how many there are at most.
SHOWN_FOR: Final = timedelta(days=7)
MOST: Final = 60
URGENCY: Final = [AlertLevel.AWAS, AlertLevel.SIAGA, AlertLevel.WASPADA, AlertLevel.NORMAL, ""]
# Alarms, actual hazards that affect somebody or are not assessed yet, and the rest: a drill never
# stands before what is real.
ALARM, REAL, REST = range(3)
PROMISED: Final = (ShipmentStatus.RESERVED, ShipmentStatus.DISPATCHED)
IS_REAL: Final = Q(status=HazardStatus.ACTUAL) & ~Q(level=AlertLevel.NORMAL)


@dataclass(frozen=True)
class Event:
    """One line of the list. `assessment` is None until the first one is done; `totals` are its
    families and persons as the reader may see them.
    """

    hazard: Hazard
    assessment: Assessment | None
    totals: Totals
    former: HazardRevision | None
    is_alarm: bool
    # whether it is not known where it is
    is_without_area: bool = False
    # what made it an alarm again, or brought it back; "" if nothing did
    worsening: str = ""
    # until when it holds; None where its source does not say
    ends_at: datetime | None = None
    # that a tsunami may follow, as its source says it; "" where it does not
    tsunami_warning: str = ""
    # what an operator has to look at before it is an alarm; "" if nothing is doubtful
    doubt: str = ""

    @property
    def waits(self) -> bool:
        """Whether a person has to look at it now."""
        return self.is_alarm or bool(self.doubt)

    @property
    def is_assessed(self) -> bool:
        """Whether the numbers are those of the present version."""
        found = self.assessment
        return found is not None and found.revision == self.hazard.revision

    @property
    def change(self) -> str:
        """What the last version changed, in words; "" for a first version."""
        hazard = self.hazard
        if self.former is None:
            return ""
        before = self.former.values.get("magnitude")
        if before is None or hazard.magnitude is None or before == hazard.magnitude:
            return _("Update %(number)s") % {"number": hazard.revision}
        return _("Update %(number)s: M%(before)s → %(now)s") % {
            "number": hazard.revision,
            "before": number_format(before, 1),
            "now": number_format(hazard.magnitude, 1),
        }


def events(now: datetime, reader: Reader) -> list[Event]:
    """The hazards of the board: alarms first, then the actual ones, then drills and what affects
    nobody; each by level, then the newest. Queries: three, and one for a reader who does not see
    all counts.
    """
    # by level first, what is not assessed yet among the alarms: many events of little weight must
    # not push one of them off the board
    levels = {level: nth for nth, level in enumerate(URGENCY)} | {"": 0}
    urgency = Case(*(When(level=level, then=nth) for level, nth in levels.items()), default=0)
    group = Case(When(alarm.waiting(), then=ALARM), When(IS_REAL, then=REAL), default=REST)
    placed = Footprint.objects.filter(hazard=OuterRef("pk"), revision=OuterRef("revision"))
    hazards = list(
        hazards_of_board(now)
        .select_related("acknowledged_by", "assigned_to")
        .annotate(group=group, urgency=urgency, is_placed=Exists(placed))
        .order_by("group", "urgency", "-occurred_at", "-pk")[:MOST]
    )
    numbers = [hazard.pk for hazard in hazards]
    assessments = _last_assessments(numbers)
    totals = village_figures.totals_by_assessment(
        assessments.values(), reader, (Per.FAMILY, Per.PERSON)
    )
    versions = {
        (version.hazard_id, version.number): version
        for version in HazardRevision.objects.filter(hazard__in=numbers).order_by("number")
    }
    found = []
    for hazard in hazards:
        assessment = assessments.get(hazard.pk)
        own = versions.get((hazard.pk, hazard.revision))
        found.append(
            Event(
                hazard,
                assessment,
                totals[assessment.pk] if assessment is not None else {},
                versions.get((hazard.pk, hazard.revision - 1)),
                alarm.is_alarm(hazard),
                _is_without_area(hazard),
                worsening.describe_worsening(hazard),
                own.ends_at if own is not None else None,
                own.warning if own is not None and tsunami.is_expected(own.warning) else "",
                doubt.describe_doubt(hazard, own, assessment),
            )
        )
    return sorted(found, key=_urgency)


def left_out(now: datetime, listed: Sequence[Event]) -> int:
    """How many more hazards there are than the list has room for. Queries: one, or none."""
    return max(0, hazards_of_board(now).count() - len(listed)) if len(listed) >= MOST else 0


def hazards_of_board(now: datetime) -> HazardQuerySet:
    """The hazards that somebody has to do with, and those of the last days."""
    promised = Shipment.objects.filter(plan__hazard=OuterRef("pk"), status__in=PROMISED)
    # one that was closed stays while goods are promised for it, for somebody to see them
    open_ones = Hazard.objects.filter(Q(closed_at__isnull=True) | Q(Exists(promised)))
    # one that its source cancelled stays while its plans hold stock, for somebody to free it
    return open_ones.filter(~Q(status=HazardStatus.CANCELLED) | Q(Exists(promised))).filter(
        Q(received_at__gte=now - SHOWN_FOR)
        | Q(Exists(promised))
        | alarm.waiting()
        | Q(acknowledged_at__isnull=False)
        | Q(assigned_to__isnull=False)
        | Q(Exists(Plan.objects.filter(hazard=OuterRef("pk")).exclude(status=PlanStatus.CANCELLED)))
    )


def _is_without_area(hazard: Any) -> bool:
    """`hazard` as `events` reads it, with `is_placed`."""
    is_point = hazard.kind == HazardKind.EARTHQUAKE and hazard.epicentre is not None
    return not is_point and not hazard.is_placed


def _urgency(event: Event) -> tuple[int, int, float]:
    hazard = event.hazard
    is_real = hazard.status == HazardStatus.ACTUAL and hazard.level != AlertLevel.NORMAL
    group = ALARM if event.is_alarm else REAL if is_real else REST
    level = URGENCY.index(hazard.level) if not event.doubt else 0  # somebody has to look at it
    return (group, level, -hazard.occurred_at.timestamp())


def _last_assessments(numbers: list[int]) -> dict[int, Assessment]:
    rows = Assessment.objects.filter(hazard__in=numbers).order_by(
        "hazard_id", "-revision", "-assessed_at", "-pk"
    )
    return {row.hazard_id: row for row in rows.distinct("hazard_id")}
