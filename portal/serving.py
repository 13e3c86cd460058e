"""What stands around the application at the server, from the outside to the inside."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from portal.bodies import BoundedBodies
from portal.bounds import Bounds
from portal.deadline import Deadline
from portal.parts import KeptParts


def guarded(application: Any) -> Deadline:
    """The application with its bounds: time, sizes, kept parts of uploads."""
    return Deadline(
        Bounds(KeptParts(BoundedBodies(application))),
        seconds=settings.REQUEST_WITHIN_S,
        most=settings.REQUESTS_IN_HAND,
    )
