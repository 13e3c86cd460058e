"""Drafts of the form: saved by section, seen by one person, never overwritten unseen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.models import Grant
from apps.jobs.models import Job
from apps.proposals.entry import drafts, remarks
from apps.proposals.models import FormDraft
from tests.conftest import as_role
from tests.personas import FOREIGN, OWN, SIBLING
from tests.proposals.forms import (
    draft_of,
    family,
    house,
    member,
    members,
    now_is,
    save,
    typed,
    work_off,
)
from tests.proposals.sending import A, B

pytestmark = pytest.mark.django_db
NEW = "/proposals/new/"


@pytest.fixture
def officer(person):
    return person("village_officer")


@pytest.fixture
def browser(officer) -> Browser:
    browser = Browser()
    browser.force_login(officer)
    return browser


@pytest.fixture
def draft(officer) -> FormDraft:
    return draft_of(officer)


def address(draft: FormDraft, section: str = "family") -> str:
    return f"/proposals/drafts/{draft.pk}/{section}/"


def test_a_family_is_begun_and_its_village_is_known_where_there_is_one_only(browser, officer):
    answer = browser.post(NEW)
    with as_role("owner"):
        draft = FormDraft.objects.get(user=officer)
    assert answer.headers["Location"] == address(draft)
    page = browser.get(address(draft)).content.decode()
    assert "Ampel" in page
    assert draft.sections["family"]["village_code"] == A


def test_a_half_typed_section_is_there_again_in_another_browser(browser, draft, officer):
    answer = save(browser, draft, "family", {"region": A, "kk": "9701", "address": "JL. MEL"})
    assert answer.json()["version"] == 1
    later = Browser()
    later.force_login(officer)
    page = later.get(address(draft)).content.decode()
    assert 'value="9701"' in page
    assert "JL. MEL" in page


def test_numbers_are_kept_without_the_spaces_of_the_card(browser, draft):
    save(browser, draft, "family", family(kk="970101 010120 9001"))
    assert now_is(draft).sections["family"]["kk"] == "9701010101209001"


def test_a_plain_form_saves_and_goes_on_without_a_script(browser, draft):
    answer = save(browser, draft, "family", family(), page=True, next="1")
    assert answer.headers["Location"] == address(draft, "members")
    assert now_is(draft).done == ["family"]


def test_cards_are_added_and_removed_without_a_script(browser, draft):
    two = members(member(), member(9002, 1, name="BUDI"))
    save(browser, draft, "members", two, page=True, add="1")
    assert [one["name"] for one in now_is(draft).sections["members"]] == ["SITI AMINAH", "BUDI", ""]
    three = members(member(), member(9002, 1, name="BUDI"), {})
    save(browser, draft, "members", three, page=True, remove="0")
    assert [one["name"] for one in now_is(draft).sections["members"]] == ["BUDI", ""]


def test_a_save_over_an_unseen_version_is_told_and_overwrites_nothing(browser, draft):
    save(browser, draft, "family", family(address="TAB SATU"))
    answer = save(browser, draft, "family", family(address="TAB DUA"), version=0)
    assert answer.status_code == 409
    told = answer.json()
    (line,) = told["lines"]
    assert (line["place"], line["own"], line["stored"]) == ("family.address", "TAB DUA", "TAB SATU")
    assert told["version"] == 1
    assert now_is(draft).sections["family"]["address"] == "TAB SATU"
    # having seen it, one's own text goes over it
    save(browser, draft, "family", family(address="TAB DUA"), version=told["version"])
    assert now_is(draft).sections["family"]["address"] == "TAB DUA"


def test_a_page_without_a_script_shows_both_texts_of_a_difference(browser, draft):
    save(browser, draft, "members", members(member(name="TAB SATU")))
    answer = save(
        browser, draft, "members", members(member(name="TAB DUA")), version=0, page=True, next="1"
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="TAB DUA"' in page
    assert "<b>TAB SATU</b>" in page
    # "save" once more is no choice
    save(browser, draft, "members", members(member(name="TAB DUA")), version=0, page=True, next="1")
    assert now_is(draft).sections["members"][0]["name"] == "TAB SATU"
    mine = re.search(r'name="mine"\s+value="(\d+)"', page)
    assert mine
    chosen = members(member(name="TAB DUA")) | {"mine": mine[1]}
    assert save(browser, draft, "members", chosen, version=0, page=True).status_code == 302
    assert now_is(draft).sections["members"][0]["name"] == "TAB DUA"


def test_a_member_that_only_the_other_tab_has_is_told(browser, draft):
    save(browser, draft, "members", members(member(), member(9002, 1, name="BUDI")))
    told = save(browser, draft, "members", members(member()), version=0).json()
    assert ("members.1.name", "BUDI") in [(one["place"], one["stored"]) for one in told["lines"]]


def test_the_same_text_twice_is_no_difference(browser, draft):
    save(browser, draft, "family", family())
    assert save(browser, draft, "family", family(), version=0).status_code == 200
    assert now_is(draft).versions["family"] == 1


def test_two_sections_saved_in_two_tabs_do_not_meet(browser, draft):
    save(browser, draft, "family", family())
    assert save(browser, draft, "house", house(), version=0).status_code == 200


def test_nothing_is_kept_but_what_the_form_asks(browser, draft, officer):
    before = now_is(draft)
    sent = family() | {"user": "1", "batch": "1", "submitted_at": "2020-01-01", "done": "house"}
    save(browser, draft, "family", sent | {"verdict": "inside", "sections": '{"a": 1}'})
    after = now_is(draft)
    assert (after.user_id, after.batch_id, after.submitted_at) == (before.user_id, None, None)
    assert set(after.sections["family"]) == {
        *("kk", "programme", "address", "rt", "rw", "village_code"),
    }
    assert after.done == []


def test_only_offered_choices_and_own_villages_are_kept(browser, draft):
    save(browser, draft, "family", family(region=B, programme=["PKH", "EMAS"]))
    kept = now_is(draft).sections["family"]
    assert (kept["village_code"], kept["programme"]) == ("", ["PKH"])


def test_a_village_is_found_by_its_code_where_there_are_several(person, signed_in):
    browser, draft = signed_in("regency_officer"), draft_of(person("regency_officer"))
    assert draft.sections["family"]["village_code"] == ""
    save(browser, draft, "family", family(region="", region_text=B), page=True)
    assert now_is(draft).sections["family"]["village_code"] == B
    found = browser.get("/places/", {"for": "family", "region_text": "97.01"}).content.decode()
    assert f'value="{B}"' in found
    assert 'value="97.01.01"' not in found


def test_long_texts_and_many_cards_end_somewhere(browser, draft):
    many = {"member": [str(i) for i in range(60)]} | {f"{i}-name": "N" * 5000 for i in range(60)}
    save(browser, draft, "members", many)
    kept = now_is(draft).sections["members"]
    assert len(kept) == 30
    assert len(kept[0]["name"]) == 200


def test_the_list_says_how_old_a_draft_is_and_deletes_it(browser, draft):
    typed(browser, draft)
    page = browser.get(NEW).content.decode()
    assert "SITI AMINAH" in page
    browser.post(f"/proposals/drafts/{draft.pk}/delete/")
    with as_role("owner"):
        assert not FormDraft.objects.filter(pk=draft.pk).exists()


def test_the_list_asks_no_more_for_more_drafts(browser, draft, officer):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(NEW).status_code == 200
        return len(asked)

    typed(browser, draft)
    few = questions()
    for _turn in range(4):
        typed(browser, draft_of(officer))
    assert questions() <= few


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("get", "family/"),
        ("get", "review/"),
        ("post", "family/"),
        ("post", "point/"),
        ("get", "outlines.json"),
        ("get", "remarks.json"),
        ("post", "submit/"),
        ("post", "delete/"),
    ],
)
@pytest.mark.parametrize("stranger", ["colleague", SIBLING, FOREIGN, "national"])
@pytest.mark.long
def test_nobody_else_has_a_draft_like_that(method, rest, stranger, draft, person):
    if stranger == "colleague":
        other = person("village_officer", name="rekan")
    elif stranger == "national":
        other = person("administrator")
    else:
        other = person("regency_officer", stranger)
    browser = Browser()
    browser.force_login(other)
    answer = getattr(browser, method)(f"/proposals/drafts/{draft.pk}/{rest}")
    missing = getattr(browser, method)(f"/proposals/drafts/99999999/{rest}")
    assert answer.status_code == 404
    assert answer.content == missing.content
    assert now_is(draft).sections == draft.sections


def test_the_database_shows_a_draft_to_its_own_person_alone(draft, officer, person):
    colleague = person("regency_officer")
    for user, seen in ((officer, 1), (colleague, 0)):
        with transaction.atomic():
            open_gate(user)
            assert FormDraft.objects.count() == seen
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.actor', '', false)")
    assert FormDraft.objects.count() == 0


def test_who_no_longer_works_there_has_no_drafts_there(browser, draft, officer):
    with as_role("owner"):
        Grant.objects.filter(user=officer).update(active_until=draft.created_at)
    assert browser.get(address(draft)).status_code == 403


@pytest.mark.parametrize("role", ["verifier", "planner", "district_monitor"])
def test_who_proposes_nobody_has_no_form(role, signed_in):
    assert signed_in(role).get(NEW).status_code == 403


def test_after_the_session_ended_nothing_is_saved_and_nothing_is_lost(browser, draft):
    save(browser, draft, "family", family(address="SEBELUM"))
    session = browser.session
    session["seen"] = session.get("seen", 0) - settings.IDLE_SESSION_S - 60
    session.save()
    answer = save(browser, draft, "family", family(address="SESUDAH"))
    assert answer.status_code == 302  # the script does not follow: it keeps the text on the device
    assert now_is(draft).sections["family"]["address"] == "SEBELUM"


def test_one_look_of_the_worker_is_asked_at_a_time(browser, draft):
    for address_ in ("A", "B", "C"):
        save(browser, draft, "family", family(address=address_))
    with as_role("worker"):
        assert Job.objects.filter(kind=remarks.CHECK_DRAFT).count() == 1


def test_a_hundred_begun_families_are_enough(browser, officer):
    draft = draft_of(officer)
    with as_role("owner"):
        FormDraft.objects.bulk_create(
            FormDraft(
                user=officer,
                region_id=A,
                created_at=draft.created_at + timedelta(seconds=i),
                updated_at=draft.updated_at,
            )
            for i in range(99)
        )
    assert browser.post(NEW).headers["Location"] == NEW
    assert OWN in A


# --- old drafts -----------------------------------------------------------------------------------


def aged(draft, days):
    with as_role("owner"):
        FormDraft.objects.filter(pk=draft.pk).update(updated_at=timezone.now() - timedelta(days))


@pytest.mark.parametrize(("days", "goes"), [(89, False), (91, True)])
def test_a_draft_goes_when_nobody_has_saved_it_for_ninety_days(draft, days, goes):
    aged(draft, days)
    with as_role("worker"):
        assert drafts.sweep(now=timezone.now()) == int(goes)
        assert drafts.sweep(now=timezone.now()) == 0
        assert FormDraft.objects.filter(pk=draft.pk).exists() is not goes


def test_what_was_submitted_is_not_swept(draft):
    aged(draft, 100)
    with as_role("owner"):
        FormDraft.objects.filter(pk=draft.pk).update(submitted_at=timezone.now())
    with as_role("worker"):
        assert drafts.sweep(now=timezone.now()) == 0


def test_the_page_says_so_beforehand_and_saving_keeps_the_draft(browser, draft):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    typed(browser, draft)
    assert "This draft is deleted on" not in browser.get(NEW).content.decode()
    aged(draft, 80)
    page = browser.get(NEW).content.decode()
    assert "not saved again within 90 days is deleted" in page
    assert "This draft is deleted on" in page
    typed(browser, draft)  # the very same text
    assert "This draft is deleted on" not in browser.get(NEW).content.decode()


def test_the_dashboard_counts_the_drafts_and_leads_to_exactly_those(browser, officer):
    for _turn in range(2):
        draft_of(officer)
    home = browser.get("/").content.decode()
    line = re.search(rf'<a href="{NEW}"><span>.*?<span class="count">(\d+)</span>', home, re.S)
    assert line
    assert int(line[1]) == len(browser.get(NEW).context["drafts"]) == 2


@pytest.fixture
def english(browser):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def section_status(browser, draft, section):
    """What the contents say of a section after a save, by the script's answer and by the page."""
    page = browser.get(f"/proposals/drafts/{draft.pk}/{section}/").content.decode()
    item = page.split(f'data-section-status="{section}"')[1].split("</li>")[0]
    return re.sub(r"<[^>]*>", "", item.split("data-words")[1]).lstrip("> ").strip()


