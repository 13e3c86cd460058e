"""Verifying and endorsing on the officers' pages: one by one, undone, or all of a filter."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from apps.proposals.models import Decree
from apps.ui import paging
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db
LIST = "/proposals/review/"
NOTE = "Ambil ulang titik di rumah keluarga."


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def rows(officer):
    batch = factory.batch(officer, file_name="november.csv")
    return factory.proposals(batch, 3, status="submitted", step_by=officer)


def page(row, name="row"):
    return reverse(f"proposals:review_{name}", args=[row.pk])


def test_the_list_masks_numbers_and_names_the_queue_of_the_role(english, rows):
    shown = english("verifier").get(LIST)
    text = shown.content.decode()
    assert rows[0].name in text
    assert rows[0].nik not in text
    assert [queue["label"] for queue in shown.context["queues"]] == ["Waiting for me", "All"]
    assert shown.context["queues"][0]["query"] == "status=submitted"


def test_who_only_watches_has_no_queue_and_no_buttons(english, rows):
    browser = english("district_monitor")
    assert browser.get(LIST).context["queues"] == []
    shown = browser.get(page(rows[0]))
    assert shown.context["steps"] == []
    assert browser.post(page(rows[0], "decide"), {"step": "verify"}).status_code == 403


def test_the_map_is_beside_the_list_and_a_tab_of_a_phone(english, rows):
    browser = english("verifier")
    shown = browser.get(f"{LIST}?status=submitted&view=map").content.decode()
    assert "map-frame" in shown
    assert "shows-map" in shown
    beside = browser.get(LIST).content.decode()
    assert "map-frame" in beside
    assert "shows-map" not in beside


def test_after_a_decision_the_next_row_opens_with_a_way_back(english, rows):
    browser = english("verifier")
    answer = browser.post(
        f"{page(rows[0], 'decide')}?status=submitted", {"step": "verify", "seen": "submitted"}
    )
    assert answer["Location"] == f"{page(rows[1])}?status=submitted&last={rows[0].pk}"
    following = browser.get(answer["Location"])
    assert following.context["last"] == rows[0]
    assert "Undo my step on" in following.content.decode()
    undone = browser.post(f"{page(rows[0], 'undo')}?status=submitted")
    assert undone["Location"] == f"{page(rows[0])}?status=submitted"
    assert factory.status_of(rows[0]) == "submitted"


def test_the_page_of_a_row_leads_back_to_its_place_in_the_list(english, rows, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 1)
    browser = english("verifier")
    second = browser.get(f"{LIST}?status=submitted&sort=name").context["page"].after
    assert "p=2" in second
    shown = browser.get(f"{LIST}?{second}")
    link = re.search(rf'href="({page(rows[1])}[^"]*)"', shown.content.decode())[1]
    opened = browser.get(html.unescape(link))
    back = opened.context["back"]["address"]
    assert html.escape(back) in opened.content.decode()
    assert parse_qs(back.partition("?")[2]) == parse_qs(second)
    under = html.unescape(link).partition("?")[2]
    given = {"step": "verify", "seen": "submitted"}
    answer = browser.post(f"{page(rows[1], 'decide')}?{under}", given)
    following = browser.get(answer["Location"]).context["back"]["address"]
    assert parse_qs(following.partition("?")[2]) == parse_qs(second)


def test_a_step_on_a_family_is_undone_for_all_of_it(english, officer, rows):
    family = factory.proposals(
        rows[0].batch, 3, first=20, kk=factory.nik_of(500), status="submitted", step_by=officer
    )
    browser = english("verifier")
    given = {"step": "verify", "seen": "submitted", "whole_family": "on"}
    fragment = {"HTTP_HX_REQUEST": "true"}
    answer = browser.post(page(family[0], "decide"), given, **fragment).content.decode()
    assert "Undo my step on 3 of the family" in answer
    assert all(str(row.pk) in re.search(r'data-also="([^"]*)"', answer)[1] for row in family)
    assert "Undo my step on 3 of the family" in browser.get(page(family[1])).content.decode()
    undone = browser.post(page(family[1], "undo"), **fragment).content.decode()
    assert "3 proposals undone." in undone
    assert {factory.status_of(row) for row in family} == {"submitted"}
    # a row of a step on many families is undone alone
    preview = browser.get(f"{LIST}bulk/?step=verify").context["preview"]
    sent = {"step": "verify", "expected": preview.total, "seen": preview.seen}
    browser.post(f"{LIST}bulk/", sent)
    assert "Undo my last step" in browser.get(page(family[0])).content.decode()
    browser.post(page(family[0], "undo"))
    assert [factory.status_of(row) for row in family] == ["submitted", "verified", "verified"]


def test_a_reason_of_a_thousand_characters_with_line_breaks_is_taken(english, rows):
    browser = english("verifier")
    note = "\r\n".join(["x" * 99] * 10)
    given = {"step": "return", "seen": "submitted", "reason": "wrong_point"}
    browser.post(page(rows[0], "decide"), given | {"note": note})
    assert factory.status_of(rows[0]) == "returned"
    refused = browser.post(page(rows[1], "decide"), given | {"note": note + "yy"})
    text = refused.content.decode()
    assert "The reason has more than 1,000 characters" in text
    assert 'href="#note-return"' in text
    assert "x" * 99 in text
    assert '<option value="wrong_point" selected>' in text


def test_the_last_of_a_filter_says_that_nothing_is_left(english, rows):
    browser = english("verifier")
    for row in rows:
        answer = browser.post(
            f"{page(row, 'decide')}?status=submitted",
            {"step": "verify", "seen": "submitted"},
            follow=True,
        )
    assert "Nothing else under this filter" in answer.content.decode()


def test_rows_of_ones_own_last_step_are_not_offered_next(english, rows, person):
    verifier = person("verifier")
    factory.proposal(rows[0].batch, first=50, status="submitted", step_by=verifier)
    browser = english("verifier")
    for row in rows:
        answer = browser.post(
            f"{page(row, 'decide')}?status=submitted", {"step": "verify", "seen": "submitted"}
        )
    assert answer["Location"].startswith(page(rows[2]))


def test_a_return_without_words_comes_back_with_the_reason_still_chosen(english, rows):
    shown = english("verifier").post(
        page(rows[0], "decide"),
        {"step": "return", "seen": "submitted", "reason": "wrong_point", "note": ""},
    )
    text = shown.content.decode()
    assert "<title>There is a problem: " in text.replace("\n", "")
    assert 'href="#reason-return"' in text
    assert '<option value="wrong_point" selected>' in text
    assert factory.status_of(rows[0]) == "submitted"


def test_a_return_with_reason_and_words_is_made(english, rows):
    english("verifier").post(
        page(rows[0], "decide"),
        {"step": "return", "seen": "submitted", "reason": "wrong_point", "note": NOTE},
    )
    assert factory.status_of(rows[0]) == "returned"


def test_who_was_slower_is_told_who_decided_and_keeps_the_page(english, rows, person):
    browser = english("verifier")
    decide = {"step": "verify", "seen": "submitted"}
    browser.post(page(rows[0], "decide"), decide)
    shown = browser.post(page(rows[0], "decide"), decide)
    assert person("verifier").full_name in shown.context["wrong"]["text"]
    assert factory.status_of(rows[0]) == "verified"


def test_the_head_of_office_endorses_what_the_verifier_verified(english, rows):
    decide = f"{page(rows[0], 'decide')}?status=submitted"
    english("verifier").post(decide, {"step": "verify", "seen": "submitted"})
    head = english("head_of_office")
    assert head.get(LIST).context["queues"][0]["query"] == "status=verified"
    head.post(page(rows[0], "decide"), {"step": "endorse", "seen": "verified"})
    assert factory.status_of(rows[0]) == "endorsed"


def test_everything_of_a_filter_is_decided_after_its_number_was_shown(english, rows):
    browser = english("verifier")
    address = f"{LIST}bulk/?step=verify&status=submitted"
    shown = browser.get(address)
    assert shown.context["preview"].decidable == 3
    form = shown.context.get("form_values", {"step": "verify", "expected": 3})
    hidden = _hidden(shown.content.decode())
    answer = browser.post(address, form | hidden, follow=True)
    assert "3 proposals decided." in answer.content.decode()
    assert answer.redirect_chain[0][0].startswith(LIST)


def test_a_doubtful_row_in_a_bulk_return_asks_for_the_number(english, rows):
    factory.proposal(rows[0].batch, first=60, status="submitted", verdict="elsewhere")
    browser = english("verifier")
    address = f"{LIST}bulk/?step=return&status=submitted"
    shown = browser.get(address)
    assert shown.context["must_type"]
    form = _hidden(shown.content.decode()) | {"reason": "wrong_point", "note": NOTE}
    wrong = browser.post(address, form | {"typed": "3"})
    assert "Type the number 4" in wrong.content.decode()
    browser.post(address, form | {"typed": "4"})
    assert {factory.status_of(row) for row in rows} == {"returned"}


def test_a_refused_bulk_step_keeps_what_was_typed(english, rows):
    browser = english("verifier")
    address = f"{LIST}bulk/?step=return&status=submitted"
    form = _hidden(browser.get(address).content.decode()) | {"reason": "wrong_point"}
    for sent, said in (
        (form | {"note": NOTE, "expected": "2"}, "2"),
        (form | {"note": "z" * 1_001}, "The reason has more than 1,000 characters"),
    ):
        text = browser.post(address, sent).content.decode()
        assert sent["note"] in text
        assert '<option value="wrong_point" selected>' in text
        assert "There is a problem" in text
        assert said in text
    assert {factory.status_of(row) for row in rows} == {"submitted"}


def test_the_ways_back_from_a_bulk_step_have_the_filter_without_the_ticks(english, rows, person):
    factory.proposal(rows[0].batch, first=70, status="submitted", step_by=person("verifier"))
    browser = english("verifier")
    ticked = ",".join(str(row.pk) for row in rows[:2])
    query = f"status=submitted&sort=name&columns=nik&rows={ticked}"
    kept = {"status": ["submitted"], "sort": ["name"], "columns": ["nik"]}

    def asked(address):
        return parse_qs(address.partition("?")[2])

    shown = browser.get(f"{LIST}bulk/?step=verify&{query}")
    assert asked(shown.context["back"]["address"]) == kept
    sent = _hidden(shown.content.decode())
    answer = browser.post(f"{LIST}bulk/?{query}", sent)
    assert asked(answer["Location"]) == kept
    assert [row.pk for row in browser.get(answer["Location"]).context["page"].rows] != []
    # with rows that were left out
    sent = _hidden(
        browser.get(f"{LIST}bulk/?step=verify&status=submitted&sort=name").content.decode()
    )
    answer = browser.post(f"{LIST}bulk/?status=submitted&sort=name", sent)
    left = browser.get(answer["Location"])
    assert asked(left.context["back"]["address"]) == {"status": ["submitted"], "sort": ["name"]}


def test_rows_of_another_regency_are_not_there(english, rows):
    browser = english("verifier", "97.02")
    assert browser.get(LIST).context["total"] == 0
    assert browser.get(page(rows[0])).status_code == 404
    answer = browser.post(page(rows[0], "decide"), {"step": "verify", "seen": "submitted"})
    assert answer.status_code == 404


def test_a_list_and_a_row_cost_the_same_however_many_rows_there_are(
    english, officer, django_assert_max_num_queries
):
    batch = factory.batch(officer)
    many = factory.proposals(batch, 120, status="submitted")
    browser = english("verifier")
    with django_assert_max_num_queries(25):
        shown = browser.get(f"{LIST}?status=submitted")
    assert len(shown.context["page"].rows) == 50
    with django_assert_max_num_queries(34):
        browser.get(f"{page(many[0])}?status=submitted")


def _hidden(text: str) -> dict[str, str]:
    """The hidden fields of the bulk form."""
    inputs = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", text)
    pairs = [
        (re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs
    ]
    return {name[1]: value[1] for name, value in pairs if name and value and name[1] != "next"}


def test_a_row_whose_decree_lies_out_of_sight_is_still_shown(english, officer, person):
    """A regency's decree is not a village officer's to see; what became of the row is."""
    with as_role("owner"):
        batch = factory.batch(officer, file_name="november.csv")
        decree = Decree.objects.create(
            number="9/2026",
            date=NOW.date(),
            status=Decree.Status.IN_FORCE,
            region_id=batch.region_id,
            user=officer,
            created_at=NOW,
        )
        row = factory.proposals(batch, 1, status="determined", step_by=officer, decree=decree)[0]
    shown = english("village_officer", row.village_id).get(page(row))
    assert shown.status_code == 200
    assert "9/2026" not in shown.content.decode()
    assert "9/2026" in english("verifier").get(page(row)).content.decode()
