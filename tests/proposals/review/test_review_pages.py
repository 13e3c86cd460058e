"""Verifying and endorsing on the officers' pages: one by one, undone, or all of a filter."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from apps.proposals.models import Decree
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


@pytest.fixture
def english(signed_in):
    def browser(*args):
        browser = signed_in(*args)
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return browser

    return browser


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
