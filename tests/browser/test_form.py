"""Proposing one family in Chromium: on a phone and a laptop, with cuts, two tabs, by keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from apps.jobs.models import Job
from apps.proposals.models import FormDraft, Proposal
from tests.browser.conftest import LAPTOP, PHONE, settled, working
from tests.browser.test_pages import FIRST_PAGE_BYTES, FIRST_PAGE_REQUESTS, _compressed, serious
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.limits import within
from tests.proposals.sending import PREFIX

pytestmark = pytest.mark.django_db(transaction=True)
KK, NIK = f"{PREFIX}0101209001", f"{PREFIX}5005889001"
# in A (Ampel), and in its neighbour B (Beji) beyond the tolerance of the border
HOUSE, NEXT_DOOR = "-7.76412, 110.00433", "-7.76412, 110.01433"
SAVED = "[data-section-form]:not([hidden]) [data-saved]"


@pytest.fixture(autouse=True)
def _quiet(transactional_db: None) -> Iterator[None]:
    """A page that closes sends what is typed: the server is to be idle before the tables go."""
    yield
    until(lambda: not _busy(), "the server is still at work")
    # the next test numbers its jobs from 1 again: an old bell would ring for another's
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_purge("interactive")


def _busy() -> int:
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return int(cursor.fetchone()[0])


def begin(page: Page) -> None:
    page.goto("/proposals/new/")
    page.get_by_role("button", name="Begin a family").click()
    expect(page.get_by_role("heading", name="1 Family")).to_be_visible()
    page.wait_for_load_state("load")  # the script that saves and groups is there


def fill_family(page: Page) -> None:
    page.get_by_label("Number of the family card").fill(KK)
    page.get_by_label("PKH").check()
    page.get_by_label("Address").fill("JL. MELATI 1")
    page.get_by_label("RT", exact=True).fill("001")
    page.get_by_label("RW", exact=True).fill("002")


def fill_member(page: Page) -> None:
    card = page.locator("[data-card]").first
    card.get_by_label("Name (needed)").fill("SITI AMINAH")
    card.get_by_label("NIK").fill(NIK)
    card.get_by_label("Female").check()
    card.get_by_label("Date of birth").fill("10-05-1988")


def go_on(page: Page, heading: str) -> None:
    page.locator("[data-section-form]:not([hidden]) .acts [name=next]").click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator(SAVED)).to_contain_text("Saved")
    expect(page.locator("#device-bar")).to_be_hidden()


def draft() -> FormDraft:
    with as_role("owner"):
        return FormDraft.objects.latest("pk")


def until(condition: Any, what: str = "") -> None:
    for _turn in range(150):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(what or "it did not happen")


def work_off() -> None:
    """The worker does whatever waits."""
    with working():
        for job in Job.objects.unfinished().order_by("pk"):
            do(job)


@pytest.mark.parametrize(
    "size", [pytest.param(LAPTOP, marks=pytest.mark.scale), PHONE], ids=["laptop", "phone"]
)
@pytest.mark.long
def test_a_family_is_proposed_without_mouse_or_gps(as_person, size, shot):
    page = as_person("village_officer", size)
    begin(page)
    shot(page, "1-family")
    fill_family(page)
    go_on(page, "2 Members")
    fill_member(page)
    shot(page, "2-members")
    go_on(page, "3 House and point")
    page.get_by_label("Latitude, longitude").fill(HOUSE)
    expect(page.locator("#verdict")).to_contain_text("Inside")
    expect(page.locator("#verdict")).to_contain_text("edition Toy 2026-01")
    expect(page.locator("#form-map")).to_have_attribute("data-drawn", "4")
    shot(page, "3-house")
    go_on(page, "Check your answers")
    work_off()
    page.reload()
    shot(page, "4-review")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Being checked and submitted")).to_be_visible()
    work_off()
    expect(page.get_by_role("heading", name="The family was submitted")).to_be_visible()
    shot(page, "5-sent")
    with as_role("owner"):
        row = Proposal.objects.get()
    assert (row.nik, row.kk, row.verdict, row.status) == (NIK, KK, "inside", "submitted")


@pytest.mark.long
def test_remarks_appear_beside_the_field_while_one_goes_on_typing(as_person, shot):
    page = as_person("village_officer", PHONE)
    begin(page)
    fill_family(page)
    page.get_by_label("Number of the family card").fill("123")
    go_on(page, "2 Members")
    until(lambda: draft().sections["family"]["kk"] == "123" and draft().done == ["family"])
    # at once, whenever the checks come
    expect(page.locator("[data-section-status=family] [data-words]")).to_have_text("1 to fix")
    work_off()
    expect(page.locator("[data-section-status=family] [data-words]")).to_contain_text("to fix")
    page.locator("[data-goto=family]").click()
    box = page.locator("#said-family-kk")
    expect(box).to_contain_text("16")
    expect(page.locator("#family-kk")).to_have_attribute("aria-invalid", "true")
    shot(page, "remarks")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_is_odd_about_a_point_is_said_while_it_is_typed(as_person, shot):
    page = as_person("village_officer", PHONE)
    begin(page)
    fill_family(page)
    go_on(page, "2 Members")
    fill_member(page)
    go_on(page, "3 House and point")
    field, said = page.get_by_label("Latitude, longitude"), page.locator("#verdict")
    for written, words in (
        ("110.00433, -7.76412", "Latitude and longitude are swapped"),
        ("7.76412, 110.00433", "A sign of the coordinates is turned"),
        ("-7.76500, 110.00501", "The point is the village office of Ampel"),
        ("-7.764, 110.004", "three decimals or fewer"),
    ):
        field.fill(written)
        expect(said).to_contain_text(words)
        said.scroll_into_view_if_needed()
        shot(page, words.split()[-1])
    assert serious(page) == []
    field.fill("-97.76412, 110.00433")
    expect(said).to_contain_text("There is no place at")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(HOUSE)
    expect(said).to_contain_text("Inside")
    expect(said.locator(".said-line")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.long
def test_a_cut_in_section_three_loses_nothing_and_asks_for_nothing_again(as_person, watch, shot):
    page = as_person("village_officer", PHONE)
    begin(page)
    fill_family(page)
    go_on(page, "2 Members")
    until(lambda: draft().done == ["family"])
    page.context.set_offline(True)
    fill_member(page)
    go_on(page, "3 House and point")
    page.get_by_label("Latitude, longitude").fill(HOUSE)
    bar = page.locator("#device-bar")
    expect(bar).to_contain_text("Offline – your input is kept on this device")
    expect(bar).to_contain_text("Waiting for signal (2)")
    shot(page, "offline")
    assert draft().sections.get("members") is None
    page.context.set_offline(False)
    until(lambda: draft().sections.get("members"), "the members were not sent")
    until(lambda: draft().sections.get("house"), "the point was not sent")
    expect(bar).not_to_contain_text("Offline")
    assert draft().sections["members"][0]["name"] == "SITI AMINAH"
    until(lambda: page.evaluate("Object.keys(localStorage).length") == 0)
    # the cut itself is said in the console; nothing else may be
    watch.expected += ["ERR_INTERNET_DISCONNECTED"]


@pytest.mark.long
def test_a_closed_tab_is_no_loss_even_without_a_signal(as_person, watch):
    page = as_person("village_officer")
    begin(page)
    address = page.url
    page.context.set_offline(True)
    page.get_by_label("Address").fill("JL. KENANGA 7")
    expect(page.locator("#device-bar")).to_contain_text("Waiting for signal (1)")
    context: BrowserContext = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    watch.over(again)
    again.goto(address)
    expect(again.get_by_label("Address")).to_have_value("JL. KENANGA 7")
    until(lambda: draft().sections["family"].get("address") == "JL. KENANGA 7")
    watch.expected += ["ERR_INTERNET_DISCONNECTED"]


@pytest.mark.long
def test_a_tab_closed_at_once_has_sent_what_was_typed(as_person):
    page = as_person("village_officer")
    begin(page)
    page.get_by_label("Address").fill("JL. SEROJA 3")
    page.close(run_before_unload=True)
    until(lambda: draft().sections["family"].get("address") == "JL. SEROJA 3")


AUTOSAVE_MS = 1200


def in_two_tabs(as_person: Any, watch: Any) -> tuple[Page, Page, Any]:
    """Both tabs have typed an address; the first one's is saved, the second one was refused."""
    first = as_person("village_officer")
    begin(first)
    second = first.context.new_page()
    watch.over(second)
    second.goto(first.url)
    first.get_by_label("Address").fill("TAB SATU")
    until(lambda: draft().sections["family"].get("address") == "TAB SATU")
    second.get_by_label("Address").fill("TAB DUA")
    box = second.locator("[data-section-form=family] [data-conflict]")
    expect(box).to_contain_text("another tab")
    return first, second, box


