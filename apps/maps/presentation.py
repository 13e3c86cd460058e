"""What a page gives to the map's script (`static/maps/vector_map.js`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.accounts.access import Scope
from apps.maps import base_layer, far_points
from apps.proposals.models import Verdict
from apps.proposals.review.display import Display, query_of
from apps.proposals.review.map_pane import MapPane
from apps.proposals.selection import Selection
from apps.regions.editions import shapes

ANY_TILE = "/0/0/0.mvt"
PLACES = "/{z}/{x}/{y}.mvt"


def vector_map(scope: Scope, params: Mapping[str, Any]) -> dict[str, Any]:
    """The context of `maps/_vector_map.html` for one filter and scope. Queries: three or four.

    `edition` is None while there are no outlines. The query also says whether the rows are
    searched; the words of the search are in the session.
    """
    state, base = shapes.current_set(), base_layer.current()
    selection = Selection.from_params(params)
    extent = far_points.extent_of(far_points.opening(scope, selection))
    return {
        "boundaries": _address("boundaries", f"boundaries-{state}") if state else "",
        "edition": state.edition if state else None,
        "proposals": _address("proposals"),
        "query": query_of(selection, Display(search=Display.of(params).search)),
        "extent": ",".join(f"{side:.5f}" for side in extent) if extent else "",
        "base": _address("base", base.pk) if base is not None else "",
        "base_attribution": base.attribution if base is not None else "",
        "has_base": bool(settings.BASE_MAPS),
        "verdicts": json.dumps({one.value: str(one.label) for one in Verdict}),
    }


def beside_list(scope: Scope, params: Mapping[str, Any]) -> MapPane | None:
    """The map beside the list of proposals; None while there are no outlines.

    Queries: three or four.
    """
    context = vector_map(scope, params)
    if context["edition"] is None:
        return None
    return MapPane(
        template="maps/_review_map.html",
        context=context,
        styles=("maps/vector_map.css",),
        scripts=("maps/vector_map.js", "maps/review_map.js"),
        element="vector-map",
        callback="window.showReviewMap",
        head="maps/_map_library.html",
    )


def _address(name: str, *layer: object) -> str:
    return reverse(f"maps:{name}", args=[*layer, 0, 0, 0]).replace(ANY_TILE, PLACES)
