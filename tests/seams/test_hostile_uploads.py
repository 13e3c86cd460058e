"""Files made to keep the portal busy keep nobody from work: they are looked at few at a time, with
little processor and memory, while the database is not held.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from apps.accounts.models import User
from apps.jobs.models import Job
from tests.common import files
from tests.common.bad_files import CORPUS, Traps
from tests.figures import Figure
from tests.limits import within
from tests.personas import OWN
from tests.proposals.sending import as_csv, row
from tests.seams.officers import send as send_parts
from tests.stack import Stack, Visitor, children_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGES = ("/", "/proposals/batches/", "/proposals/batches/upload/", "/proposals/returned/")
# So many unfinished files may wait for one sender, so many be looked at at once.
FILES_OF_ONE, LOOKS_AT_ONCE = 15, 4
READ_S = 3.0  # somebody who works fast opens a page as often
Person = Callable[..., User]


@dataclass
class Measured:
    """What officers met: seconds of each page, and every status."""

    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


def heavy(path: Path, megabytes: int, rows: Sequence[Sequence[object]] = ((1, 2), (3, 4))) -> Path:
    """A long workbook: empty cells that pack two hundredfold, read to the end. Without headings,
    unless `rows` have some."""
    files.xlsx(path, rows)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    cells = b'<row r="3">' + b'<c r="A3" s="1"/>' * 1_000 + b"</row>"
    parts[sheet] = parts[sheet].replace(
        b"</sheetData>", cells * (megabytes * 1_000_000 // len(cells)) + b"</sheetData>"
    )
    files.zipped(path, parts)
    noise = hashlib.shake_128(str(path).encode()).digest(megabytes * 6_000)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/media/image1.png", noise)
    return path


def hostile(folder: Path, megabytes: int) -> list[Path]:
    return [
        files.one_long_tag(folder / "tag.xlsx"),
        files.many_layers(folder / "layers.gpkg", 1_900),
        heavy(folder / "heavy.xlsx", megabytes),
    ]


def send(visitor: Visitor, content: bytes, name: str) -> tuple[requests.Response, float]:
    """Upload as the page's script does; the last answer, and its seconds.

    Whoever has twenty unfinished files is refused the next one at once.
    """
    started = time.monotonic()
    begun = visitor.post(
        "/proposals/uploads/",
        data={"file_name": name, "size": len(content), "modified_ms": 1, "region": OWN},
    )
    if begun.status_code == 422 and "20" in begun.text:
        return begun, time.monotonic() - started
    assert begun.status_code == 200, begun.text
    state = begun.json()
    while state["offset"] < len(content):
        at = state["offset"]
        sent = visitor.post(
            state["address"],
            data=content[at : at + state["most"]],
            headers={"Upload-Offset": str(at), "Content-Type": "application/octet-stream"},
        )
        assert sent.status_code == 200, sent.text
        state |= sent.json()
    started = time.monotonic()
    answer = visitor.post(state["finish"], headers={"Accept": "application/json"})
    return answer, time.monotonic() - started


def finished(visitor: Visitor, content: bytes, name: str) -> str:
    """Upload a good file; the address of its batch."""
    answer, _seconds = send(visitor, content, name)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["next"])


def attack(
    stack: Stack, people: list[User], contents: list[tuple[str, bytes]], stop: threading.Event
) -> tuple[list[threading.Thread], list[tuple[int, float]]]:
    """Each of these people sends the files again and again until the end."""
    answers: list[tuple[int, float]] = []

    def one(person: User, number: int) -> None:
        visitor, turn = stack.visitor(person), number
        while not stop.is_set():
            name, content = contents[turn % len(contents)]
            unique = content if name.endswith("gpkg") else content + bytes(8)
            answer, seconds = send(visitor, unique, f"{turn}-{name}")
            answers.append((answer.status_code, seconds))
            turn += 1

    return [threading.Thread(target=one, args=[p, n]) for n, p in enumerate(people)], answers


def at_work(stack: Stack, people: list[User], for_s: float) -> Measured:
    """These people look at their pages, one after the other, with a moment to read each."""
    measured = Measured()
    until = time.monotonic() + for_s

    def one(person: User, number: int) -> None:
        visitor, turn, chance = stack.visitor(person), number, random.Random(number)
        time.sleep(READ_S * number / len(people))  # nobody keeps time with anybody
        while time.monotonic() < until:
            started = time.monotonic()
            answer = visitor.get(PAGES[turn % len(PAGES)])
            measured.seconds.append(time.monotonic() - started)
            measured.statuses.append(answer.status_code)
            turn += 1
            time.sleep(READ_S * chance.uniform(0.5, 1.5))

    threads = [threading.Thread(target=one, args=[p, n]) for n, p in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured


def besieged(
    stack: Stack, person: Person, tmp_path: Path, people: int, for_s: float, megabytes: int
) -> tuple[Measured, Measured, list[tuple[int, float]]]:
    """What officers meet without and with as many hostile senders, and what these are told."""
    contents = [(p.name, p.read_bytes()) for p in hostile(tmp_path, megabytes)]
    senders = [person("regency_officer", name=f"pengirim-{n}") for n in range(people)]
    officers = [person("regency_officer", name=f"pekerja-{n}") for n in range(people)]
    for officer in officers:
        stack.visitor(officer).get("/")
    quiet = at_work(stack, officers, for_s / 3)
    stop = threading.Event()
    threads, answers = attack(stack, senders, contents, stop)
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        measured = at_work(stack, officers, for_s)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return quiet, measured, answers


@pytest.mark.timed
@pytest.mark.long
def test_hostile_files_keep_nobody_from_work(stack: Stack, person: Person, tmp_path: Path) -> None:
    _quiet, measured, answers = besieged(stack, person, tmp_path, people=6, for_s=8, megabytes=60)
    assert set(measured.statuses) == {200}
    assert measured.p95 <= within(1.0)
    assert {status for status, _ in answers} <= {422, 429, 503}
    assert 422 in {status for status, _ in answers}
    assert max(seconds for _, seconds in answers) < within(11)


@pytest.mark.scale
def test_twenty_hostile_uploads_and_twenty_officers(
    stack: Stack, person: Person, tmp_path: Path, figure: Figure
) -> None:
    quiet, measured, answers = besieged(stack, person, tmp_path, 20, for_s=60, megabytes=480)
    figure("20 officers alone: p95 of a page", quiet.p95, "s")
    figure("20 officers while 20 send hostile files: p95 of a page", measured.p95, "s", "≤ 1")
    worst = max(measured.seconds)
    figure("20 officers while 20 send hostile files: slowest page", worst, "s")
    refused = sum(status >= 500 for status in measured.statuses)
    figure("of their pages refused", refused, f"of {len(measured.statuses)}", "0")
    figure("hostile files looked at", sum(s == 422 for s, _ in answers), f"of {len(answers)}")
    assert set(measured.statuses) == {200}
    assert measured.p95 <= 1.0
    assert max(seconds for _, seconds in answers) < 12


@pytest.mark.timed
@pytest.mark.long
def test_files_that_are_slow_to_read_again_keep_nobody_from_work(
    stack: Stack, person: Person, tmp_path: Path
) -> None:
    """Its first rows pass the look; twenty of the office then fetch it with its findings, again
    and again, while others work."""
    lines = list(csv.reader(io.StringIO(as_csv([row(9001)]).decode())))
    content = heavy(tmp_path / "lambat.xlsx", 120, lines).read_bytes()
    sender = stack.visitor(person("regency_officer", name="pengirim"))
    address = finished(sender, content, "lambat.xlsx")
    until = time.monotonic() + 120
    while Job.objects.unfinished().exists():
        assert time.monotonic() < until
        time.sleep(0.2)
    colleagues = [person("regency_officer", name=f"rekan-{n}") for n in range(20)]
    officers = [person("regency_officer", name=f"pekerja-{n}") for n in range(6)]
    for officer in officers:
        stack.visitor(officer).get("/")
    stop, fetched = threading.Event(), list[int]()
    threads = [
        threading.Thread(
            target=fetch, args=[stack.visitor(one), f"{address}download/", stop, fetched]
        )
        for one in colleagues
    ]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        measured = at_work(stack, officers, 10)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(measured.statuses) == {200}
    assert measured.p95 <= within(1.0)
    told = Counter(fetched)
    assert set(told) == {200, 503}, told


def fetch(visitor: Visitor, address: str, stop: threading.Event, answers: list[int]) -> None:
    """Download again and again until the end."""
    while not stop.is_set():
        answers.append(visitor.get(address).status_code)


@pytest.mark.timed
def test_the_next_good_file_is_taken_at_once(stack: Stack, person: Person, tmp_path: Path) -> None:
    visitor = stack.visitor(person("regency_officer"))
    bad = files.one_long_tag(tmp_path / "a.xlsx").read_bytes()
    assert send(visitor, bad, "a.xlsx")[0].status_code == 422
    answer, seconds = send(visitor, as_csv([row(9001)]), "usulan.csv")
    assert (answer.status_code, seconds < within(3)) == (200, True)


@pytest.mark.scale
def test_every_bad_file_is_answered_in_words_and_no_worker_dies(
    stack: Stack, person: Person, tmp_path: Path, figure: Figure
) -> None:
    """The corpus through the served portal: what is taken is read by its worker to an end."""
    processes = ("web", "worker-interactive", "worker-batches")
    before = running(stack, processes)
    names = list(CORPUS)
    lots = [names[at : at + FILES_OF_ONE] for at in range(0, len(names), FILES_OF_ONE)]
    senders = [
        stack.visitor(person("regency_officer", name=f"pengirim-{number}"))
        for number in range(len(lots))
    ]
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as threads:
        folders = [tmp_path / str(number) for number in range(len(lots))]
        answers = [one for lot in threads.map(send_bad, senders, lots, folders) for one in lot]
    good, seconds = send(senders[0], as_csv([row(9001)]), "baik.csv")
    assert good.status_code == 200
    began = time.monotonic()
    while Job.objects.unfinished().exists():
        assert time.monotonic() - began < 600
        time.sleep(0.5)
    slowest = max(took for _name, _status, took, _text in answers)
    wrong = [one for one in answers if one[1] not in (200, 422) or len(one[3]) < 30]
    refused = sum(status == 422 for _name, status, _took, _text in answers)
    figure("bad files sent to the portal: refused in words", refused, f"of {len(answers)}")
    figure("bad files sent to the portal: slowest answer", slowest, "s", "≤ 60")
    figure("bad files sent to the portal: a good one after them", seconds, "s", "≤ 10")
    assert not wrong, wrong[:5]
    assert before <= running(stack, processes)
    assert slowest <= 60
    assert seconds <= 10


def running(stack: Stack, names: tuple[str, ...]) -> set[int]:
    """The processes of these names and their children."""
    return {pid for name in names for pid in (stack.pid(name), *children_of(stack.pid(name)))}


def send_bad(visitor: Visitor, names: list[str], folder: Path) -> list[tuple[str, int, float, str]]:
    """(name, status, seconds, text) of each of these files of the corpus; empty ones are not
    taken at all."""
    answers = []
    for number, name in enumerate(names):
        own = folder / str(number)
        own.mkdir(parents=True)
        traps = Traps("http://127.0.0.1:9/data", own / "rahasia.csv")
        if content := CORPUS[name](own, traps).read_bytes():
            began = time.monotonic()
            answer = send_parts(visitor, f"{folder.name}-{number}-berkas.csv", content, OWN)
            seconds = time.monotonic() - began
            answers.append((name, answer.status_code, seconds, answer.text[:300]))
    return answers
