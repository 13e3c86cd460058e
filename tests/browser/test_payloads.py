"""No text that somebody types, sends or publishes becomes markup, code or an address (bar 48).

Every text of the database is overwritten with payloads; then pages are opened in Chromium on the
portal as it is served, with what they show on demand: folded parts, dialogs, notes on maps,
evidence. None may run, none may leave a trace of markup, and the policy (CSP) is never asked to
stop anything. In the quick run a few payloads on the main pages; all sixty on every address, as
every role that may open it, in `make prove`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client as Browser
from playwright.sync_api import Dialog, Error, Page, expect

from apps.accounts.models import Client, User
from apps.accounts.roles import Role
from apps.demo import country
from tests.access.addresses import addresses
from tests.access.objects import made_in, sent_by
from tests.access.table import SIGNED_OUT, TABLE
from tests.access.visitors import OFFICERS, is_allowed, path_of, reaches
from tests.browser.conftest import Watch, settled
from tests.browser.map_tools import drawn
from tests.browser.payload_objects import amended, more_objects, told_about
from tests.browser.payload_rows import overwritten, unfilled
from tests.browser.payloads import FEW, PAYLOADS, WORKED_OUT, windows
from tests.browser.test_review_map import close_to
from tests.conftest import as_role
from tests.maps.tiles import outlined
from tests.personas import OWN
from tests.proposals import factory
from tests.proposals.forms import draft_of, family, member, members, typed
from tests.proposals.sending import findings, row, send
from tests.served import served

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # what Django says of files that are not read asynchronously
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]

ADDRESSES = {address.name: address for address in addresses()}
AT_A_TIME = 4
# These never end.
STREAMS = {"commandcentre:events", "commandcentre:wall-events"}
MAIN = (
    (Role.VERIFIER, ("home", "proposals:review_row", "admin:proposals_proposal_change")),
    (Role.REGENCY_OFFICER, ("proposals:batches", "proposals:batch", "proposals:batch-row")),
    (Role.STEWARD, ("reconciliation:pair", "reconciliation:source", "registry:person")),
    (Role.OPERATOR, ("commandcentre:board", "commandcentre:plan", "commandcentre:store")),
    (Role.PLANNER, ("indicators:publication", "maps:thematic", "pockets:differences")),
    (Role.PUSDATIN_VERIFIER, ("admin:regions_boundaryedition_change",)),
    (Role.DATA_PROTECTION_OFFICER, ("admin:audit_entry_change",)),
)
# Whatever runs, and whatever the policy stops, is told.
LISTEN = """
window.ran = number => window.portalTold("ran " + number);
document.addEventListener("securitypolicyviolation", one => window.portalTold(
    ["policy", one.violatedDirective, one.blockedURI, one.sample].join(" ")));
