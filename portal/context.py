"""What the frame of every page shows: whose region, which role, which cycle."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from apps.accounts.models import Grant
from apps.casework.models import Cycle


def frame(request: HttpRequest) -> dict[str, Any]:
    """Lazy: a page that shows no frame asks nothing of the database."""
    return {
        "frame_grants": SimpleLazyObject(lambda: _grants(request)),
        "frame_cycle": SimpleLazyObject(
            lambda: (
                Cycle.objects.open_on(timezone.localdate()).order_by("cutoff_date", "pk").first()
            )
        ),
    }


def _grants(request: HttpRequest) -> list[Grant]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return list(user.grants.at(timezone.now()).select_related("region").order_by("pk"))
