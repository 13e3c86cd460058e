"""What a page gives to the map's script (`static/maps/vector_map.js`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.access import Scope
from apps.maps import base_layer, far_points
from apps.proposals.selection import Selection
from apps.regions import shapes

ANY_TILE = "/0/0/0.mvt"
PLACES = "/{z}/{x}/{y}.mvt"


def vector_map(scope: Scope, params: Mapping[str, Any]) -> dict[str, Any]:
    """The context of `maps/_vector_map.html` for one filter and scope. Queries: three.

    `edition` is None while there are no outlines.
    """
    state, base = shapes.current_set(), base_layer.current()
    extent = far_points.extent_of(scope)
    return {
        "boundaries": _address("boundaries", f"boundaries-{state}") if state else "",
        "edition": state.edition if state else None,
        "proposals": _address("proposals"),
        "query": urlencode(Selection.from_params(params).params()),
        "extent": ",".join(f"{side:.5f}" for side in extent) if extent else "",
        "base": _address("base", base.pk) if base is not None else "",
        "base_attribution": base.attribution if base is not None else "",
        "has_base": bool(settings.BASE_MAPS),
    }


def _address(name: str, *layer: object) -> str:
    return reverse(f"maps:{name}", args=[*layer, 0, 0, 0]).replace(ANY_TILE, PLACES)
