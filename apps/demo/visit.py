"""Signs in to the running portal as a demo account, like a browser, and opens its pages."""

from __future__ import annotations

import re
from html import unescape
from http.cookiejar import CookieJar
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

PATIENCE_S = 20
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class NoWayIn(Exception):
    """The portal answers, but not with the requested page: it asks for a second factor."""


def titles(address: str, username: str, password: str, paths: list[str]) -> dict[str, str]:
    """The title of each page for this account; an empty dict if no portal runs.

    Raises: NoWayIn when signing in or a page does not end where it should.
    """
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    try:
        _sign_in(browser, address, username, password)
        return {path: _title(browser, f"{address}{path}") for path in paths}
    except NoWayIn:
        raise
    except URLError as fault:
        if isinstance(fault.reason, ConnectionRefusedError):
            return {}
        raise NoWayIn(f"{fault}") from fault


def _sign_in(browser: OpenerDirector, address: str, username: str, password: str) -> None:
    door = f"{address}/accounts/login/"
    with browser.open(door, timeout=PATIENCE_S) as page:
        token = TOKEN.search(page.read().decode())
    if token is None:
        raise NoWayIn(f"{door} has no form")
    sent = {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
    asked = Request(door, urlencode(sent).encode(), headers={"Referer": door})  # noqa: S310
    with browser.open(asked, timeout=PATIENCE_S) as page:
        if "/accounts/" in page.geturl():
            raise NoWayIn(f"{username} is held at {page.geturl()}")


def _title(browser: OpenerDirector, url: str) -> str:
    with browser.open(url, timeout=PATIENCE_S) as page:
        found = TITLE.search(page.read().decode())
        if page.geturl() != url or found is None:
            raise NoWayIn(f"{url} leads to {page.geturl()}")
    return " ".join(unescape(found[1]).split())
