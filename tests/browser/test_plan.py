"""A large plan on a laptop and on a phone: its list, its filter, what is done with all of it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.commandcentre.models import Shipment
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.test_chain import faults, too_wide
from tests.commandcentre.planning.needs import large_plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_large_plan_leaves_and_arrives_under_its_filter(person, as_person, shot, size):
    plan = large_plan(person("operator"))
    page = as_person("operator", size, "id", name="operator-dua")
    page.goto(reverse("commandcentre:plan", args=[plan.pk]))
    settled(page)
    assert too_wide(page, size) == []
    page.get_by_role("button", name="Pesan stok").click()
    page.get_by_label("Barang").select_option(label="Selimut")
    page.get_by_role("button", name="Saring").click()
    page.get_by_role("button", name="seluruh 60 pengiriman").click()
    expect(page.get_by_text("60 pengiriman berangkat.")).to_be_visible()
    page.get_by_text("Catat beberapa kedatangan").click()
    shot(page, f"plan-{size['width']}")
    page.get_by_role("button", name="Tiba lengkap: seluruh 60").click()
    expect(page.get_by_text("60 pengiriman tiba lengkap.")).to_be_visible()
    assert Shipment.objects.filter(status="received").count() == 60
    assert too_wide(page, size) == []
    assert faults(page) == []
