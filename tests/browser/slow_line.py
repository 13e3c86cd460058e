"""A page over a bad line: how many bytes and requests it takes, and when it can be used.

    from tests.browser.slow_line import MOST, measure
    taken = measure(page, "/proposals/")     # a page of `as_person`, behind tests.served
    assert taken <= MOST, taken

Bytes are those on the line (headers and compressed bodies) as Chromium counts them. Usable is when
the content is laid out and every script has run: the page can be read, typed in and sent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import settled

KBIT_S, LATENCY_MS = 400, 400


@dataclass(frozen=True)
class Taken:
    """What a first visit costs. `usable_s` by the clock, on the line of `measure`."""

    bytes: int
    requests: int
    usable_s: float

    def __le__(self, most: Taken) -> bool:
        return (
            self.bytes <= most.bytes
            and self.requests <= most.requests
            and self.usable_s <= most.usable_s
        )


# First page of any screen without a map.
MOST = Taken(bytes=200_000, requests=12, usable_s=5.0)


def slow(page: Page, *, kbit_s: float = KBIT_S, latency_ms: float = LATENCY_MS) -> Any:
    """Put a page on a slow line, without its cache. Returns the DevTools session."""
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    tools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency_ms,
            "downloadThroughput": kbit_s * 1000 / 8,
            "uploadThroughput": kbit_s * 1000 / 8,
        },
    )
    return tools


def measure(
    page: Page,
    address: str,
    *,
    ready: str = "main h1",
    kbit_s: float = KBIT_S,
    latency_ms: float = LATENCY_MS,
) -> Taken:
    """Open an address for the first time on a slow line; `ready` is what must be seen then."""
    tools = slow(page, kbit_s=kbit_s, latency_ms=latency_ms)
    taken = {"bytes": 0, "requests": 0}

    def sent(event: Any) -> None:
        taken["requests"] += event["request"]["url"].startswith("http")

    def finished(event: Any) -> None:
        taken["bytes"] += int(event["encodedDataLength"])

    tools.on("Network.requestWillBeSent", sent)
    tools.on("Network.loadingFinished", finished)
    began = time.monotonic()
    # styles and deferred scripts are here when the document is loaded
    page.goto(address, wait_until="load")
    page.locator(ready).first.wait_for(state="visible")
    usable_s = time.monotonic() - began
    settled(page)
    tools.detach()
    return Taken(taken["bytes"], taken["requests"], round(usable_s, 2))
