"""A stand-in for the civil register's web service, only for the demo and the tests.

    python -m apps.demo.dukcapil --people FILE.csv [--port N] [--faults]

It serves the made-up people of a CSV file (`nik,name,birth_date,sex,village_code,deceased`) and
reads the file again when it has changed. With `--faults`, POST /faults `{"fault", "times", "at"}`
makes the next requests fail in a way of `FAULTS`; GET /faults returns what was asked so far. Client
and secret are those of the environment (DUKCAPIL_CLIENT, DUKCAPIL_SECRET).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

HEADER: Final = ("nik", "name", "birth_date", "sex", "village_code", "deceased")
# Kinds of failure; `at` names the answer that fails: people or token.
FAULTS: Final = (
    *("silent", "drip", "drip_head", "cut", "server_error", "html", "html_as_json", "half"),
    *("list", "wrong_types", "incomplete", "contradicts", "redirect", "no_sign_in", "busy"),
    *("busy_long", "busy_nonsense", "huge"),
)
TOKEN_LIVES_S: Final = 900
SILENT_S: Final = 60.0
HTML: Final = b"<html><body><h1>Layanan sedang dalam pemeliharaan</h1></body></html>"


class Known(NamedTuple):
    """One person of the file."""

    nik: str
    name: str
    birth_date: str
    sex: str
    village_code: str
    deceased: str

    def as_answer(self) -> dict[str, Any]:
        return {**self._asdict(), "found": True, "deceased": self.deceased == "1"}


def write_people(path: Path, people: Iterable[Known]) -> None:
    """Write the file that the stand-in reads, and put it in place atomically."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(people)
    unfinished.chmod(0o600)
    unfinished.replace(path)


class Desk:
    """The state of the stand-in: people, tokens and planned failures."""

    def __init__(self, people: Path, *, most: int, lives_s: float) -> None:
        self._path, self._seen, self._people = people, 0.0, dict[str, list[Known]]()
        self._lock = threading.Lock()
        self.most, self.lives_s = most, lives_s
        self.tokens: dict[str, float] = {}
        self.fault, self.times, self.at = "", 0, "people"
        self.asked: list[int] = []
        self.signed_in = 0

    def people(self) -> dict[str, list[Known]]:
        with self._lock:
            changed = self._path.stat().st_mtime if self._path.exists() else 0.0
            if changed != self._seen:
                self._people = dict(_by_nik(self._path)) if changed else {}
                self._seen = changed
            return self._people

    def take_fault(self, at: str) -> str:
        with self._lock:
            if not self.times or self.at != at:
                return ""
            self.times -= 1
            return self.fault

    def token(self) -> str:
        token = secrets.token_urlsafe(24)
        with self._lock:
            self.tokens[token] = time.monotonic() + self.lives_s
            self.signed_in += 1
        return token

    def is_signed_in(self, header: str) -> bool:
        return self.tokens.get(header.removeprefix("Bearer "), 0.0) > time.monotonic()


def _by_nik(path: Path) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            known = Known(*(row[name] for name in HEADER))
            found.setdefault(known.nik, []).append(known)
    return found


