"""An earthquake that has not happened: by epicentre, depth and magnitude, scenario or exercise.

It is assessed, mapped and planned for as any other; it raises no alarm.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.commandcentre.hazards.intake import Message, take_message
from apps.commandcentre.models import Hazard
from apps.commandcentre.states import HazardKind, HazardStatus

SOURCE = "operator"


def number_of(form: str, values: Sequence[Any]) -> str:
    """The number of an event that an operator enters. `form` names one rendering of the form: what
    is sent twice from it makes one event, and other values make another. "": always a new one.
    """
    told = json.dumps([form or uuid.uuid4().hex, values], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


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
    form: str = "",
) -> Hazard:
    """Store the scenario and request its assessment. Units: degrees WGS 84, kilometres.

    `form`: see `number_of`.
    """
    values = [title, latitude, longitude, magnitude, depth_km, status, by.pk]
    message = Message(
        source=SOURCE,
        feed=SOURCE,
        source_id=number_of(form, values),
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
