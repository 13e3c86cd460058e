"""Every page that one person reaches by links, a few of each kind."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client as Browser

LINK = re.compile(r'(?:href|hx-get|data-[\w-]*(?:url|points|outlines)[\w-]*)="([^"#]+)')
OF_EACH_KIND = 2
# Files of one's own, in whole: they are exports with tests of their own.
NOT_PAGES = ("/download/", "/static/", "/annex/")


def pages(browser: Browser, *starts: str) -> Iterator[tuple[str, Any]]:
    """(address, answer) of the pages that lead from one to the next."""
    waiting, seen, kinds = deque(starts), set(starts), Counter[str]()
    while waiting:
        address = waiting.popleft()
        kind = re.sub(r"\d+", "0", urlsplit(address).path)  # whatever its filters
        kinds[kind] += 1
        if kinds[kind] > OF_EACH_KIND:
            continue
        answer = browser.get(address)
        yield address, answer
        if answer.streaming or answer.status_code != 200:
            continue
        for found in LINK.findall(answer.content.decode("utf-8", "replace")):
            link = urljoin(address, found.replace("&amp;", "&"))
            is_here = not urlsplit(link).netloc and not any(part in link for part in NOT_PAGES)
            if is_here and link not in seen:
                seen.add(link)
                waiting.append(link)