class Handler(BaseHTTPRequestHandler):
    """One request; `desk` is the server's state."""

    protocol_version = "HTTP/1.1"
    desk: Desk
    has_faults = False

    def do_GET(self) -> None:
        if self.has_faults and self.path == "/faults":
            desk = self.desk
            self._json({"asked": desk.asked, "signed_in": desk.signed_in, "left": desk.times})
        else:
            self._json({"message": "unknown"}, 404)

    def do_POST(self) -> None:
        body = self._body()
        if self.has_faults and self.path == "/faults":
            desk = self.desk
            desk.fault, desk.times = body.get("fault", ""), int(body.get("times", 1))
            desk.at, desk.asked = body.get("at", "people"), []
            self._json({})
        elif self.path == "/token":
            self._token(body)
        elif self.path == "/people":
            self._people(body)
        else:
            self._json({"message": "unknown"}, 404)

    def _token(self, body: dict[str, Any]) -> None:
        if fault := self.desk.take_fault("token"):
            self._go_wrong(fault, {"token": "x", "expires_in": 60})
            return
        given = (str(body.get("client", "")), str(body.get("secret", "")))
        own = (os.environ.get("DUKCAPIL_CLIENT", ""), os.environ.get("DUKCAPIL_SECRET", ""))
        if given != own:
            self._json({"message": "client or secret is wrong"}, 401)
            return
        self._json({"token": self.desk.token(), "expires_in": self.desk.lives_s})

    def _people(self, body: dict[str, Any]) -> None:
        niks = body.get("niks") or []
        self.desk.asked.append(len(niks))
        if not self.desk.is_signed_in(self.headers.get("Authorization", "")):
            self._json({"message": "token"}, 401)
            return
        if len(niks) > self.desk.most:
            self._json({"message": f"at most {self.desk.most}"}, 400)
            return
        people = self.desk.people()
        results: list[dict[str, Any]] = []
        for nik in niks:
            known = people.get(nik, [])
            results += [one.as_answer() for one in known] or [{"nik": nik, "found": False}]
        answer = {"results": results}
        fault = self.desk.take_fault("people")
        if fault:
            self._go_wrong(fault, answer)
        else:
            self._json(answer)

    def _go_wrong(self, fault: str, answer: dict[str, Any]) -> None:  # noqa: C901 (a list of ways)
        whole = json.dumps(answer).encode()
        results = answer.get("results", [])
        if fault == "silent":
            time.sleep(SILENT_S)
        elif fault in ("drip", "drip_head"):
            self._drip(whole, is_head=fault == "drip_head")
        elif fault == "cut":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "server_error":
            self._json({"message": "error"}, 500)
        elif fault == "html":
            self._send(HTML, 200, "text/html")
        elif fault == "html_as_json":
            self._send(HTML, 200)
        elif fault == "half":
            self._send(whole[: len(whole) // 2], 200)
        elif fault == "list":
            self._json([1, 2])
        elif fault == "wrong_types":
            wrong = {"found": "yes", "name": None, "birth_date": 19880112, "deceased": "no"}
            self._json({"results": [one | wrong for one in results], "token": 5, "expires_in": "x"})
        elif fault == "incomplete":
            self._json({"results": results[1:]})
        elif fault == "contradicts":
            self._json({"results": results + [{"nik": o["nik"], "found": False} for o in results]})
        elif fault == "redirect":
            self._send(b"", 302, more={"Location": "http://127.0.0.1:1/people"})
        elif fault == "no_sign_in":
            self._json({"message": "token"}, 401)
        elif fault == "huge":
            self._json({"results": results, "more": "x" * 6_000_000})
        else:
            wait = {"busy": "0", "busy_long": "600", "busy_nonsense": "soon"}[fault]
            self._send(b"{}", 429, more={"Retry-After": wait})

    def _drip(self, whole: bytes, *, is_head: bool) -> None:
        """Send a byte at long intervals, without end."""
        if not is_head:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
        self.close_connection = True
        slowly = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000 if is_head else whole
        for place in range(len(slowly)):
            try:
                self.wfile.write(slowly[place : place + 1])
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    def _json(self, answer: Any, status: int = 200) -> None:
        self._send(json.dumps(answer).encode(), status)

    def _send(
        self,
        content: bytes,
        status: int,
        kind: str = "application/json",
        more: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            given = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            return {}
        return given if isinstance(given, dict) else {}

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: data about people is not logged."""


def main() -> None:
    """Serve until ended; prints the address on one line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=Path, required=True, help="CSV of made-up people")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--most", type=int, default=100, help="NIKs in one request")
    parser.add_argument("--token-lives", type=float, default=TOKEN_LIVES_S, help="seconds")
    parser.add_argument("--faults", action="store_true", help="may be told to go wrong")
    given = parser.parse_args()
    Handler.desk = Desk(given.people, most=given.most, lives_s=given.token_lives)
    Handler.has_faults = given.faults
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
