"""A stand-in for a feature layer of an agency (ArcGIS REST), only for the demo.

    python -m apps.demo.feature_layer --table FILE.csv [--port N]

It serves the rows of a made-up table in pages, as ArcGIS does: `<layer>?f=json` describes it,
`<layer>/query` counts or gives features. The file is read anew for each request.
"""

from __future__ import annotations

import argparse
import csv
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

LAYER: Final = "/rest/services/kemiskinan/FeatureServer/0"
MOST: Final = 200
KEY: Final = "OBJECTID"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of the table with their numbers; none where there is no file yet."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{KEY: number, **row} for number, row in enumerate(csv.DictReader(file), start=1)]


def answer_query(rows: list[dict[str, Any]], path: str, edited: int) -> dict[str, Any] | None:
    """What the layer answers to an address; None for an unknown one."""
    parts = urlsplit(path)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path == LAYER:
        names = list(rows[0]) if rows else [KEY]
        return {
            "objectIdField": KEY,
            "maxRecordCount": MOST,
            "fields": [{"name": name} for name in names],
            "editingInfo": {"lastEditDate": edited},
        }
    if parts.path != f"{LAYER}/query":
        return None
    if asked.get("returnCountOnly") == "true":
        return {"count": len(rows)}
    start = int(asked.get("resultOffset", "0"))
    end = start + min(int(asked.get("resultRecordCount", MOST)), MOST)
    wanted = asked.get("outFields", "").split(",")
    features = [
        {"attributes": {name: row[name] for name in wanted if name in row}}
        for row in rows[start:end]
    ]
    return {"features": features, "exceededTransferLimit": end < len(rows)}


class LayerHandler(BaseHTTPRequestHandler):
    """One request; `table` is the server's file."""

    table: Path

    def do_GET(self) -> None:
        edited = int(self.table.stat().st_mtime * 1_000) if self.table.exists() else 0
        answer = answer_query(read_rows(self.table), self.path, edited)
        content = json.dumps(answer or {"error": {"code": 404, "message": "unknown"}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""


def main() -> None:
    """Serve until ended; prints the address on one line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--table", type=Path, required=True, help="CSV of made-up figures")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    given = parser.parse_args()
    LayerHandler.table = given.table
    server = ThreadingHTTPServer(("127.0.0.1", given.port), LayerHandler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
