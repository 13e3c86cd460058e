"""Proposals in the admin: one filter for list, map and bulk; one proposal with its evidence."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import urlencode

from apps.audit.models import Action, Entry
from apps.demo.country import CODES
from apps.proposals.models import Finding, Proposal
from tests.conftest import as_role
from tests.maps.tiles import fetched, over, read
from tests.proposals import factory

pytestmark = pytest.mark.django_db

LIST = "admin:proposals_proposal_changelist"


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"), file_name="november.csv")


def page(row: Proposal, name: str = "change") -> str:
    return reverse(f"admin:proposals_proposal_{name}", args=[row.pk])


def entries(action: Action) -> list[Entry]:
    with as_role("owner"):
        return list(Entry.objects.filter(action=action).order_by("pk"))


# --- the list ---


def test_the_list_shows_masked_numbers_and_the_verdict_in_words(english, batch):
    row = factory.proposal(batch, verdict="neighbour", actual_village_id=CODES["B"], distance_m=412)
    shown = english("verifier").get(reverse(LIST)).content.decode()
    assert row.name in shown
    assert row.nik not in shown
    assert row.masked_nik in shown
    assert "Neighbouring village" in shown
    assert "412 m · Beji" in shown


def test_rows_of_other_regencies_are_absent_from_list_and_counts(english, batch):
    factory.proposal(batch, village="E", name="ORANG LAIN")
    shown = english("verifier").get(reverse(LIST)).content.decode()
    assert "ORANG LAIN" not in shown
    assert "<b>0</b> of <b>0</b>" in shown


def test_the_legend_counts_under_all_other_filters(english, batch):
    factory.proposals(batch, 3, verdict="inside", status="submitted")
    factory.proposals(batch, 2, first=10, verdict="elsewhere", status="submitted")
    factory.proposals(batch, 4, first=20, verdict="inside", status="verified")
    shown = english("verifier").get(reverse(LIST), {"status": "submitted", "verdict": "elsewhere"})
    legend = {entry.verdict.value: entry.count for entry in shown.context["legend"]}
    assert legend["inside"] == 3
    assert legend["elsewhere"] == 2
    assert shown.context["total"] == 2


def test_the_list_counts_as_many_points_as_the_map_draws(english, batch, tmp_path):
    factory.proposals(batch, 3, status="submitted")
    # a latitude beyond the pole, a kind of need that no shared map shows, and no point at all
    factory.proposals(batch, 1, first=10, verdict="unmapped", location=None, status="submitted")
    factory.proposals(batch, 1, first=20, ppks=[17], status="submitted")
    factory.proposals(batch, 1, first=30, verdict="no_point", location=None, status="submitted")
    verifier = english("verifier")
    for chosen, expected in (({}, 3), ({"verdict": "unmapped"}, 0), ({"verdict": "inside"}, 3)):
        shown = verifier.get(reverse(LIST), chosen)
        content = fetched(verifier, "proposals", over("A", 12), urlencode(chosen))
        drawn = read(content, over("A", 12), tmp_path).get("point", [])
        assert shown.context["with_point"] == len(drawn) == expected
        assert f"<b>{expected}</b> of <b>{shown.context['total']}</b>" in shown.content.decode()


def test_a_filter_that_does_not_exist_shows_nothing(english, batch):
    factory.proposal(batch)
    shown = english("verifier").get(reverse(LIST), {"status": "nonsense"})
    assert shown.context["total"] == 0
    assert "status: “nonsense” cannot be read" in shown.content.decode()


def test_pages_follow_each_other_and_come_back(english, batch):
    rows = factory.proposals(batch, 120)
    browser = english("verifier")
    first = browser.get(reverse(LIST)).context["page"]
    second = browser.get(f"{reverse(LIST)}?{first.after}").context["page"]
    third = browser.get(f"{reverse(LIST)}?{second.after}").context["page"]
    seen = [row.pk for page in (first, second, third) for row in page.rows]
    assert seen == [row.pk for row in rows]
    assert not third.after
    back = browser.get(f"{reverse(LIST)}?{third.before}").context["page"]
    assert [row.pk for row in back.rows] == [row.pk for row in second.rows]


def test_looking_at_the_list_is_on_record_with_its_rows(english, batch):
    row = factory.proposal(batch)
    english("verifier").get(reverse(LIST), {"status": "draft"})
    entry = entries(Action.READ)[-1]
    assert entry.details["proposals"] == [row.pk]
    assert entry.details["selection"] == {"status": "draft"}


def test_the_list_costs_the_same_for_fifty_rows_as_for_one(
    english, batch, django_assert_max_num_queries
):
    browser = english("verifier")
    factory.proposal(batch)
    with django_assert_max_num_queries(30) as one:
        browser.get(reverse(LIST))
    factory.proposals(batch, 60, first=10, verdict="elsewhere", actual_village_id=CODES["I"])
    with django_assert_max_num_queries(len(one)):
        browser.get(reverse(LIST))


def test_who_monitors_only_progress_has_no_list(english, batch):
    assert english("province_monitor").get(reverse(LIST)).status_code == 403


# --- the map ---


def test_outlines_name_the_villages_of_the_selection_and_their_edition(english, batch):
    factory.proposal(batch, village="A", verdict="elsewhere", actual_village_id=CODES["I"])
    answer = english("verifier").get(reverse("admin:proposals_proposal_outlines"))
    features = json.loads(answer.content)["features"]
    assert {feature["properties"]["name"] for feature in features} == {"Ampel", "Ilalang"}
    assert features[0]["properties"]["edition"] == "Toy 2026-01"
    assert features[0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}


# --- one proposal ---


@pytest.mark.parametrize(
    ("verdict", "more", "sentence"),
    [
        # the middle of a square whose sides are 1,102 m and 1,107 m long
        ("inside", {}, "The point lies in Ampel, 551 m from its nearest border."),
        (
            "neighbour",
            {"distance_m": 2412, "actual_village_id": CODES["B"]},
            "The point lies in Beji (97.01.01.2002), 2.4 km from the border of Ampel, in the same"
            " district.",
        ),
        (
            "elsewhere",
            {"distance_m": 900, "actual_village_id": CODES["I"]},
            "The point lies in Ilalang (98.01.01.2001), 900 m from the border of Ampel: another"
            " province.",
        ),
        (
            "elsewhere",
            {"distance_m": 900, "actual_village_id": CODES["C"]},
            "The point lies in Cemara (97.01.02.2001), 900 m from the border of Ampel: another"
            " district.",
        ),
        (
            "unmapped",
            {"distance_m": 860},
            "The point lies in no village, 860 m from the border of Ampel.",
        ),
        ("unmapped", {"location": None}, "The coordinates name no place on earth"),
        ("no_point", {"location": None}, "This proposal has no point; the list shows it, the map"),
    ],
)
def test_the_evidence_is_one_sentence(english, batch, verdict, more, sentence):
    row = factory.proposal(batch, verdict=verdict, **more)
    assert sentence in english("verifier").get(page(row)).content.decode()


def test_opening_a_proposal_is_on_record_before_it_is_shown(english, batch):
    row = factory.proposal(batch)
    assert english("verifier").get(page(row)).status_code == 200
    entry = entries(Action.READ)[-1]
    assert entry.subject == f"proposals.Proposal:{row.pk}"
    assert entry.region_code == CODES["A"]


def test_a_proposal_of_another_regency_is_as_missing_as_none(english, batch):
    row = factory.proposal(batch, village="E")
    browser = english("verifier")
    foreign, none = browser.get(page(row)), browser.get(page(row).replace(str(row.pk), "99999999"))
    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content


def test_a_finding_is_told_in_words(english, batch):
    row = factory.proposal(batch)
    with as_role("worker"):
        Finding.objects.create(
            batch=batch, row_number=row.row_number, code="name_titled", severity=1, field="name",
            params={"title": "H."},
        )  # fmt: skip
    shown = english("verifier").get(page(row))
    (finding,) = shown.context["findings"]
    assert escape(finding["message"].title) in shown.content.decode()


def test_the_family_is_beside_its_member(english, batch):
    first, second, third = factory.proposals(batch, 3, kk=factory.nik_of(900))
    shown = english("verifier").get(page(first)).content.decode()
    assert page(second) in shown
    assert page(third) in shown


def test_the_number_is_shown_once_against_a_reason(english, batch):
    row = factory.proposal(batch)
    browser = english("verifier")
    refused = browser.post(page(row, "reveal"), {"reason": ""})
    assert row.nik not in refused.content.decode()
    assert not entries(Action.REVEAL)
    reason = refused.context["reveal_form"].fields["reason"].choices[1][0]
    assert row.nik in browser.post(page(row, "reveal"), {"reason": reason}).content.decode()
    assert entries(Action.REVEAL)[-1].reason == reason
    assert row.nik not in browser.get(page(row)).content.decode()


def test_who_may_not_reveal_has_no_button_and_no_door(english, batch, person):
    row = factory.proposal(batch)
    browser = english("district_monitor")
    assert "Show the whole NIK" not in browser.get(page(row)).content.decode()
    answer = browser.post(page(row, "reveal"), {"reason": "other"})
    assert row.nik not in answer.content.decode()
    assert not entries(Action.REVEAL)


# --- deciding ---


def test_a_decision_opens_the_next_row_of_the_filter(english, batch):
    first, second = factory.proposals(batch, 2, status="submitted")
    answer = english("verifier").post(
        page(first, "decide") + "?status=submitted", {"step": "verify", "seen": "submitted"}
    )
    assert answer.status_code == 302
    assert answer["Location"] == f"{page(second)}?status=submitted&last={first.pk}"
    assert factory.status_of(first) == "verified"


def test_an_old_page_decides_nothing_and_says_who_was_faster(english, batch, person):
    row = factory.proposal(batch, status="submitted")
    one, other = english("verifier"), english("verifier", name="second-verifier")
    one.post(page(row, "decide"), {"step": "verify", "seen": "submitted"})
    answer = other.post(
        page(row, "decide"), {"step": "return", "seen": "submitted", "reason": "wrong_point",
                              "note": "titik salah"}, follow=True,
    )  # fmt: skip
    assert "Your decision was not saved" in answer.content.decode()
    assert factory.status_of(row) == "verified"


def test_a_return_without_words_is_refused_in_words(english, batch):
    row = factory.proposal(batch, status="submitted")
    answer = english("verifier").post(
        page(row, "decide"), {"step": "return", "seen": "submitted"}, follow=True
    )
    assert "The reason is missing" in answer.content.decode()
    assert factory.status_of(row) == "submitted"


def test_buttons_are_those_of_the_role(english, batch):
    row = factory.proposal(batch, status="submitted")
    verifier = english("verifier").get(page(row)).context["steps"]
    assert {step["code"] for step in verifier} == {"verify", "return", "reject"}
    assert english("head_of_office").get(page(row)).context["steps"] == []


def test_ones_last_step_can_be_undone_from_the_page(english, batch):
    row = factory.proposal(batch, status="submitted")
    browser = english("verifier")
    browser.post(page(row, "decide"), {"step": "verify", "seen": "submitted"})
    assert "Undo my last step" in browser.get(page(row)).content.decode()
    browser.post(page(row, "undo"))
    assert factory.status_of(row) == "submitted"


@pytest.mark.parametrize("name", ["decide", "undo"])
def test_acts_are_posted_and_never_followed_as_a_link(english, batch, name):
    row = factory.proposal(batch, status="submitted")
    assert english("verifier").get(page(row, name)).status_code == 405


def test_nothing_of_a_proposal_is_edited_here(english, batch):
    row = factory.proposal(batch, status="submitted")
    assert english("verifier").post(page(row), {"name": "X"}).status_code == 405