def told(answer, section):
    return answer.json()["section_statuses"][section]["words"]


def test_the_standing_of_a_section_is_true_as_soon_as_it_is_saved(english, draft):
    assert section_status(english, draft, "family") == "Empty"
    answer = save(english, draft, "family", family(kk="970101120120"))
    assert told(answer, "family") == section_status(english, draft, "family") == "1 to fix"
    answer = save(english, draft, "family", family(kk="970101120120", programme=[]))
    assert told(answer, "family") == "1 to fix"
    answer = save(english, draft, "family", family(programme=[]))
    assert told(answer, "family") == section_status(english, draft, "family") == "1 answer missing"
    answer = save(english, draft, "family", family())
    assert told(answer, "family") == "Filled in, being checked"
    work_off(draft)
    assert section_status(english, draft, "family") == "Filled in"


def test_complete_members_are_complete_whether_or_not_their_section_was_left(english, draft):
    save(english, draft, "family", family())
    answer = save(english, draft, "members", members(member(birth_date="31-02-1988")))
    assert told(answer, "members") == "1 to fix"
    answer = save(english, draft, "members", members(member(nik="")))
    assert told(answer, "members") == "1 answer missing"
    answer = save(english, draft, "members", members(member()))
    assert told(answer, "members") == "Filled in, being checked"
    work_off(draft)
    assert section_status(english, draft, "members") == "Filled in"


def test_what_was_said_of_an_older_text_is_not_said_of_the_mended_one(english, draft):
    save(english, draft, "family", family(kk="970101120120"), next="1")
    save(english, draft, "members", members(member(birth_date="10-05-1977")))
    work_off(draft)
    assert section_status(english, draft, "members") == "1 to fix"
    answer = save(english, draft, "members", members(member()))
    assert told(answer, "members") == "Filled in, being checked"
    # the other section has not changed: what the checks said of it holds
    assert told(answer, "family") == section_status(english, draft, "family") == "1 to fix"
    work_off(draft)
    assert section_status(english, draft, "members") == "Filled in"
