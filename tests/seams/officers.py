"""Officers at work in threads: pages and small files, again and again, and what each took."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.house import Officer
from tests.stack import Visitor

PART_BYTES = 1_000_000
PAGES = {
    "regency_officer": (
        "/",
        "/proposals/batches/",
        "/proposals/batches/upload/",
        "/proposals/returned/",
        "/proposals/batches/{batch}/",
        "/proposals/batches/{batch}/progress/",
    ),
    "verifier": ("/", "/proposals/review/", "/proposals/review/?status=submitted"),
    "head_of_office": ("/", "/proposals/review/", "/proposals/review/?status=verified"),
    "province_monitor": ("/",),
}


@dataclass(frozen=True)
class Act:
    """One request. `status` 0: no answer at all."""

    at: float
    what: str
    status: int
    seconds: float


@dataclass(frozen=True)
class File:
    """What senders send, for which region."""

    content: bytes
    region: str


@dataclass
class Record:
    acts: list[Act] = field(default_factory=list)
    # files whose sender was told that they are taken
    taken: list[str] = field(default_factory=list)

    def seconds(self) -> list[float]:
        return sorted(act.seconds for act in self.acts)

    def slowest(self, most: int = 3) -> list[Act]:
        """For the message of a test that failed."""
        return sorted(self.acts, key=lambda act: -act.seconds)[:most]

    def percentile(self, share: float) -> float:
        took = self.seconds()
        return took[min(len(took) - 1, int(share * len(took)))]

    def statuses(self) -> Counter[int]:
        return Counter(act.status for act in self.acts)

    def wrong(self, allowed: Sequence[int]) -> list[Act]:
        return [act for act in self.acts if act.status not in allowed]

    def since(self, at: float) -> Record:
        return Record([act for act in self.acts if act.at >= at])


@contextmanager
def at_work(
    officers: Sequence[Officer], *, batch: str, pause: tuple[float, float], file: File | None = None
) -> Iterator[Record]:
    """All of them work while the block lasts. `file` is what senders send now and then, each time
    with another last line, so that it is another file."""
    record, stop = Record(), threading.Event()
    threads = [
        threading.Thread(target=_work, args=(officer, number, record, stop, batch, pause, file))
        for number, officer in enumerate(officers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield record
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _work(
    officer: Officer,
    number: int,
    record: Record,
    stop: threading.Event,
    batch: str,
    pause: tuple[float, float],
    file: File | None,
) -> None:
    dice = random.Random(number)  # noqa: S311 (no secret)
    browser = Timed(officer.browser, record)
    stop.wait(dice.uniform(0, pause[1]))
    turn = 0
    while not stop.is_set():
        turn += 1
        try:
            if file and officer.role == "regency_officer" and turn % 4 == 0:
                name = f"kiriman-{number}-{turn}-{time.time_ns()}.csv"
                answer = send(browser, name, file.content + f"{name}\n".encode(), file.region)
                if answer.status_code == 200 and "next" in answer.json():
                    record.taken.append(name)
            else:
                browser.get(dice.choice(PAGES[officer.role]).format(batch=batch))
        except requests.RequestException:
            pass  # it is on record
        stop.wait(dice.uniform(*pause))


class Timed:
    """A visitor of whose every request is noted what it took."""

    def __init__(self, visitor: Visitor, record: Record) -> None:
        self.visitor, self.record = visitor, record

    def get(self, path: str) -> requests.Response:
        return self._noted("GET", path)

    def post(self, path: str, **given: Any) -> requests.Response:
        self.visitor.csrf()  # a page of its own, the first time
        return self._noted("POST", path, **given)

    def _noted(self, method: str, path: str, **given: Any) -> requests.Response:
        began, status = time.monotonic(), 0
        try:
            # no connection twice: the server may close an idle one at the very moment
            headers = {"Connection": "close"} | dict(given.pop("headers", {}))
            answer = self.visitor.request(method, path, headers=headers, **given)
            status = answer.status_code
        finally:
            act = Act(began, f"{method} {path}", status, time.monotonic() - began)
            self.record.acts.append(act)
        return answer


def send(browser: Visitor | Timed, name: str, content: bytes, region: str) -> requests.Response:
    """A file as the upload page sends it, in parts; the first answer that refuses, or the last."""
    form = {"file_name": name, "size": len(content), "modified_ms": 1_700_000_000_000}
    form |= {"region": region, "sha256": hashlib.sha256(content).hexdigest()}
    answer = browser.post("/proposals/uploads/", data=form)
    if answer.status_code == 200 and "next" in answer.json():
        return answer  # it is here already
    while answer.status_code == 200 and (at := answer.json()["offset"]) < len(content):
        headers = {"Upload-Offset": str(at), "Content-Type": "application/octet-stream"}
        part = content[at : at + PART_BYTES]
        answer = browser.post(answer.json()["address"], data=part, headers=headers)
    return browser.post(answer.json()["finish"]) if answer.status_code == 200 else answer