@pytest.mark.long
def test_two_tabs_on_one_draft_keep_both_texts_until_one_is_chosen(as_person, watch, shot):
    first, second, box = in_two_tabs(as_person, watch)
    expect(second.get_by_label("Address")).to_have_value("TAB DUA")
    expect(box.get_by_role("row", name="Address")).to_contain_text("TAB DUA")
    expect(box.get_by_role("row", name="Address")).to_contain_text("TAB SATU")
    shot(second, "two-tabs")
    # typing on, another section, Enter and "Save and continue" choose nothing
    second.get_by_label("RT", exact=True).fill("007")
    second.wait_for_timeout(2 * AUTOSAVE_MS)
    second.get_by_label("Address").press("Enter")
    second.get_by_role("button", name="Save and continue").locator("visible=true").first.click()
    second.locator("[data-goto=members]").click()
    second.get_by_label("Name (needed)").first.fill("SITI AMINAH")
    until(lambda: draft().sections.get("members"))
    expect(second.locator("[data-section-status=family]")).to_contain_text("Two versions")
    second.locator("[data-section-status=review] a").click()
    expect(box).to_be_visible()
    assert serious(second) == []
    # the first one saves on: that is what the second one is then asked about
    first.get_by_label("Address").fill("TAB SATU LAGI")
    until(lambda: draft().sections["family"]["address"] == "TAB SATU LAGI")
    second.reload()
    expect(second.get_by_label("Address")).to_have_value("TAB DUA")
    expect(second.get_by_label("RT", exact=True)).to_have_value("007")
    expect(box.get_by_role("row", name="Address")).to_contain_text("TAB SATU LAGI")
    assert draft().sections["family"]["address"] == "TAB SATU LAGI"
    second.get_by_role("button", name="Keep what is in the fields").click()
    until(lambda: draft().sections["family"]["address"] == "TAB DUA")
    assert draft().sections["family"]["rt"] == "007"
    expect(box).to_be_hidden()
    second.get_by_label("Address").fill("TAB DUA LAGI")
    until(lambda: draft().sections["family"]["address"] == "TAB DUA LAGI")
    watch.expected += ["409"]