"""
# What a page shows on demand: folded parts, dialogs, what follows the focus, notes of shapes.
SHOW_ALL = """() => {
    const all = what => [...document.querySelectorAll(what)];
    for (const one of all("details")) one.open = true;
    for (const one of all("dialog:not([open])")) { one.showModal(); one.close(); }
    for (const one of all("a[href], input, select, textarea, button")) {
        one.focus({preventScroll: true});
        one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
    }
    for (const one of all(".leaflet-interactive").slice(0, 40)) {
        const box = one.getBoundingClientRect();
        const at = {clientX: box.x + box.width / 2, clientY: box.y + box.height / 2};
        for (const name of ["mouseover", "mousemove", "click"]) {
            one.dispatchEvent(new MouseEvent(name, {bubbles: true, view: window, ...at}));
        }
    }
}"""
# The traces of a text that was taken for markup. The portal's own pages have none of these.
TRACES = """() => {
    const found = [];
    const foreign = /^(iframe|object|embed|base|applet|frame|marquee|math|video)$/;
    const loaded = /^(src|href|xlink:href|action|formaction|data|poster|srcdoc|content)$/;
    const odd = /^(javascript|vbscript|data:text|\\/\\/ran-|https?:\\/\\/ran-)/;
    for (const one of document.querySelectorAll("*")) {
        const name = one.localName;
        const isScript = name === "script" && !one.src && !one.nonce && !/json/.test(one.type);
        if (isScript || foreign.test(name)) found.push(one.outerHTML.slice(0, 80));
        for (const attribute of one.attributes) {
            const value = attribute.value.replace(/[\\s\\x00-\\x1f]/g, "").toLowerCase();
            const isCode = /^on|^(data-)?hx-on/.test(attribute.name);
            if (isCode || (loaded.test(attribute.name) && odd.test(value))) {
                found.push(name + " " + attribute.name + "=" + attribute.value.slice(0, 60));
            }
        }
    }
    if (document.body && document.body.innerText.includes("WORKED_OUT")) found.push("worked out");
    return found;
}""".replace("WORKED_OUT", WORKED_OUT)


@dataclass(frozen=True)
class Stored:
    """What the pages are about, and pages beside those of the table: (role, path)."""

    objects: dict[str, Any]
    more: tuple[tuple[Role, str], ...]


@pytest.fixture
def portal(transactional_db: None) -> Iterator[str]:
    """The portal as it is served: its own server, with streams."""
    with served() as url:
        yield url


@pytest.fixture
def stored(person: Callable[..., User]) -> Stored:
    """An object of every kind, a file and a draft whose cells are payloads, a row with a past."""
    cache.clear()
    for role in OFFICERS:
        person(role)
    layer = outlined()
    officer, verifier = person(Role.REGENCY_OFFICER), person(Role.VERIFIER)
    sent = send([_row(n, text) for n, text in enumerate(PAYLOADS)], officer, name=f"{FEW[1]}.csv")
    draft = draft_of(person(Role.VILLAGE_OFFICER))
    typing = Browser()
    typing.force_login(draft.user)
    typed(typing, draft, family=family(address=FEW[0]), members=members(member(name=FEW[0])))
    with as_role("owner"), transaction.atomic():
        made = made_in(OWN)
        made |= {
            "layer": f"boundaries-{layer}",
            "sent": sent_by(Client.objects.get(pk=made["client"])).pk,
        }
        more_objects(made, verifier)
    back = factory.proposal(
        factory.batch(officer, status="submitted"), first=700, status="returned", step_by=verifier
    )
    with as_role("owner"):
        told_about(back, verifier, "returned")
        amended(back, officer)
    at = f"/proposals/batches/{sent.pk}"
    codes = sorted({code for found in findings(sent).values() for code in found})
    more = [(Role.REGENCY_OFFICER, f"{at}/{path}") for path in ("", "held/", "mend/", "dropped/")]
    more += [(Role.REGENCY_OFFICER, f"{at}/findings/{code}/") for code in codes]
    more += [
        (Role.VILLAGE_OFFICER, f"/proposals/drafts/{draft.pk}/{section}/")
        for section in ("family", "members", "house", "review")
    ]
    more.append((Role.VILLAGE_OFFICER, f"/proposals/returned/{back.pk}/"))
    return Stored(made, tuple(more))


def _row(number: int, text: str) -> dict[str, str]:
    """A row of a file that has a payload in each cell that holds words, or in its numbers."""
    words = ("name", "mother_name", "birth_place", "occupation", "address", "marital_status", "rt")
    codes = ("village_code", "programme", "sex", "birth_date", "nik", "latitude")
    return row(9001 + number) | dict.fromkeys(codes if number % 3 == 2 else words, text)


class Crawl:
    """Pages opened one after the other. `faults`: what a payload did, by address."""

    def __init__(self, as_person: Callable[..., Page], watch: Watch, stored: Stored) -> None:
        self._as_person, self._watch, self._stored = as_person, watch, stored
        self._pages: dict[Role, Page] = {}
        self._at = ""
        self.faults: list[str] = []
        self.opened = self.with_payload = 0
        watch.expected += ["EventSource", "net::ERR_ABORTED"]  # a stream ends with its page

    def page_of(self, role: Role) -> Page:
        if role not in self._pages:
            page = self._pages[role] = self._as_person(role)
            page.context.expose_binding("portalTold", lambda _source, what: self._told(what))
            page.context.add_init_script(LISTEN)
            # asked for by parts of pages that are opened by themselves
            page.context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
            page.on("dialog", self._dialog)
            page.set_default_timeout(15_000)
        return self._pages[role]

    def _told(self, what: str) -> None:
        self.faults.append(f"{self._at}: {what}")

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self._told(f"{dialog.type} {dialog.message}")
        dialog.accept()

    def path(self, name: str) -> str:
        line = TABLE[name]
        return path_of(ADDRESSES[name], line, self._stored.objects.get(line.target))

    def visit(self, role: Role, path: str) -> None:
        """Open an address if it is a page; another answer must not pass for one."""
        page, self._at = self.page_of(role), f"{role} {path}"
        answer = page.request.get(path)
        kind = answer.headers.get("content-type", "")
        if answer.status >= 500:
            self._told(f"status {answer.status}")
        if answer.status != 200 or not ("text/html" in kind or "svg" in kind):
            if answer.headers.get("x-content-type-options") != "nosniff":
                self._told(f"{answer.status} {kind} may be taken for a page")
            return
        seen = len(self._watch.faults)
        page.goto(path, wait_until="load")
        if page.locator(".leaflet-container, [hx-get], [id=vector-map]").count():
            with suppress(Error):
                page.wait_for_load_state("networkidle", timeout=3_000)
        self.show_all(page)
        for fault in self._watch.faults[seen:]:
            if not any(part in fault for part in self._watch.expected):
                self._told(fault)

    def show_all(self, page: Page) -> None:
        page.evaluate(SHOW_ALL)
        page.wait_for_timeout(60)
        for trace in page.evaluate(TRACES):
            self._told(trace)
        shown = page.content()
        self.opened += 1
        self.with_payload += "ran(" in shown
        if settings.SECRET_KEY in shown:
            self._told("a key of the settings")


@pytest.fixture
def crawl(as_person: Callable[..., Page], watch: Watch, stored: Stored) -> Crawl:
    return Crawl(as_person, watch, stored)


def test_there_are_sixty_payloads():
    assert len(set(PAYLOADS)) == 60


@pytest.mark.long
def test_no_payload_runs_on_the_main_pages(crawl, stored):
    with overwritten() as write:
        assert unfilled() == UNFILLED
        assert write(FEW) == KEPT
        for role, names in MAIN:
            for name in names:
                crawl.visit(role, crawl.path(name))
        _review_on_the_map(crawl)
    assert not crawl.faults, "\n".join(crawl.faults)
    assert crawl.opened >= sum(len(names) for _role, names in MAIN)
    assert crawl.with_payload == crawl.opened  # else nothing was tried


# A text that is unique, and tables without a row here: of programs alone, or shown nowhere.
KEPT = {"registry.Change.reference"}
UNFILLED = {
    *("api.IdempotencyKey", "commandcentre.Feed", "commandcentre.FeedDocument"),
    "indicators.PocketArea",
    *("indicators.ServicePage", "maps.BaseLine", "proposals.FixedRow", "regions.ForeignCode"),
}


def _review_on_the_map(crawl: Crawl) -> None:
    """The list, a point's note on the map, and the evidence that it opens."""
    page = crawl.page_of(Role.VERIFIER)
    page.goto("/proposals/review/?status=submitted")
    drawn(page)
    x, y = close_to(page, country.at("A"))
    page.mouse.click(x, y)
    expect(page.locator(".map-picked").first).to_contain_text("ran(")
    expect(page.locator("#evidence h2").first).to_contain_text("ran(")
    settled(page)
    crawl.show_all(page)


@pytest.mark.scale
@pytest.mark.parametrize("turn", range(len(PAYLOADS) // AT_A_TIME))
def test_no_payload_runs_on_any_page_as_any_role(turn, crawl, stored, figure):
    """Four payloads at a time; from turn to turn another of the roles opens an address."""
    with overwritten() as write:
        write(list(windows(AT_A_TIME))[turn])
        for name, line in TABLE.items():
            roles = [
                role
                for role in OFFICERS
                if is_allowed(line.ask, role)
                and is_allowed(line.sees, role)
                and reaches(line, role, OWN)
            ]
            if name not in STREAMS and line.ask != SIGNED_OUT and roles:
                crawl.visit(roles[turn % len(roles)], crawl.path(name))
        for role, path in stored.more:
            crawl.visit(role, path)
        _review_on_the_map(crawl)
    figure(f"script payloads, turn {turn + 1}: pages", crawl.opened, "", "0 of 60 run")
    assert not crawl.faults, "\n".join(crawl.faults)
    assert crawl.with_payload >= crawl.opened / 2
