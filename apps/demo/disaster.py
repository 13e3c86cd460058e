"""The demo's earthquake: stores with stock, people to call, an event that is assessed, and a plan.

Everything is found again at a second run. The event is made up; its source is the demo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils import timezone

from apps.accounts.roles import Role
from apps.audit.subjects import command
from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.hazards.intake import ASSESS_HAZARD, Message, take_message
from apps.commandcentre.models import Assessment, Facility, Good, Hazard, Plan, Responder
from apps.commandcentre.planning import plans
from apps.commandcentre.resources import stock_ledger
from apps.commandcentre.resources.stock_ledger import StockBatch
from apps.commandcentre.states import HazardKind
from apps.common.geo import SRID
from apps.demo import preparedness, working
from apps.demo.stage import Stage
from apps.jobs.models import Job

BY: Final = command("demo")
SOURCE: Final = "demo"
NUMBER: Final = "gempa-contoh"
TITLE: Final = "Gempa contoh M 6,2 (dibuat untuk demo)"
MAGNITUDE, DEPTH_KM = 6.2, 10.0
PLAN_DAYS: Final = 3
# Reference, name, kind, which of the regency's villages (a share of their list), goods.
STORES: Final = (
    (
        "demo-lumbung-1",
        "Lumbung Sosial Contoh Utara",
        Facility.Kind.LUMBUNG,
        0.1,
        {"rice": 2_000, "water": 9_000, "blanket": 500, "family_kit": 200},
    ),
    (
        "demo-lumbung-2",
        "Lumbung Sosial Contoh Selatan",
        Facility.Kind.LUMBUNG,
        0.8,
        {"rice": 3_000, "water": 4_000, "kidware": 150, "blanket": 300},
    ),
    (
        "demo-gudang",
        "Gudang Logistik Contoh",
        Facility.Kind.WAREHOUSE,
        0.5,
        {"rice": 20_000, "water": 60_000, "blanket": 4_000, "family_kit": 900, "kidware": 800},
    ),
)
RESPONDERS: Final = (
    ("demo-tagana-1", "Relawan Contoh Satu", Responder.Kind.TAGANA, 0.0, "0812-9000-0001"),
    ("demo-tagana-2", "Relawan Contoh Dua", Responder.Kind.TAGANA, 0.3, "0812-9000-0002"),
    ("demo-tksk-1", "Relawan Contoh Tiga", Responder.Kind.TKSK, 0.6, "0812-9000-0003"),
    ("demo-pkh-1", "Relawan Contoh Empat", Responder.Kind.PKH, 0.9, "0812-9000-0004"),
)


@dataclass(frozen=True)
class DisasterOutcome:
    """What the demo says of its event."""

    hazard: Hazard
    assessment: Assessment
    plan: Plan


def happen(stage: Stage, *, say: Any, show: Any = None) -> DisasterOutcome:
    """Stock the stores, let the earth shake, assess it and plan; workers do the long work."""
    say("Stores, stock and responders")
    _fill_stores(stage)
    _name_responders(stage)
    say("Minimum levels, flood-prone zones, coverage by stock")
    preparedness.prepare(stage, show=show)
    say("An earthquake, its assessment and a plan")
    hazard = _shake(stage)
    waiting = Job.objects.filter(kind=ASSESS_HAZARD, subject=f"commandcentre.Hazard:{hazard.pk}")
    for job in waiting.order_by("pk"):
        working.done(job, show=show)
    assessment = assessments.last_assessment(hazard)
    if assessment is None:
        raise working.NotDone("The earthquake of the demo was not assessed.")
    return DisasterOutcome(hazard, assessment, _plan(stage, assessment, show))


def _village_at(stage: Stage, share: float) -> tuple[str, Point]:
    """A village of the regency, and a point in it."""
    codes = sorted(stage.own)
    code = codes[min(int(share * len(codes)), len(codes) - 1)]
    spot = stage.own[code].representative_point()
    return code, Point(spot.x, spot.y, srid=SRID)


def _fill_stores(stage: Stage) -> None:
    now = timezone.now()
    goods = {good.code: good for good in Good.objects.all()}
    for reference, name, kind, share, stock in STORES:
        code, spot = _village_at(stage, share)
        store, is_new = Facility.objects.get_or_create(
            reference=reference,
            defaults={
                "name": name,
                "kind": kind,
                "location": spot,
                "village_id": code,
                "office": "Dinas Sosial (contoh)",
                "phone": "021-9000-0000",
                "updated_at": now,
            },
        )
        if not is_new:
            continue
        for good, quantity in stock.items():
            keeps = timezone.localdate(now) + timedelta(days=180) if good == "rice" else None
            stock_ledger.receive(
                facility=store,
                batch=StockBatch(goods[good], "demo", keeps),
                quantity=quantity,
                by=BY,
                now=now,
                purpose="demo",
            )


def _name_responders(stage: Stage) -> None:
    for reference, name, kind, share, phone in RESPONDERS:
        code, spot = _village_at(stage, share)
        Responder.objects.get_or_create(
            reference=reference,
            defaults={
                "name": name,
                "kind": kind,
                "village_id": code,
                "location": spot,
                "phone": phone,
                "updated_at": timezone.now(),
            },
        )


def _shake(stage: Stage) -> Hazard:
    known = Hazard.objects.filter(source=SOURCE, source_id=NUMBER).first()
    if known is not None:
        return known
    _code, spot = _village_at(stage, 0.4)
    now = timezone.now()
    received = {"magnitude": MAGNITUDE, "depth_km": DEPTH_KM, "place": [spot.x, spot.y]}
    message = Message(
        source=SOURCE,
        feed=SOURCE,
        kind=HazardKind.EARTHQUAKE,
        title=TITLE,
        occurred_at=now - timedelta(minutes=4),
        received=received,
        source_id=NUMBER,
        place=stage.regency.name,
        magnitude=MAGNITUDE,
        depth_km=DEPTH_KM,
        latitude=spot.y,
        longitude=spot.x,
    )
    return take_message(message, by=BY, now=now).hazard


def _plan(stage: Stage, assessment: Assessment, show: Any) -> Plan:
    known = Plan.objects.filter(hazard=assessment.hazard).order_by("pk").first()
    if known is not None:
        return known
    plan, job = plans.make_plan(
        assessment=assessment,
        days=PLAN_DAYS,
        by=stage.people[Role.OPERATOR],
        now=timezone.now(),
    )
    working.done(job, show=show)
    plan.refresh_from_db()
    return plan