@pytest.mark.long
def test_of_two_tabs_the_other_ones_text_can_be_taken(as_person, watch):
    first, second, box = in_two_tabs(as_person, watch)
    second.get_by_role("link", name="Take what was saved").click()
    expect(second.get_by_label("Address")).to_have_value("TAB SATU")
    expect(box).to_be_hidden()
    second.get_by_label("Address").fill("TAB SATU, RUMAH 2")
    until(lambda: draft().sections["family"]["address"] == "TAB SATU, RUMAH 2")
    until(lambda: second.evaluate("Object.keys(localStorage).length") == 0)  # the answer has come
    first.close()
    watch.expected += ["409"]


@pytest.mark.long
def test_a_tab_closed_before_anything_was_chosen_asks_again_when_opened(as_person, watch):
    first, second, _box = in_two_tabs(as_person, watch)
    address = second.url
    second.close()
    first.get_by_label("Address").fill("TAB SATU LAGI")  # saving this drops nothing of the other
    until(lambda: draft().sections["family"]["address"] == "TAB SATU LAGI")
    context: BrowserContext = first.context
    first.close()
    third = context.new_page()
    watch.over(third)
    third.goto(address)
    expect(third.get_by_label("Address")).to_have_value("TAB DUA")
    box = third.locator("[data-section-form=family] [data-conflict]")
    expect(box.get_by_role("row", name="Address")).to_contain_text("TAB SATU LAGI")
    watch.expected += ["409"]


@pytest.mark.long
def test_a_text_whose_answer_never_came_hides_no_other_tabs_text(as_person, watch):
    first, second, _box = in_two_tabs(as_person, watch)
    address = second.url
    second.close()

    def cut_after_saving(route: Any) -> None:
        route.fetch()
        route.abort()

    first.route("**/family/", cut_after_saving)
    first.get_by_label("Address").fill("TAB SATU LAGI")
    for _turn in range(100):
        first.wait_for_timeout(100)  # the route above is served while the page waits
        if draft().sections["family"]["address"] == "TAB SATU LAGI":
            break
    assert first.evaluate("Object.keys(localStorage).length") == 2
    third = first.context.new_page()
    first.close()
    watch.over(third)
    third.goto(address)
    expect(third.get_by_label("Address")).to_have_value("TAB DUA")
    until(lambda: third.evaluate("Object.keys(localStorage).length") == 1)
    watch.expected += ["409", "ERR_FAILED"]


