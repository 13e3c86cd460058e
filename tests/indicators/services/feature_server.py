"""A stand-in for services of features: ArcGIS REST, OGC API – Features and WFS 2.0 on one port.

It pages, counts and says "nothing new" as the real ones do; a test tells it what to do wrong.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Row = dict[str, Any]


@dataclass
class Answer:
    """One answer; `silent_s` is the pause before its first byte."""

    content: bytes
    status: int = 200
    kind: str = "application/json"
    silent_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FeatureServer:
    """The features, and what was asked. `wrong[n]` answers the n-th page in place of the server
    (counted from 1); `most` is the greatest page it gives; `edited` is ArcGIS's lastEditDate.
    """

    url: str
    rows: list[Row] = field(default_factory=list)
    most: int = 1_000
    edited: int | None = None
    total: int | None = None
    says_more: bool = True
    has_validators: bool = True
    extra: dict[str, Any] = field(default_factory=dict)
    wrong: dict[int, Callable[[list[Row]], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def arcgis(self) -> str:
        return f"{self.url}/rest/services/kemiskinan/FeatureServer"

    @property
    def ogc(self) -> str:
        return f"{self.url}/ogc"

    @property
    def wfs(self) -> str:
        return f"{self.url}/geoserver/wfs"

    def pages(self) -> int:
        """How many pages were asked for."""
        return sum("resultOffset" in one or "offset=" in one or "startIndex" in one
                   or "limit=" in one for one in self.asked)  # fmt: skip

    def answer(self, path: str) -> Answer:
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/rest/"):
            return self._arcgis(parts.path, asked)
        if parts.path.startswith("/ogc/"):
            return self._features(asked, int(asked["limit"]), int(asked.get("offset", "0")))
        if parts.path.endswith("/wfs"):
            return self._features(asked, int(asked["count"]), int(asked["startIndex"]))
        return Answer(b"", 404)

    def _fields(self) -> list[str]:
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def _arcgis(self, path: str, asked: dict[str, str]) -> Answer:
        if not path.endswith("/query"):
            about: dict[str, Any] = {
                "objectIdField": "OBJECTID",
                "maxRecordCount": self.most,
                "fields": [{"name": name} for name in ("OBJECTID", *self._fields())],
            }
            if self.edited is not None:
                about["editingInfo"] = {"lastEditDate": self.edited}
            return _json(about)
        if asked.get("returnCountOnly"):
            return _json({"count": len(self.rows) if self.total is None else self.total})
        assert asked["returnGeometry"] == "false"
        offset, size = int(asked["resultOffset"]), int(asked["resultRecordCount"])
        size = min(size, self.most)
        rows = self.rows[offset : offset + size]
        if wrong := self.wrong.get(offset // size + 1):
            return wrong(rows)
        wanted = asked["outFields"].split(",")
        features = [
            {"attributes": {"OBJECTID": offset + at + 1}
             | {name: row[name] for name in wanted if name in row}}
            for at, row in enumerate(rows)
        ]  # fmt: skip
        read: dict[str, Any] = {"features": features, **self.extra}
        if self.says_more and offset + size < len(self.rows):
            read["exceededTransferLimit"] = True
        return _json(read)

    def _features(self, asked: dict[str, str], size: int, offset: int) -> Answer:
        size = min(size, self.most)
        rows = self.rows[offset : offset + size]
        if wrong := self.wrong.get(offset // size + 1):
            return wrong(rows)
        shape = {"type": "Point", "coordinates": [110.0, -7.0]}
        features = [
            {"type": "Feature", "id": f"f.{offset + at}", "geometry": shape, "properties": row}
            for at, row in enumerate(rows)
        ]
        total = len(self.rows) if self.total is None else self.total
        read: dict[str, Any] = {
            "type": "FeatureCollection", "features": features, "numberMatched": total,
            "numberReturned": len(rows), **self.extra,
        }  # fmt: skip
        if "limit" in asked and offset + size < len(self.rows):
            following = urlencode({"f": "json", "limit": asked["limit"], "offset": offset + size})
            href = f"{self.ogc}/collections/p0/items?{following}"
            read["links"] = [{"rel": "self", "href": "x"}, {"rel": "next", "href": href}]
        return _json(read)


def _json(value: Any) -> Answer:
    return Answer(json.dumps(value).encode())


def html(_rows: list[Row]) -> Answer:
    return Answer(b"<html><body><h1>Layanan sedang dipelihara</h1></body></html>", kind="text/html")


def error_inside(_rows: list[Row]) -> Answer:
    """An error of ArcGIS, which comes with status 200."""
    return _json({"error": {"code": 500, "message": "Error performing query operation"}})


def silent(_rows: list[Row]) -> Answer:
    return Answer(b"{}", silent_s=5.0)


def broken(_rows: list[Row]) -> Answer:
    return Answer(b'{"features": [{"attributes": {"KD')


def of_status(status: int) -> Callable[[list[Row]], Answer]:
    return lambda _rows: Answer(b"", status)


def elsewhere(rows: list[Row]) -> Answer:
    """A page whose next one is on another host."""
    features = [{"type": "Feature", "id": row["KDPKAB"], "properties": row} for row in rows]
    link = {"rel": "next", "href": "http://10.0.0.1/next"}
    return _json({"features": features, "links": [link]})


@contextmanager
def feature_server(rows: list[Row]) -> Iterator[FeatureServer]:
    """A running stand-in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    found = FeatureServer(f"http://127.0.0.1:{server.server_address[1]}", rows)
    server.features = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 (the library's name)
        found: FeatureServer = self.server.features  # type: ignore[attr-defined]
        found.asked.append(self.path)
        answer = found.answer(self.path)
        time.sleep(answer.silent_s)
        etag = f'"{hashlib.sha256(answer.content).hexdigest()[:16]}"'
        if found.has_validators and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.content)))
            if found.has_validators:
                self.send_header("ETag", etag)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)
        except OSError:
            return  # who asked has gone

    def log_message(self, *_args: Any) -> None:
        """Nothing is logged."""
