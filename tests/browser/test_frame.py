"""One frame: bar, margins, headings and fields measure the same in the portal and in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.test_pages import serious
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)

# Who → pages of the portal and of the admin.
PAGES = {
    "pusdatin_verifier": {
        "portal": ("/", "/proposals/batches/", "/help/", "/proposals/notices/"),
        "admin": (
            *("/admin/", "/admin/proposals/proposal/?view=table", "/admin/registry/person/"),
            "/admin/regions/boundaryedition/upload/",
        ),
    },
    "steward": {
        "portal": ("/reconciliation/", "/reconciliation/sources/", "/accounts/profile/"),
        "admin": ("/admin/proposals/batch/",),
    },
    "administrator": {
        "portal": (),
        "admin": ("/admin/casework/cycle/add/", "/admin/jobs/job/", "/admin/accounts/user/add/"),
    },
}
MEASURES = """() => {
    const box = one => document.querySelector(one)?.getBoundingClientRect();
    const style = (one, name) => {
        const at = document.querySelector(one);
        return at && getComputedStyle(at)[name];
    };
    const heading = "main h1";
    return {
        bar: Math.round(box(".bar").height),
        barFont: style(".bar a", "fontSize"),
        scopeLine: Math.round(box(".scope-line").left),
        headingSize: style(heading, "fontSize"),
        headingWeight: style(heading, "fontWeight"),
        headingLeft: Math.round(box(heading).left),
        headingColour: style(heading, "color"),
        text: style("main p:not([class], .ws-drop p)", "fontSize") || "16px",
        skip: [...document.querySelectorAll("a")]
            .find(one => getComputedStyle(one).display !== "none").textContent.trim(),
        foot: Math.round(box(".foot").left),
        footSize: style(".foot", "fontSize"),
    };
}"""


@pytest.fixture
def rows(person):
    batch = factory.batch(person("regency_officer"), file_name="november.csv")
    return factory.proposals(batch, 3, status="submitted")


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.long
def test_portal_and_admin_have_one_frame(rows, as_person, shot, size):
    measured: dict[str, dict[str, Any]] = {}
    for persona, kinds in PAGES.items():
        page = as_person(persona, size)
        for kind, addresses in kinds.items():
            for address in addresses:
                page.goto(address)
                settled(page)
                shot(page, f"{kind}-{address.strip('/').replace('/', '-').split('?')[0] or 'home'}")
                measured[address] = page.evaluate(MEASURES)
    usual = measured["/proposals/batches/"]
    differing = {
        address: {name: value for name, value in found.items() if value != usual[name]}
        for address, found in measured.items()
    }
    assert [f"{at}: {found}" for at, found in differing.items() if found] == []


FIELDS = """() => {
    const at = document.querySelector("main input[data-day]"), style = getComputedStyle(at);
    const label = getComputedStyle(document.querySelector(`label[for=${at.id}]`));
    return [at.type, Math.round(at.getBoundingClientRect().height), style.fontSize,
        style.borderTopColor, style.borderTopLeftRadius, label.fontSize, label.fontWeight];
}"""
DAYS = {
    "steward": ("/admin/registry/person/",),
    "pusdatin_verifier": ("/admin/regions/boundaryedition/upload/",),
    "administrator": ("/admin/casework/cycle/add/", "/admin/accounts/user/add/"),
    "determiner": ("/admin/proposals/decree/determine/",),
}


@pytest.mark.long
def test_days_are_typed_in_one_field_everywhere(rows, as_person):
    looks = {}
    for persona, addresses in DAYS.items():
        page = as_person(persona)
        for address in addresses:
            page.goto(address)
            looks[address] = tuple(page.evaluate(FIELDS))
            field = page.locator("main input[data-day]").first
            for typed in ("1/2/2000", "2000-2-1", "01022000"):
                field.fill(typed)
                field.press("Tab")
                expect(field).to_have_value("01-02-2000")
            field.fill("besok")
            field.press("Tab")
            expect(field).to_have_value("besok")
            assert serious(page) == []
    assert len(set(looks.values())) == 1, looks
