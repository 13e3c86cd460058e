"""Typing a family into the form the way an officer does: sections, saves, the worker's look."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.jobs.models import Job
from apps.proposals.entry import drafts, remarks
from apps.proposals.entry import form_fields as form
from apps.proposals.models import FormDraft
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.sending import PREFIX, A, point

KK = f"{PREFIX}0101209001"


def family(**cells: Any) -> dict[str, Any]:
    return {
        "region": A,
        "kk": KK,
        "programme": ["PKH"],
        "address": "JL. MELATI 1",
        "rt": "001",
        "rw": "002",
    } | cells


def member(serial: int = 9001, number: int = 0, **cells: str) -> dict[str, Any]:
    """The fields of one card: a woman born 10 May 1988."""
    known = {
        "name": "SITI AMINAH",
        "nik": f"{PREFIX}500588{serial:04d}",
        "relation": "ISTRI",
        "sex": "P",
        "birth_place": "AMPEL",
        "birth_date": "10-05-1988",
        "mother_name": "NUR",
    } | cells
    return {f"{number}-{name}": value for name, value in known.items()}


def members(*cards: dict[str, Any]) -> dict[str, Any]:
    """Several cards as one form; the cards are numbered as they come."""
    sent: dict[str, Any] = {"member": [str(i) for i in range(len(cards))]}
    for card in cards:
        sent |= card
    return sent


def house(letter: str = "A", east: float = 0.3, north: float = 0.4, **cells: str) -> dict[str, Any]:
    spot = point(letter, east, north)
    return {"point": f"{spot['latitude']}, {spot['longitude']}", "accuracy_m": ""} | cells


def save(
    browser: Browser, draft: FormDraft, section: str, values: dict[str, Any], **more: Any
) -> Any:
    """Save a section as the script does; `version` is what the tab has before it."""
    with as_role("owner"):
        version = FormDraft.objects.get(pk=draft.pk).versions.get(section, 0)
    headers = {} if more.pop("page", False) else {"Accept": "application/json"}
    sent = {"version": version} | values | more
    return browser.post(f"/proposals/drafts/{draft.pk}/{section}/", sent, headers=headers)


def draft_of(user: User) -> FormDraft:
    """An empty draft, begun as the page begins it."""
    with transaction.atomic():
        open_gate(user)
        return drafts.begin(by=user, now=timezone.now())


def typed(browser: Browser, draft: FormDraft, **sections: dict[str, Any]) -> None:
    """Fill in a whole family, or these sections in place of a good one's."""
    whole = {form.FAMILY: family(), form.MEMBERS: members(member()), form.HOUSE: house()}
    for section, values in (whole | sections).items():
        assert save(browser, draft, section, values).status_code == 200


def now_is(draft: FormDraft) -> FormDraft:
    """The draft as it is stored, whoever asks."""
    with as_role("owner"):
        return FormDraft.objects.select_related("batch", "user").get(pk=draft.pk)


def work_off(draft: FormDraft) -> FormDraft:
    """Let the worker do whatever waits for this draft and its batch."""
    with as_role("worker"):
        known = FormDraft.objects.get(pk=draft.pk)
        subjects = [known.subject] + (
            [f"proposals.Batch:{known.batch_id}"] if known.batch_id else []
        )
        for job in Job.objects.unfinished().filter(subject__in=subjects).order_by("pk"):
            do(job)
    return now_is(draft)


def places(draft: FormDraft) -> dict[str, set[str]]:
    """Codes of the remarks by place."""
    found: dict[str, set[str]] = {}
    with as_role("worker"):
        for one in remarks.of(draft, everything=True):
            found.setdefault(one.place, set()).add(one.code)
    return found
