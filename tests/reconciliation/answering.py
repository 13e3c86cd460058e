"""Answers of officers and what stewards make of them, through the functions and the real job."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.jobs.models import Job
from apps.reconciliation.conflicts import answers
from apps.reconciliation.models import Answer, Conflict
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import OWN, persona

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


def officer(regency: str = OWN) -> Any:
    with as_role("owner"):
        return persona("regency_officer", regency)


def steward(name: str = "") -> Any:
    with as_role("owner"):
        return persona("steward", name=name)


def answer(conflict: Conflict, choice: str, value: str = "", **fields: Any) -> Answer:
    """The answer of the regency's officer, with a scan, as the web role."""
    by = fields.pop("by", None) or officer(conflict.village_id[:5])
    given = {"reason": "Dikunjungi 20-11", "file": io.BytesIO(PDF), "file_name": "ktp.pdf"}
    with transaction.atomic(), as_role("web"):
        open_gate(by)
        return answers.answer(
            conflict=conflict,
            choice=choice,
            value=value,
            by=by,
            now=fields.pop("now", timezone.now()),
            **(given | fields),
        )


def take(conflict: Conflict, by: Any = None, now: datetime | None = None) -> Job:
    """A steward takes the answer over; the job waits."""
    by = by or steward()
    with transaction.atomic(), as_role("web"):
        open_gate(by)
        return answers.take_over(conflict=conflict, note="", by=by, now=now or timezone.now())


def work(job: Job) -> Job:
    """The worker's part."""
    with as_role("worker"):
        do(job)
    with as_role("owner"):
        job.refresh_from_db()
    return job


def resolve(conflict: Conflict, choice: str, value: str = "") -> Job:
    """Answered, taken over, written."""
    answer(conflict, choice, value)
    return work(take(conflict))
