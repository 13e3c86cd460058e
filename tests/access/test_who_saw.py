"""Who saw me: every page that shows a name leaves an entry by which its person finds it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from apps.audit.about import Trace, entries_about
from apps.audit.models import Entry
from apps.proposals.models import HeldRow, Proposal
from apps.reconciliation.models import Record
from apps.registry.models import Person
from tests.access.addresses import addresses
from tests.access.conftest import Objects
from tests.access.crowd import crowd
from tests.access.table import TABLE
from tests.access.visitors import OFFICERS, Visitor, is_allowed, path_of, reaches
from tests.conftest import as_role
from tests.personas import OWN

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEARCHES = [{"name": f"ORANG {OWN}", "birth_date": "12-01-1988"}, {"nik": "9701011201889001"}]
MORE = {
    "proposals:review": ("?view=map", "?status=submitted"),
    "admin:proposals_proposal_changelist": ("?view=table",),
}


def pages(objects: Objects) -> Iterator[tuple[str, str, str, dict[str, str] | None]]:
    """(role, method, path, form) of each page, for the first and the last role that may open it."""
    for address in addresses():
        line = TABLE[address.name]
        path = path_of(address, line, objects[OWN].get(line.target))
        allowed = [
            str(role)
            for role in OFFICERS
            if is_allowed(line.ask, role) and is_allowed(line.sees, role)
            if reaches(line, role, OWN)
        ]
        for role in sorted({*allowed[:1], *allowed[-1:]}):
            for more in ("", *MORE.get(address.name, ())):
                yield role, "GET", path + more, None
    for form in SEARCHES:
        for role in ("verifier", "determiner", "data_protection_officer"):
            yield role, "POST", "/admin/registry/person/", form
            yield role, "POST", "/register/", form
    person = objects[OWN]["person"]
    yield "verifier", "POST", f"/register/{person}/print/", None
    yield "determiner", "POST", f"/admin/registry/person/{person}/print/", None
    yield "verifier", "GET", f"/proposals/review/picked/?at={objects[OWN]['proposal']}", None
    for row in Proposal.objects.filter(pk=objects[OWN]["proposal"]):
        yield "regency_officer", "POST", "/proposals/families/", {"number": row.kk}


def known() -> dict[str, list[Trace]]:
    """Every name that the database holds, and under which keys each of its bearers is known."""
    found: dict[str, list[Trace]] = defaultdict(list)
    for pk, name in Person.objects.values_list("pk", "name"):
        found[name].append(Trace(subjects={f"registry.Person:{pk}"}, persons={pk}))
    for row in Proposal.objects.only("pk", "name", "batch_id", "row_number", "decree_id"):
        file = f"proposals.Batch:{row.batch_id}"
        found[row.name].append(
            Trace(
                subjects={f"proposals.Proposal:{row.pk}"},
                proposals={row.pk},
                rows={(file, row.row_number)},
                files={file, f"proposals.Decree:{row.decree_id}"},
            )
        )
    for held in HeldRow.objects.all():
        file = f"proposals.Batch:{held.batch_id}"
        trace = Trace(rows={(file, held.row_number)}, files={file})
        found[str(held.values.get("name", ""))].append(trace)
    return {name: traces for name, traces in found.items() if len(name) > 5}


@pytest.mark.long
def test_every_page_that_shows_a_name_leaves_an_entry_for_its_person(objects, visitor):
    with as_role("owner"):
        crowd(objects[OWN], range(2))
        names = known()
        others = {name for name in Record.objects.values_list("name", flat=True) if len(name) > 5}
    visitors: dict[str, Visitor] = {str(role): visitor(role) for role in OFFICERS}
    wrong, shown = [], 0
    for role, method, path, form in pages(objects):
        for name, is_told in _told(visitors[role], method, path, form, names, others):
            shown += 1
            if not is_told:
                wrong.append(f"{method} {path} ({role}): {name}")
    assert shown > 100
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


def _told(
    visitor: Visitor, method: str, path: str, form: Any, names: dict[str, Any], others: set[str]
) -> list[tuple[str, bool]]:
    """Each name on a page, and whether its person finds what the page left."""
    with transaction.atomic():
        with as_role("owner"):
            before = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        ask = visitor.browser.post if method == "POST" else visitor.browser.get
        answer = ask(path, form or {})
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode("utf-8", "replace")
        told = []
        with as_role("owner"):
            new = Entry.objects.filter(pk__gt=before)
            for name, traces in names.items():
                if _stands(name, text):
                    is_told = any(
                        entries_about(one).filter(pk__gt=before).exists() for one in traces
                    )
                    # a ministry's file whose columns are matched is no person of ours yet
                    told.append((name, is_told or ("/datasets/" in path and new.exists())))
            told += [(name, new.exists()) for name in others - names.keys() if _stands(name, text)]
        transaction.set_rollback(True)
    return told


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text) is not None
