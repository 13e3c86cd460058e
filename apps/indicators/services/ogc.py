"""OGC API – Features (by its next links) and WFS 2.0 GetFeature as GeoJSON (by its start index)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

from apps.common.remote_documents import SourceFault
from apps.indicators.models import Service
from apps.indicators.services import pages
from apps.indicators.services.pages import Described, FeaturePage

LONGEST_LINK: Final = 1_000
START: Final = "startIndex"


def describe(service: Service, _wanted: Sequence[str]) -> Described:
    """Where the first page is; these services are asked for nothing else."""
    base, separator, own = service.url.partition("?")
    if service.kind == Service.Kind.OGC:
        if service.layer:
            base = f"{base.rstrip('/')}/collections/{quote(service.layer)}/items"
        asked = {"f": "json", "limit": str(service.page_size)}
    else:
        asked = {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": service.layer,
            "outputFormat": "application/json",
            "count": str(service.page_size),
            START: "0",
        }
    query = "&".join(part for part in (own, urlencode(asked)) if part)
    return Described(f"{base}?{query}")


def read_page(read: Any, address: str, page: int) -> FeaturePage:
    """The features of an answer, and the next page by its link or start index.

    Raises: SourceFault.
    """
    found = pages.features_of(read, page)
    rows = list[tuple[str, dict[str, Any]]]()
    for one in found:
        values = one.get("properties")
        if not isinstance(values, dict):
            raise SourceFault("service_shape", page=str(page))
        rows.append((pages.text_of(one.get("id")), values))
    total = pages.whole(read.get("numberMatched"))
    if total is None:
        total = pages.whole(read.get("totalFeatures"))
    following = _next_link(read, address, page) if rows else ""
    if not following and rows:
        following = _next_index(address, len(rows), total)
    return FeaturePage(rows, following, total, pages.crs_of(read))


def _next_link(read: Any, address: str, page: int) -> str:
    """The address of a `next` link on the same host. Raises: SourceFault for one elsewhere.

    A server behind a proxy may name its pages by http; they are asked for as it is itself. A WFS is
    read on by its start index where its link leads elsewhere.
    """
    links = read.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next" and link.get("href"):
            following = urljoin(address, str(link["href"]))
            here, there = urlsplit(address), urlsplit(following)
            if there.scheme == "http" and there.netloc == here.hostname:
                there = there._replace(scheme=here.scheme, netloc=here.netloc)
                following = there.geturl()
            if (here.scheme, here.netloc) != (there.scheme, there.netloc):
                if START in parse_qs(here.query):
                    return ""
                raise SourceFault("service_elsewhere", is_over=True, page=str(page))
            if len(following) > LONGEST_LINK:
                raise SourceFault("service_link", is_over=True, page=str(page))
            return following
    return ""


def _next_index(address: str, given: int, total: int | None) -> str:
    """The address of the next page of a WFS; "" for another service, or after the last page."""
    parts = urlsplit(address)
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if START not in asked:
        return ""
    following = int(asked[START]) + given
    # without a total only an empty page is the end: a server may give fewer than it is asked for
    if total is not None and following >= total:
        return ""
    return parts._replace(query=urlencode({**asked, START: str(following)})).geturl()
