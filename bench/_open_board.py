"""From the answer of a feed to an open board: the portal with its clock, its workers and its queue
on the bench's database, a stand-in for BMKG, and a desk in Chromium.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from _chromium import CHROMIUM, QUIET, session_cookie, session_key, user
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PORT = int(os.environ.get("PORT", "8000")) + 98
EMPTY = json.dumps({"Infogempa": {"gempa": []}}).encode()
# An event of the list by its title: with counts, and without the words that it is being assessed.
ASSESSED = """title => [...document.querySelectorAll(".events > .event")].some(one =>
    one.textContent.includes(title) && one.querySelector(".level") && !one.querySelector("i"))"""
STREAMING = "() => document.querySelector('[data-events]')?.dataset.live === 'stream'"

# The name of its place, longitude, latitude and magnitude.
Quake = tuple[str, float, float, float]


class Source(ThreadingHTTPServer):
    """BMKG's last earthquake. `answered_at` is when the first answer with it had been sent."""

    content: bytes = EMPTY
    answered_at: float | None = None
    is_new = False

    def lay_out(self, content: bytes) -> None:
        self.answered_at, self.content, self.is_new = None, content, True


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 (the library's name)
        source = self.server
        assert isinstance(source, Source)
        is_first, source.is_new = source.is_new, False
        self.send_response(200)
        self.send_header("Content-Length", str(len(source.content)))
        self.end_headers()
        self.wfile.write(source.content)
        if is_first:
            source.answered_at = time.perf_counter()

    def log_message(self, *_args: object) -> None:
        """Nothing is logged."""


def seconds_until_seen(quakes: Sequence[Quake]) -> list[float]:
    """For each earthquake the seconds from the feed's answer until the desk shows it assessed. The
    clock asks the feed every few seconds; an answer waits for nothing but the queue.
    """
    # before Playwright, in whose loop Django asks the database nothing
    key = session_key(user("operator", 9_100))
    with _source() as source, _served(source), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(base_url=f"http://127.0.0.1:{PORT}")
        context.add_cookies([session_cookie(key, PORT)])
        page = context.new_page()
        page.goto("/command-centre/")
        page.wait_for_function(STREAMING, timeout=30_000)
        page.evaluate("window.untouched = true")
        seconds = [_until_seen(source, page, quake) for quake in quakes]
        assert page.evaluate("window.untouched"), "the board was loaded anew"
        browser.close()
    return seconds


def _until_seen(source: Source, page: Page, quake: Quake) -> float:
    name, longitude, latitude, magnitude = quake
    at = timezone.now() - timedelta(minutes=3)
    source.lay_out(_entry(name, longitude, latitude, magnitude, at))
    page.wait_for_function(ASSESSED, arg=name, polling=20, timeout=120_000)
    seen_at = time.perf_counter()
    assert source.answered_at is not None
    return seen_at - source.answered_at


def _entry(name: str, longitude: float, latitude: float, magnitude: float, at: datetime) -> bytes:
    entry = {
        "DateTime": at.isoformat(),
        "Coordinates": f"{latitude},{longitude}",
        "Magnitude": f"{magnitude:.1f}",
        "Kedalaman": "10 km",
        "Wilayah": name,
    }
    return json.dumps({"Infogempa": {"gempa": entry}}).encode()


@contextmanager
def _source() -> Iterator[Source]:
    source = Source(("127.0.0.1", 0), _Handler)
    source.daemon_threads = True
    threading.Thread(target=source.serve_forever, daemon=True).start()
    try:
        yield source
    finally:
        source.shutdown()
        source.server_close()


@contextmanager
def _served(source: Source) -> Iterator[None]:
    """Web server, workers and clock, ended afterwards."""
    environment = _environment(f"http://127.0.0.1:{source.server_address[1]}/last.json")
    subprocess.run([ROOT / "bin/run", "start"], check=True, env=environment)
    try:
        yield
    finally:
        subprocess.run([ROOT / "bin/run", "stop"], check=True, env=environment)


def _environment(feed: str) -> dict[str, str]:
    host = quote(str(connection.settings_dict["HOST"]), safe="")
    name = connection.settings_dict["NAME"]
    urls = {
        f"DATABASE_{key}URL": f"postgresql://portal_{role}@{host}/{name}"
        for key, role in (("", "web"), ("WORKER_", "worker"), ("OWNER_", "owner"))
    }
    kept = {key: value for key, value in os.environ.items() if key != "PORTAL_DATABASE_ROLE"}
    return (
        kept
        | urls
        | {
            "PORT": str(PORT),
            "SECOND_FACTOR_REQUIRED": "false",
            "HTTPS_ONLY": "false",
            "BMKG_AUTOGEMPA_URL": feed,
            "FEED_STAND_IN_ALLOWED": "true",
            "FEED_INTERVAL_S": "3",
        }
    )
