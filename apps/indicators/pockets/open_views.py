"""The addresses of OGC API – Features over our pockets; open, read only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.indicators.models import PocketEdition
from apps.indicators.pockets import open_features
from apps.indicators.pockets.activation import editions_in_force
from apps.indicators.pockets.open_features import BadQueryError, Feature, Query

GEOJSON = "application/geo+json"


@require_safe
def landing(request: HttpRequest) -> JsonResponse:
    """The first document of the service."""
    links = [
        _link(request, "self", "open-landing"),
        _link(request, "conformance", "open-conformance"),
        _link(request, "data", "open-collections"),
    ]
    return JsonResponse({"title": "Kantong kemiskinan ekstrem, DTKS", "links": links})


@require_safe
def conformance(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"conformsTo": list(open_features.CONFORMS_TO)})


@require_safe
def collections(request: HttpRequest) -> JsonResponse:
    """Every collection."""
    edition = editions_in_force().computed
    listed = [_collection(request, name, edition) for name in open_features.COLLECTIONS]
    links = [_link(request, "self", "open-collections")]
    return JsonResponse({"links": links, "collections": listed})


@require_safe
def collection(request: HttpRequest, name: str) -> JsonResponse:
    """One collection."""
    return JsonResponse(_collection(request, _known(name), editions_in_force().computed))


@require_safe
def items(request: HttpRequest, name: str) -> JsonResponse:
    """A page of features. A parameter that is not allowed is a 400, as the standard demands."""
    _known(name)
    try:
        query = open_features.read_query(request.GET)
    except BadQueryError as refused:
        body = {"code": "InvalidParameterValue", "description": str(refused)}
        return JsonResponse(body, status=400)
    edition = editions_in_force().computed
    matched, found = 0, list[Feature]()
    if edition is not None:
        matched, found = open_features.read_features(edition, name, query)
    links = [
        {"rel": "self", "type": GEOJSON, "href": request.build_absolute_uri()},
        _link(request, "collection", "open-collection", name),
    ]
    following = query.offset + query.limit
    if following < matched:
        further = request.GET.dict() | {"limit": str(query.limit), "offset": str(following)}
        address = _address(request, "open-items", name)
        links.append({"rel": "next", "type": GEOJSON, "href": f"{address}?{urlencode(further)}"})
    answer: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": timezone.now().isoformat(timespec="seconds"),
        "numberMatched": matched,
        "numberReturned": len(found),
        "links": links,
        "features": found,
    }
    return JsonResponse(answer, content_type=GEOJSON)


@require_safe
def item(request: HttpRequest, name: str, number: str) -> JsonResponse:
    """One feature."""
    _known(name)
    edition = editions_in_force().computed
    if edition is None:
        raise Http404
    _matched, found = open_features.read_features(edition, name, Query(limit=1), number=number)
    if not found:
        raise Http404
    links = [
        {"rel": "self", "type": GEOJSON, "href": request.build_absolute_uri()},
        _link(request, "collection", "open-collection", name),
    ]
    return JsonResponse({**found[0], "links": links}, content_type=GEOJSON)


def _known(name: str) -> str:
    if name not in open_features.COLLECTIONS:
        raise Http404
    return name


def _collection(request: HttpRequest, name: str, edition: PocketEdition | None) -> dict[str, Any]:
    links = [
        _link(request, "self", "open-collection", name),
        _link(request, "items", "open-items", name) | {"type": GEOJSON},
    ]
    return open_features.describe_collection(name, edition) | {"links": links}


def _link(request: HttpRequest, rel: str, page: str, *args: str) -> dict[str, str]:
    return {"rel": rel, "type": "application/json", "href": _address(request, page, *args)}


def _address(request: HttpRequest, page: str, *args: str) -> str:
    return request.build_absolute_uri(reverse(f"pockets:{page}", args=args))
