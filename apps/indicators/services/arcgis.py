"""ArcGIS REST feature layers: described by themselves, queried by offset, without geometries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from apps.common.remote_documents import SourceFault
from apps.indicators.models import Service
from apps.indicators.services import pages
from apps.indicators.services.pages import Described, FeaturePage


def describe(service: Service, wanted: Sequence[str]) -> Described:
    """What the layer says of itself, and its number of features. Raises: SourceFault."""
    layer = _layer(service)
    read = pages.ask_page(f"{layer}?f=json", 0).content
    listed = read.get("fields") if isinstance(read, dict) else None
    if not isinstance(listed, list):
        raise SourceFault("service_shape", page="0")
    fields = tuple(str(one.get("name", "")) for one in listed if isinstance(one, dict))
    key = str(read.get("objectIdField") or _object_id(listed))
    editing = read.get("editingInfo")
    edited = str(editing.get("lastEditDate", "")) if isinstance(editing, dict) else ""
    size = min(service.page_size, pages.whole(read.get("maxRecordCount")) or service.page_size)
    counted = pages.ask_page(
        f"{layer}/query?{urlencode({'where': '1=1', 'returnCountOnly': 'true', 'f': 'json'})}", 0
    ).content
    total = pages.whole(counted.get("count")) if isinstance(counted, dict) else None
    first = _address(layer, wanted, key, max(size, 1), 0)
    return Described(first, fields, total, edited)


def read_page(read: Any, address: str, page: int) -> FeaturePage:
    """The features of an answer to a query. Raises: SourceFault."""
    found = pages.features_of(read, page)
    key = _asked(address, "orderByFields")
    rows = list[tuple[str, dict[str, Any]]]()
    for one in found:
        values = one.get("attributes", one.get("properties"))
        if not isinstance(values, dict):
            raise SourceFault("service_shape", page=str(page))
        rows.append((pages.text_of(values.get(key, one.get("id"))), values))
    properties = read.get("properties")
    outer = properties if isinstance(properties, dict) else {}
    has_more = bool(read.get("exceededTransferLimit") or outer.get("exceededTransferLimit"))
    size = int(_asked(address, "resultRecordCount"))
    offset = int(_asked(address, "resultOffset"))
    # some servers do not set the flag; a full page may have another one after it
    has_more = has_more or len(rows) >= size
    following = ""
    if rows and has_more:
        following = _with(address, "resultOffset", str(offset + len(rows)))
    return FeaturePage(rows, following, None, pages.crs_of(read))


def _layer(service: Service) -> str:
    base = service.url.rstrip("/")
    return f"{base}/{service.layer}" if service.layer else base


def _address(layer: str, wanted: Sequence[str], key: str, size: int, offset: int) -> str:
    asked = {
        "where": "1=1",
        "outFields": ",".join(dict.fromkeys([*([key] if key else []), *wanted])),
        "returnGeometry": "false",
        "f": "json",
        "orderByFields": key,
        "resultRecordCount": str(size),
        "resultOffset": str(offset),
    }
    return f"{layer}/query?{urlencode(asked)}"


def _object_id(listed: Sequence[Any]) -> str:
    """The name of the field that numbers the features."""
    for one in listed:
        if isinstance(one, dict) and one.get("type") == "esriFieldTypeOID":
            return str(one.get("name", ""))
    return ""


def _asked(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query, keep_blank_values=True).get(name, [""])[0]


def _with(address: str, name: str, value: str) -> str:
    parts = urlsplit(address)
    given = parse_qs(parts.query, keep_blank_values=True)
    asked = {key: values[0] for key, values in given.items()}
    return parts._replace(query=urlencode({**asked, name: value})).geturl()
