"""A real Chromium on the live portal. A console error, broken policy or foreign host is a fault.

Screenshots are taken where SHOTS is set, and lie in pytest's temporary folder; `--basetemp` says
where: SHOTS=1 make test ARGS="-n 0 --basetemp /tmp/shots tests/browser/test_chain.py"
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import current_thread
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.db.backends.signals import connection_created
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

from apps.accounts.authentication.session_store import SessionStore
from apps.accounts.models import User

# Playwright keeps an event loop in this thread; the tests' own queries are no part of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    chromium = next(
        (
            path
            for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser")
            if Path(path).exists()
        ),
        None,
    )
    if chromium is None:
        pytest.skip("Chromium is not installed (apt install chromium)")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    quiet.append("--enable-unsafe-swiftshader")  # maps are drawn by WebGL2, here without a GPU
    return {"executable_path": chromium, "args": quiet}


def _as_web(connection: Any, **_: Any) -> None:
    if current_thread().name == "beside":
        return  # a second connection of the demo's work, which is no page's
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_web")


@pytest.fixture
def portal(live_server: Any) -> Iterator[str]:
    """The portal's address; its threads talk to the database as the web role."""
    connection_created.connect(_as_web)
    yield live_server.url
    connection_created.disconnect(_as_web)


_waiting: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()
QUIET_MS, PATIENCE_S = 60, 20


def settled(page: Page) -> None:
    """Wait until a page has what it asked for: "networkidle" in a fifth of its time."""
    page.wait_for_load_state("load")
    ends, quiet = time.monotonic() + PATIENCE_S, 0
    while quiet < 2:
        page.wait_for_timeout(QUIET_MS)
        quiet = 0 if _waiting[page] else quiet + 1
        assert time.monotonic() < ends, [one.url for one in _waiting[page]]


class Watch:
    """What a page did that no page may do."""

    def __init__(self, portal: str) -> None:
        self.host = urlsplit(portal).netloc
        self.faults: list[str] = []
        # what a test provokes, however late the browser reports it
        self.expected: list[str] = []

    def over(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._host(request.url))
        waiting = _waiting.setdefault(page, set())
        page.on("request", lambda request: waiting.add(request))
        page.on("requestfinished", lambda request: waiting.discard(request))
        page.on("requestfailed", lambda request: waiting.discard(request))

    def _hear(self, said: ConsoleMessage) -> None:
        # the minutes of the toy country's villages have no file
        is_toy_paper = "/evidence/" in said.location["url"] and " 410 " in said.text
        if said.type == "error" and not is_toy_paper:
            self.faults.append(said.text)

    def _host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.faults.append(f"asked another host: {url}")


@pytest.fixture
def watch(portal: str) -> Iterator[Watch]:
    watch = Watch(portal)
    yield watch
    assert [
        fault for fault in watch.faults if not any(part in fault for part in watch.expected)
    ] == []


@pytest.fixture
def stranger(browser: Browser, portal: str, watch: Watch) -> Iterator[Callable[..., Page]]:
    """`stranger()`: a watched page in which nobody is signed in; `is_touched`: a touch screen."""
    contexts = []

    def make(
        size: dict[str, int] = LAPTOP, language: str = "en", *, is_touched: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport=size, locale=language, base_url=portal, has_touch=is_touched
        )
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def as_person(
    stranger: Callable[..., Page], person: Callable[..., User], portal: str
) -> Callable[..., Page]:
    """`as_person("verifier")`: a watched page of that persona."""

    def make(
        role: str,
        size: dict[str, int] = LAPTOP,
        language: str = "en",
        *,
        is_touched: bool = False,
        **more: str,
    ) -> Page:
        page = stranger(size, language, is_touched=is_touched)
        key = session_of(person(role, **more))
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": portal}]
        )
        return page

    return make


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@pytest.fixture
def shot(tmp_path: Path) -> Callable[[Page, str], Path]:
    """Keep a picture of a page, to be looked at."""

    def take(page: Page, name: str) -> Path:
        path = tmp_path / f"{name}.png"
        for _attempt in range(3 if os.environ.get("SHOTS") else 0):
            # a busy Chromium sometimes cannot draw; no test rests on the picture alone
            with suppress(Error):
                page.screenshot(path=path)
                break
        return path

    return take


@contextmanager
def working() -> Iterator[None]:
    """Act as a worker process does, on a connection that the server's threads do not share."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_worker")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE portal_web")
