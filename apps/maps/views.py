"""Map tiles: boundaries for everybody, proposals within one's scope."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts.access import BATCH_PERMISSIONS, scope_of
from apps.accounts.roles import Permission
from apps.common.http import integer
from apps.maps import base_layer, boundary_tiles, far_points, packed, presentation, proposal_tiles
from apps.maps.grid import MOST_ZOOM, NotATile, Tile
from apps.proposals.access import trail
from apps.proposals.maps import Box
from apps.proposals.review import searching
from apps.regions.editions import shapes
from apps.ui.permissions import requires
from apps.ui.requests import signed_in_user, user_of

YEAR_S = 365 * 24 * 3600
# How long a client may use the address of the present boundaries without asking again.
CURRENT_S = 60

EVERYWHERE = Box(-180, -90, 180, 90)

TileView = Callable[..., HttpResponse]


def _tile(view: TileView) -> TileView:
    """Gives the view its tile; an address that is none is answered in words."""

    @wraps(view)
    def checked(request: HttpRequest, z: str, x: str, y: str, **more: Any) -> HttpResponse:
        try:
            at = Tile.of(z, x, y)
        except NotATile as odd:
            if str(odd) == "unreadable":
                return _text_answer(400, _("Zoom, column and row of a map tile are whole numbers."))
            text = _("There is no map tile %(tile)s. Zooms are 0 to %(most)s.")
            return _text_answer(404, text % {"tile": f"{z}/{x}/{y}"[:40], "most": MOST_ZOOM})
        return view(request, at=at, **more)

    return checked


def _for_signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answers anybody else in words: the way to the sign-in would be drawn as an empty tile."""

    @wraps(view)
    def checked(request: HttpRequest, **place: Any) -> HttpResponseBase:
        if signed_in_user(request) is None:
            return _text_answer(401, _("Your session has ended. Sign in again."))
        return view(request, **place)

    return checked


def _text_answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


# --- the page ---


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def page(request: HttpRequest) -> HttpResponse:
    """The map of one filter on a page of its own."""
    scope = scope_of(user_of(request), Permission.VIEW_PROPOSAL)
    return render(request, "maps/page.html", presentation.vector_map(scope, request.GET))


# --- boundaries ---


@require_safe
@_tile
def boundaries(request: HttpRequest, layer: str, at: Tile) -> HttpResponse:
    """A tile of one state of the boundaries. It never changes."""
    known = boundary_tiles.BoundaryLayer.of(layer)
    if known is None:
        return _text_answer(404, _("There is no map layer of this name."))
    tile = boundary_tiles.tile(known, at)
    if tile is None:
        return _text_answer(
            410, _("These boundaries were replaced by a newer edition. Load the page again.")
        )
    return packed.answer(
        request,
        tile,
        etag=packed.digest(layer, str(at)),
        cache_control=f"public, max-age={YEAR_S}, immutable",
    )


@require_safe
@_tile
def base(request: HttpRequest, number: str, at: Tile) -> HttpResponse:
    """A tile of the roads and rivers of one import. It never changes."""
    asked = integer(number)
    if asked is None:
        return _text_answer(404, _("There is no map layer of this name."))
    tile = base_layer.tile(asked, at)
    if tile is None:
        return _text_answer(410, _("These lines were replaced by newer ones. Load the page again."))
    return packed.answer(
        request,
        tile,
        etag=packed.digest("base", asked, str(at)),
        cache_control=f"public, max-age={YEAR_S}, immutable",
    )


@require_safe
@_tile
def villages(request: HttpRequest, at: Tile) -> HttpResponse:
    """Redirects to the tile of the boundaries in force."""
    current = shapes.current_set()
    if current is None:
        return _text_answer(404, _("There are no boundaries for maps yet."))
    address = reverse("maps:boundaries", args=[f"boundaries-{current}", at.z, at.x, at.y])
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = f"public, max-age={CURRENT_S}"
    response.keeps_cache_headers = True  # type: ignore[attr-defined]
    return response


@require_safe
def layers(request: HttpRequest) -> JsonResponse:
    """The addresses of the boundaries in force, with their edition, and of the roads and rivers of
    the extract; without what there is not. Queries: two.
    """
    return JsonResponse({**_boundary_layer(), **_base_layer()})


def _boundary_layer() -> dict[str, Any]:
    current = shapes.current_set()
    if current is None:
        return {}
    address = reverse("maps:boundaries", args=[f"boundaries-{current}", 0, 0, 0])
    return {
        "boundaries": address.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        "edition": current.edition.name,
        "published": current.edition.published_date,
        "max_zoom": MOST_ZOOM,
    }


def _base_layer() -> dict[str, str]:
    base = base_layer.current()
    if base is None:
        return {}
    address = reverse("maps:base", args=[base.pk, 0, 0, 0])
    return {
        "base": address.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        "base_attribution": base.attribution,
    }


# --- proposals ---


@require_safe
@_for_signed_in
@requires(Permission.VIEW_PROPOSAL)
@_tile
def proposals(request: HttpRequest, at: Tile) -> HttpResponse:
    """Proposals of one filter within the user's scope: counts, or points from zoom 12 on.

    Viewing points is recorded, also where the browser had the tile already.
    """
    user = user_of(request)
    asked = _asked(request)
    drawn = proposal_tiles.tile(asked, at)
    trail.note_tile(user, asked.selection, drawn.proposals, drawn.placed, Box(*at.degrees))
    return packed.answer(
        request,
        drawn.tile,
        etag=packed.digest("proposals", str(at), drawn.tile),
        cache_control="private, no-cache",
    )


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def away(request: HttpRequest) -> JsonResponse:
    """The number of points outside the scope's extent; places and keys of the first ones."""
    user = user_of(request)
    asked = _asked(request)
    found = far_points.outside(asked)
    if found.proposals:
        trail.note_tile(user, asked.selection, found.proposals, len(found.proposals), EVERYWHERE)
    return JsonResponse(
        {"count": found.count, "places": found.places, "proposals": found.proposals}
    )


def _asked(request: HttpRequest) -> proposal_tiles.Asked:
    """The rows of an address: within the user's scope, its filter, the search of the session."""
    user = user_of(request)
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    files_within = scope_of(user, *BATCH_PERMISSIONS)
    return proposal_tiles.Asked.of(scope, request.GET, searching.named_by(request), files_within)
