"""A proposal beside who is registered: seen, its move confirmed, decided by itself."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.access import open_gate
from apps.proposals.models import RegisteredMatch
from apps.proposals.submitting.submission import submit
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.registered import registered
from tests.proposals.sending import B, places, row, send

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "Nama di KTP lama; surat keterangan desa terlampir"


@pytest.fixture
def rows(person):
    registered(9001, name="KARTINI", mother_name="WAGINI", village_id=B, address="JL. KENANGA 9")
    batch = send(
        [row(9001, name="WARSINI", mother_name="KARSIH", identity_note=WHY), row(9002)],
        person("regency_officer"),
    )
    with transaction.atomic():
        open_gate(person("regency_officer"))
        submit(batch=batch, by=person("regency_officer"), now=NOW)
    return places(batch)


@pytest.mark.long
def test_both_persons_are_compared_the_move_is_confirmed_and_the_row_decided(rows, as_person, shot):
    page = as_person("verifier")
    page.goto(reverse("proposals:review_row", args=[rows[1].pk]))
    expect(page.get_by_role("heading", name="Compared with the register")).to_be_visible()
    shot(page, "comparison")
    page.set_viewport_size({"width": 360, "height": 780})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    shot(page, "comparison-phone")
    page.set_viewport_size({"width": 1366, "height": 900})
    page.get_by_role("button", name="Confirm the move").click()
    expect(page.get_by_text("The move is confirmed for 1 proposal.")).to_be_visible()
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_text("Here is the next one")).to_be_visible()
    with as_role("owner"):
        assert RegisteredMatch.objects.get(proposal=rows[1].pk).move == "confirmed"
    page.goto(reverse("proposals:review_bulk") + "?step=verify&status=submitted")
    shot(page, "bulk")
