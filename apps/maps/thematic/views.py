"""The thematic map as page, its values, its outlines, and its files."""

from __future__ import annotations

import gzip
import json
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from apps.accounts.access import Scope, scope_of
from apps.accounts.roles import Permission
from apps.common import deadline, sql
from apps.common.http import integer
from apps.indicators.measures.catalogue import DEFAULT
from apps.indicators.measures.definitions import ALL_TABLES, version_tables
from apps.indicators.states import PROGRAMME
from apps.maps import packed
from apps.maps.thematic import areas, files
from apps.maps.thematic import page as thematic_page
from apps.maps.thematic.asked import PARAMETERS, Asked
from apps.maps.thematic.bivariate import shown
from apps.maps.thematic.theme import Theme
from apps.ui.permissions import requires
from apps.ui.requests import user_of

KEEP_S: Final = 3_600
MOST_PAGES: Final = 1_000
# Rises with each change of what values are sent and how they are computed and written.
FORM: Final = 2
# No parameter of an address is read beyond so many letters.
LONGEST: Final = 200


@require_safe
@requires(Permission.VIEW_INDICATOR)
def page(request: HttpRequest) -> HttpResponse:
    """The map of one measure, and the same as a table."""
    scope = _scope(request)
    found = _theme(request, scope)
    number = integer(request.GET.get("page", "1"), most=MOST_PAGES) or 1
    return render(request, "maps/thematic.html", thematic_page.context(found, scope, number))


@require_safe
@requires(Permission.VIEW_INDICATOR)
def values(request: HttpRequest) -> HttpResponse:
    """The figures that the map's script joins to the tiles, by code.

    Queries: one, and that of the scope, while they are in the cache.
    """
    scope = _scope(request)
    # regions begin and end with a day
    day = timezone.localdate()
    etag = packed.digest(
        *("values", FORM, day, _versions(request), scope.setting(), get_language()),
        *(request.GET.get(name, "")[:LONGEST] for name in PARAMETERS),
    )
    if f'"{etag}"' in request.headers.get("If-None-Match", ""):
        return _kept(HttpResponse(status=304), etag)
    body = packed.kept(f"values:{etag}", lambda: _encoded(request, scope), seconds=KEEP_S)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(body, content_type="application/json")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(body), content_type="application/json")
    return _kept(response, etag)


@require_safe
@requires(Permission.VIEW_INDICATOR)
def outlines(request: HttpRequest) -> JsonResponse:
    """The areas of the regions of a map, for browsers without WebGL2."""
    found = _theme(request, _scope(request))
    return JsonResponse(files.collection(found, areas.areas(files.codes(found), found.asked.level)))


@require_safe
@requires(Permission.VIEW_INDICATOR)
def file(request: HttpRequest, ending: str) -> HttpResponse:
    """The map as CSV, GeoJSON, GeoPackage, PNG or PDF. The export is recorded."""
    if ending not in thematic_page.FORMATS:
        raise Http404
    deadline.extend(deadline.FILE_WITHIN_S)
    return files.export(_theme(request, _scope(request)), ending, by=user_of(request))


def _versions(request: HttpRequest) -> str:
    """What the values of an address depend on. Queries: one."""
    asked = [request.GET.get(name, "") for name in ("measure", "other", "by")]
    asked[0] = asked[0] or DEFAULT
    if request.GET.get("programme"):
        asked.append(PROGRAMME)
    tables = set[str]()
    if request.GET.get("pocket"):
        # whether a village is said to be a pocket follows what is hidden of any count (adr/0030)
        tables |= ALL_TABLES
    for code in filter(None, asked):
        # what is no measure of the register is a published one, or the default
        tables |= version_tables(code[:LONGEST]) or ALL_TABLES
    return str(sql.scalar("maps/read_versions", {"tables": sorted(tables)}))


def _scope(request: HttpRequest) -> Scope:
    return scope_of(user_of(request), Permission.VIEW_INDICATOR)


def _theme(request: HttpRequest, scope: Scope) -> Theme:
    found = shown(Asked.of(request.GET, scope), scope)
    if found is None:
        raise Http404
    return found


def _encoded(request: HttpRequest, scope: Scope) -> bytes:
    found = _theme(request, scope)
    text = json.dumps(thematic_page.values(found), ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def _kept(response: HttpResponse, etag: str) -> HttpResponse:
    """The browser keeps it and asks each time whether it still holds."""
    response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Encoding", "Accept-Language", "Cookie"])
    # for the middleware that forbids storing pages
    response.keeps_cache_headers = True  # type: ignore[attr-defined]
    return response