@pytest.mark.long
def test_an_ended_session_keeps_the_text_and_sends_it_after_signing_in(as_person, person, watch):
    page = as_person("village_officer")
    begin(page)
    settled(page)  # an answer that comes late would bring the cookie again
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Address").fill("JL. DAHLIA 9")
    bar = page.locator("#device-bar")
    expect(bar).to_contain_text("You were signed out. Your input is kept on this device")
    expect(bar.get_by_role("link", name="Sign in")).to_have_attribute(
        "href", f"/accounts/login/?next=%2Fproposals%2Fdrafts%2F{draft().pk}%2Ffamily%2F"
    )
    page.context.add_cookies(cookies)  # signed in again
    page.reload()
    expect(page.get_by_label("Address")).to_have_value("JL. DAHLIA 9")
    until(lambda: draft().sections["family"].get("address") == "JL. DAHLIA 9")


@pytest.mark.long
def test_signing_out_removes_what_waited_on_the_device(as_person, watch):
    page = as_person("village_officer")
    begin(page)
    page.route("**/family/", lambda route: route.abort())
    page.get_by_label("Address").fill("RAHASIA")
    until(lambda: page.evaluate("Object.keys(localStorage).length") == 1)
    page.locator(".bar .right summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    until(lambda: page.evaluate("Object.keys(localStorage).length") == 0)
    watch.expected += ["ERR_FAILED"]


@pytest.mark.long
def test_the_devices_location_comes_with_its_accuracy(as_person, shot):
    page = as_person("village_officer", PHONE)
    latitude, longitude = (float(part) for part in HOUSE.split(", "))
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": latitude, "longitude": longitude, "accuracy": 61})
    begin(page)
    page.locator("[data-goto=house]").click()
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_label("Latitude, longitude")).to_have_value(HOUSE)
    expect(page.locator("#locate-said")).to_contain_text("± 61 m – wait a moment")
    expect(page.locator("#verdict")).to_contain_text("Inside")
    shot(page, "location")
    until(lambda: (draft().sections.get("house") or {}).get("accuracy_m") == "61")


@pytest.mark.long
def test_a_location_that_is_not_allowed_says_how_and_leaves_the_other_ways(as_person, shot):
    page = as_person("village_officer", PHONE)
    page.context.clear_permissions()
    begin(page)
    page.locator("[data-goto=house]").click()
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator("#locate-said")).to_contain_text("allow “Location”")
    page.get_by_label("Latitude, longitude").fill(HOUSE)
    expect(page.locator("#verdict")).to_contain_text("Inside")
    shot(page, "denied")


@pytest.mark.long
def test_the_cross_is_moved_and_placed_by_keyboard_alone(as_person, shot):
    page = as_person("village_officer")
    begin(page)
    page.locator("[data-goto=house]").click()
    chart = page.locator("#form-map")
    expect(chart).to_have_attribute("data-drawn", "4")
    chart.focus()
    for _step in range(12):
        page.keyboard.press("+")
    before = page.locator("#cross-at").text_content()
    for _step in range(5):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    value = page.get_by_label("Latitude, longitude")
    expect(value).not_to_have_value("")
    assert before is not None
    moved = float(value.input_value().split(",")[0]) - float(before.split(",")[0])
    assert 0.00003 <= moved <= 0.00006  # five steps of a metre
    expect(page.locator("#verdict")).to_contain_text("Inside")
    shot(page, "cross")


@pytest.mark.long
def test_a_point_outside_is_kept_and_asks_why(as_person, shot):
    page = as_person("village_officer")
    begin(page)
    page.locator("[data-goto=house]").click()
    page.get_by_label("Latitude, longitude").fill(NEXT_DOOR)
    expect(page.locator("#verdict")).to_contain_text("Beji")
    page.get_by_label("Reason").fill("Rumahnya di seberang batas")
    shot(page, "outside")
    said = "Rumahnya di seberang batas"
    until(lambda: (draft().sections.get("house") or {}).get("outside_reason") == said)
    assert draft().sections["house"]["point"] == NEXT_DOOR


