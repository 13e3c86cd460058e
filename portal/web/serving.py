"""The layers around the application at the server, from the outside to the inside."""

from __future__ import annotations

import gc
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from portal.web.deadline import Deadline
from portal.web.event_streams import EventStreams
from portal.web.partial_uploads import KeptParts
from portal.web.request_bodies import BoundedBodies
from portal.web.request_bounds import Bounds


def load_pages() -> None:
    """Import every view before the first visitor waits for it: a second and more. What is loaded
    stays; the garbage collector examines what requests make alone.
    """
    get_resolver()._populate()  # also the addresses by their names
    gc.collect()
    gc.freeze()


def guarded(application: Any) -> EventStreams:
    """The application with its layers: streams, time, sizes, kept parts of uploads."""
    return EventStreams(
        Deadline(
            Bounds(KeptParts(BoundedBodies(application))),
            seconds=settings.REQUEST_WITHIN_S,
            most=settings.REQUESTS_IN_HAND,
        ),
        most=settings.OPEN_STREAMS,
    )
