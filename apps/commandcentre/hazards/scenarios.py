"""An earthquake that has not happened: by epicentre, depth and magnitude, scenario or exercise.

It is assessed, mapped and planned for as any other; it raises no alarm.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.commandcentre.hazards.intake import Message, take_message
from apps.commandcentre.models import Hazard
from apps.commandcentre.states import HazardKind, HazardStatus

SOURCE = "operator"


def create_scenario(
    *,
    title: str,
    latitude: float,
    longitude: float,
    magnitude: float,
    depth_km: float,
    status: HazardStatus,
    by: User,
    now: datetime,
) -> Hazard:
    """Store the scenario and request its assessment. Units: degrees WGS 84, kilometres."""
    message = Message(
        source=SOURCE,
        feed=SOURCE,
        source_id=uuid.uuid4().hex,
        kind=HazardKind.EARTHQUAKE,
        status=status,
        title=title or _("Scenario M%(magnitude)s") % {"magnitude": magnitude},
        occurred_at=now,
        received={"title": title, "by": str(by)},
        magnitude=magnitude,
        depth_km=depth_km,
        latitude=latitude,
        longitude=longitude,
    )
    return take_message(message, by=by, now=now).hazard