@pytest.mark.scale
@pytest.mark.timed
def test_the_verdict_comes_within_a_second_on_a_slow_line(as_person, figure):
    page = as_person("village_officer", PHONE)
    begin(page)
    page.locator("[data-goto=house]").click()
    expect(page.locator("#form-map")).to_have_attribute("data-drawn", "4")
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 400,
            "downloadThroughput": 50_000,
            "uploadThroughput": 50_000,
        },
    )
    took = []
    for east in ("3", "4", "5"):
        field = page.get_by_label("Latitude, longitude")
        field.fill("")
        expect(page.locator("#verdict")).to_be_empty()
        page.evaluate(
            """() => {
                window.lookedAt = 0;
                const said = document.getElementById('verdict');
                new MutationObserver(() => {
                    if (said.textContent) window.lookedAt = performance.now();
                }).observe(said, { childList: true });
            }"""
        )
        field.fill(f"-7.7640{east}, 110.0040{east}")
        started = page.evaluate("performance.now()")
        field.press("Enter")
        expect(page.locator("#verdict")).not_to_be_empty()
        took.append(page.evaluate("window.lookedAt") - started)
    figure("form, point to verdict (median of three)", sorted(took)[1], "ms", "≤ 1,000")
    assert sorted(took)[1] <= within(1000)


@pytest.mark.long
def test_the_first_page_of_the_form_is_small(as_person):
    page = as_person("village_officer", PHONE)
    begin(page)
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(_compressed(answer)))
    page.reload()
    settled(page)
    assert len(sizes) <= FIRST_PAGE_REQUESTS
    assert sum(sizes) <= FIRST_PAGE_BYTES


@pytest.mark.long
def test_axe_finds_nothing_serious_in_the_form(as_person):
    page = as_person("village_officer")
    page.goto("/proposals/new/")
    assert serious(page) == []
    begin(page)
    for section in ("family", "members", "house"):
        page.locator(f"[data-goto={section}]").click()
        settled(page)
        assert serious(page) == [], section
        assert page.title().endswith(" – DTKS portal"), section
    fill_member_anyway(page)
    page.locator("[data-section-status=review] a").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    assert serious(page) == []


def fill_member_anyway(page: Page) -> None:
    page.locator("[data-goto=members]").click()
    fill_member(page)
    saved(page)


@pytest.mark.long
def test_what_is_typed_before_the_script_has_arrived_is_saved_and_grouped(as_person):
    page = as_person("village_officer")
    begin(page)
    arrives: list[Any] = []
    page.route("**/form.js*", lambda route: arrives.append(route))
    page.reload(wait_until="commit")
    field = page.get_by_label("Number of the family card")
    field.fill(KK)
    page.keyboard.press("Tab")
    until(lambda: page.evaluate("true") and bool(arrives))
    arrives[0].continue_()
    saved(page)
    expect(field).to_have_value(f"{KK[:6]} {KK[6:12]} {KK[12:]}")
    until(lambda: KK in str(draft().sections.get("family")))


@pytest.mark.long
def test_what_is_chosen_before_the_script_has_arrived_is_saved(as_person):
    page = as_person("village_officer")
    begin(page)
    arrives: list[Any] = []
    page.route("**/form.js*", lambda route: arrives.append(route))
    page.goto(page.url.replace("/family/", "/members/"), wait_until="commit")
    choice = page.locator("[data-card] select").first
    choice.select_option(index=2)
    until(lambda: page.evaluate("true") and bool(arrives))
    arrives[0].continue_()
    until(lambda: choice.input_value() in str(draft().sections.get("members")))


@pytest.mark.long
def test_the_form_is_filled_by_keyboard_alone(as_person):
    page = as_person("village_officer")
    begin(page)
    page.get_by_label("Number of the family card").focus()
    page.keyboard.type(KK)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # PKH
    expect(page.get_by_label("PKH")).to_be_checked()
    expect(page.get_by_label("Number of the family card")).to_have_value(
        f"{KK[:6]} {KK[6:12]} {KK[12:]}"
    )
    page.get_by_label("RW", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 Members")).to_be_focused()
    page.get_by_label("Name (needed)").focus()
    page.keyboard.type("SITI")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="3 House and point")).to_be_focused()
    until(lambda: (draft().sections.get("members") or [{}])[0].get("name") == "SITI")
