"""What people and the worker do on the way from a file to the register, through the pages."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser

from apps.jobs.models import Job
from apps.proposals.models import Batch, Decree
from tests.conftest import as_role

DONE_WITHIN_S = 60
REASON = "Dukcapil belum dapat ditanya."
EXPECTED = re.compile(r'name="expected"\s+value="(\d+)"')
DECIDABLE = re.compile(r'<p class="large">([\d.,]+)')


def upload(browser: Browser, path: Path, region: str, **more: str) -> Batch:
    """Send the form of the upload page; the batch on whose page one ends."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = browser.post("/proposals/batches/upload/", {"file": file, "region": region, **more})
    assert answer.status_code == 302, answer.content.decode()
    number = re.search(r"/batches/(\d+)/", answer.headers["Location"])
    assert number is not None, answer.headers["Location"]
    with as_role("owner"):
        return Batch.objects.get(pk=int(number[1]))


def wait(subject: str) -> Job:
    """Wait for the worker to end the job about a subject."""
    ends = time.monotonic() + DONE_WITHIN_S
    while True:
        with as_role("owner"):
            job = Job.objects.filter(subject=subject).latest("pk")
        if job.is_finished:
            return job
        assert time.monotonic() < ends, (job.status, job.stage)
        time.sleep(0.05)


def decide_all(browser: Browser, step: str, filters: Mapping[str, str], **reason: str) -> int:
    """The bulk page of a filter: its number on the button is sent back. How many it was."""
    query = {**filters, "step": step}
    shown = browser.get("/admin/proposals/proposal/bulk/", query).content.decode()
    expected, decidable = EXPECTED.search(shown), DECIDABLE.search(shown)
    assert expected is not None, shown
    assert decidable is not None, shown
    number = decidable[1].replace(".", "").replace(",", "")
    address = "/admin/proposals/proposal/bulk/?" + "&".join(f"{k}={v}" for k, v in query.items())
    form = {"step": step, "expected": expected[1], "typed": number, **reason}
    answer = browser.post(address, form)
    assert answer.status_code == 302, answer.content.decode()
    return int(number)


def determine(browser: Browser, number: str, region: str) -> Decree:
    """Send the form of the determination, confirm what the check page counts, wait for the worker;
    the decree as it then is.
    """
    form = {"number": number, "date": "24-11-2026", "region": region, "civil_reason": REASON}
    shown = browser.post("/admin/proposals/decree/determine/", form)
    preview = shown.context["preview"]
    confirmed = form | {"expected": preview.waiting, "seen": preview.seen}
    answer = browser.post("/admin/proposals/decree/determine/", confirmed)
    assert answer.status_code == 302, answer.content.decode()
    with as_role("owner"):
        decree = Decree.objects.get(number=number)
    assert wait(decree.subject).status == Job.Status.DONE
    with as_role("owner"):
        return Decree.objects.get(number=number)


def events_of(table: str, change: int | None = None) -> list[tuple[int, int]]:
    """(row, change) of the history of a table of the register."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pgh_obj_id, change_id FROM registry_{table}event"
            " WHERE %s::bigint IS NULL OR change_id = %s",
            [change, change],
        )
        return cursor.fetchall()
