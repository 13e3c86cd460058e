"""Returned proposals: the reviewer's words, values mended and checked, back into review."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from apps.accounts.access import Scope
from apps.audit.models import Entry
from apps.demo.country import CODES, at
from apps.jobs.models import Job
from apps.proposals.models import Amendment, Decision, Finding, Proposal
from apps.proposals.review import decisions
from apps.proposals.review.decisions import Step
from apps.proposals.review.searching import Search
from apps.proposals.submitting import submission
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.proposals import factory, sending

pytestmark = pytest.mark.django_db
NOTE = "Titik berada di balai desa, bukan di rumah keluarga."
LIST = "/proposals/returned/"


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture(scope="module")
def sent_back(lasting):
    """A real row, uploaded, checked, submitted and sent back by the verifier."""
    with lasting():
        officer, verifier = persona("regency_officer"), persona("verifier")
        batch = sending.send([sending.row(9001), sending.row(9002)], officer)
        submission.submit(batch=batch, by=officer, now=NOW)
        row = Proposal.objects.order_by("row_number").first()
        decisions.decide(
            proposal=row, step=Step.RETURN, by=verifier, now=NOW, reason="wrong_point", note=NOTE
        )
        return row.pk


@pytest.fixture
def returned(sent_back, officer, gate):
    gate(officer)
    return Proposal.objects.get(pk=sent_back)


@pytest.fixture
def browser(signed_in, officer):
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def page(row: Proposal) -> str:
    return reverse("proposals:returned_row", args=[row.pk])


def typed(browser, row, **changes):
    """The form as the page offers it, with changes, sent; then the worker's turn."""
    shown = browser.get(page(row))
    form = {
        cell.name: cell.value for section in shown.context["sections"] for cell in section.cells
    }
    answer = browser.post(page(row), form | changes)
    for job in Job.objects.filter(kind="proposals.amend", status="waiting"):
        with as_role("worker"):
            do(job)
    return answer


def by_name(part: str) -> list[int]:
    """The rows that a search of the country by a part of a name finds for who asks."""
    found = Search(part).apply(Proposal.objects.all(), Scope(("",)))
    return list(found.values_list("pk", flat=True))


def test_a_row_is_found_by_the_name_that_was_mended_and_no_longer_by_the_old(browser, returned):
    others = set(by_name("siti")) - {returned.pk}
    assert by_name("lestari") == []
    typed(browser, returned, name="DEWI LESTARI")
    assert now_of(returned).name == "DEWI LESTARI"
    assert by_name("lestari") == [returned.pk]
    assert set(by_name("siti")) == others


def now_of(row: Proposal) -> Proposal:
    with as_role("owner"):
        return Proposal.objects.get(pk=row.pk)


def test_the_queue_shows_the_reviewers_reason_word_for_word(browser, returned):
    shown = browser.get(LIST)
    assert NOTE in shown.content.decode()
    assert returned.nik not in shown.content.decode()
    assert shown.context["total"] == 1


def test_the_reason_is_beside_the_field_that_it_is_about(browser, returned):
    cells = {
        cell.name: cell
        for section in browser.get(page(returned)).context["sections"]
        for cell in section.cells
    }
    assert cells["point"].remark == NOTE
    assert cells["name"].remark == ""


def opened(browser, row):
    return {one.code for one in browser.get(page(row)).context["sections"] if one.is_open}


@pytest.mark.parametrize(
    ("reason", "sections"),
    [
        ("wrong_point", {"house"}),
        ("wrong_data", {"person"}),
        ("missing_evidence", set()),
        ("other", {"person", "house", "condition"}),
    ],
)
def test_only_the_sections_complained_of_are_open(browser, returned, reason, sections):
    with as_role("owner"):
        Decision.objects.filter(proposal=returned, to_status="returned").update(reason=reason)
    assert opened(browser, returned) == sections
    has_link = (
        reverse("proposals:row-evidence", args=[returned.pk])
        in browser.get(page(returned)).content.decode()
    )
    assert has_link == (reason == "missing_evidence")


def test_a_finding_opens_its_section_too(browser, returned):
    with as_role("owner"):
        Finding.objects.create(
            batch_id=returned.batch_id,
            row_number=returned.row_number,
            severity=2,
            code="ppks_unknown",
            field="ppks",
            params={},
        )
    assert opened(browser, returned) == {"house", "condition"}


def test_a_returned_point_is_mended_with_the_forms_own_field(browser, returned):
    shown = browser.get(page(returned)).content.decode()
    assert 'id="house-point"' in shown
    assert "Use my location" in shown
    spot = returned.location
    assert f'value="{spot.y:.5f}, {spot.x:.5f}"' in shown
    address = reverse("proposals:returned_point", args=[returned.pk])
    east, north = at("B", 0.41123, 0.52123)
    told = browser.post(address, {"point": f"{north}, {east}"}).json()
    assert told["verdict"] == "neighbour"
    assert "Beji" in told["sentence"]
    outlines = reverse("proposals:returned_outlines", args=[returned.pk])
    assert len(browser.get(outlines).json()["features"]) == 4


def test_a_point_typed_in_the_field_is_stored_and_one_left_alone_keeps_every_digit(
    browser, returned
):
    before = returned.location
    typed(browser, returned, address="JL. KENANGA 7")
    assert now_of(returned).location == before
    with as_role("owner"):
        Proposal.objects.filter(pk=returned.pk).update(status="returned")
    east, north = at("B", 0.41123, 0.52123)
    typed(browser, returned, point=f"{north:.5f} {east:.5f}")
    assert (now_of(returned).verdict, round(now_of(returned).location.y, 5)) == (
        "neighbour",
        round(north, 5),
    )


def test_a_point_that_is_not_understood_is_told_at_the_field(browser, returned):
    typed(browser, returned, point="rumah biru")
    assert now_of(returned).status == "returned"
    shown = browser.get(page(returned))
    assert list(shown.context["errors"]) == ["point"]
    assert 'value="rumah biru"' in shown.content.decode()
    assert opened(browser, returned) == {"house"}


@pytest.mark.long
def test_the_villages_officer_mends_a_row_of_the_regencys_file(signed_in, returned):
    village = signed_in("village_officer")
    assert village.get(LIST).context["total"] == 1
    assert village.get(page(returned)).status_code == 200
    typed(village, returned, address="JL. KENANGA 7")
    assert (now_of(returned).status, now_of(returned).address) == ("submitted", "JL. KENANGA 7")


def test_whole_numbers_are_not_on_the_page_and_stay_as_they_are(browser, returned):
    assert returned.nik not in browser.get(page(returned)).content.decode()
    typed(browser, returned, address="JL. KENANGA 7")
    assert now_of(returned).nik == returned.nik


def test_a_mended_row_is_checked_again_and_goes_back_into_review(browser, returned, officer):
    east, north = at("B", 0.41123, 0.52123)
    answer = typed(
        browser, returned, address="JL. KENANGA 7", longitude=f"{east:.6f}", latitude=f"{north:.6f}"
    )
    assert answer.status_code == 302
    row = now_of(returned)
    assert (row.status, row.address) == ("submitted", "JL. KENANGA 7")
    assert (row.verdict, row.actual_village_id) == ("neighbour", CODES["B"])
    assert row.step_by_id == officer.pk
    with as_role("owner"):
        last = Decision.objects.filter(proposal=row).latest("pk")
        codes = set(
            Finding.objects.filter(batch_id=row.batch_id, row_number=row.row_number).values_list(
                "code", flat=True
            )
        )
        entry = Entry.objects.filter(details__step="amend").get()
    assert (last.from_status, last.to_status) == ("returned", "submitted")
    assert "neighbour" in codes
    assert entry.details["columns"] == ["address", "latitude", "longitude"]
    assert browser.get(LIST).context["total"] == 0
    assert "went on" in browser.get(page(returned)).content.decode()


def test_only_what_was_changed_is_kept_of_the_change(browser, returned):
    typed(browser, returned, address="JL. KENANGA 7")
    with as_role("owner"):
        kept = Amendment.objects.get()
    assert kept.values == {"address": "JL. KENANGA 7"}
    assert kept.before == {"address": "JL. MELATI 1"}
    assert kept.status == Amendment.Status.SENT


def test_a_row_may_go_again_as_it_is_with_an_answer(browser, returned):
    typed(browser, returned, note="Berita acara sudah diunggah.")
    assert now_of(returned).status == "submitted"
    with as_role("owner"):
        assert Decision.objects.latest("pk").note == "Berita acara sudah diunggah."


@pytest.mark.parametrize(
    ("cell", "value", "at_field"),
    [
        ("nik", "970101500588900", "nik"),
        ("birth_date", "31-02-1988", "birth_date"),
        ("village_code", "98.01.01.2001", "village_code"),
        ("name", "", "name"),
    ],
)
def test_what_the_checks_would_hold_stays_returned_with_words_at_the_field(
    browser, returned, cell, value, at_field
):
    before = now_of(returned)
    typed(browser, returned, **{cell: value, "address": "JL. KENANGA 7"})
    shown = browser.get(page(returned))
    assert at_field in shown.context["errors"]
    assert "There is a problem" in shown.content.decode()
    assert 'value="JL. KENANGA 7"' in shown.content.decode()
    after = now_of(returned)
    assert after.status == "returned"
    assert after.address == before.address


def test_a_whole_number_of_a_refused_try_is_masked_and_not_typed_again(browser, returned):
    wrong = f"{returned.nik[:-1]}{(int(returned.nik[-1]) + 5) % 10}"
    typed(browser, returned, nik=wrong, birth_date="31-02-1988")
    assert wrong not in browser.get(page(returned)).content.decode()
    typed(browser, returned, birth_date="10-05-1988")
    assert now_of(returned).nik == wrong


def test_a_person_who_is_under_review_elsewhere_is_told_at_the_nik(browser, returned, officer):
    with as_role("owner"):
        other = Proposal.objects.exclude(pk=returned.pk).get()
    typed(browser, returned, nik=other.nik)
    assert "nik" in browser.get(page(returned)).context["errors"]
    assert now_of(returned).status == "returned"


def test_a_double_click_asks_once(browser, returned):
    form = {"address": "JL. KENANGA 7"}
    browser.post(page(returned), form)
    browser.post(page(returned), form)
    assert Job.objects.filter(kind="proposals.amend").count() == 1
    assert "being checked" in browser.get(page(returned)).content.decode()


def test_the_worker_run_twice_sends_once(browser, returned):
    typed(browser, returned, address="JL. KENANGA 7")
    job = Job.objects.get(kind="proposals.amend")
    with as_role("worker"):
        do(job)
    with as_role("owner"):
        sent = Decision.objects.filter(from_status="returned", to_status="submitted")
        assert sent.count() == 1


def test_a_row_that_was_withdrawn_meanwhile_is_not_sent(browser, returned, officer, gate):
    browser.post(page(returned), {"address": "JL. KENANGA 7"})
    gate(officer)
    decisions.decide(proposal=returned, step=Step.WITHDRAW, by=officer, now=NOW)
    with as_role("worker"):
        do(Job.objects.get(kind="proposals.amend"))
    with as_role("owner"):
        assert Amendment.objects.get().status == Amendment.Status.LATE
    assert now_of(returned).status == "withdrawn"


def test_a_returned_row_can_be_withdrawn(browser, returned):
    answer = browser.post(reverse("proposals:returned_withdraw", args=[returned.pk]))
    assert answer.status_code == 302
    assert now_of(returned).status == "withdrawn"


@pytest.mark.parametrize("who", [("regency_officer", "97.02"), ("verifier", "97.01")])
def test_nobody_else_opens_or_sends_it(returned, signed_in, who):
    browser = signed_in(*who)
    assert browser.get(page(returned)).status_code in {403, 404}
    assert browser.post(page(returned), {"address": "X"}).status_code in {403, 404}
    assert not Amendment.objects.exists()


def test_the_queue_costs_the_same_however_long_it_is(
    officer, browser, returned, django_assert_max_num_queries
):
    factory.proposals(factory.batch(officer), 59, first=100, status="returned")
    with django_assert_max_num_queries(18):
        shown = browser.get(LIST)
    assert len(shown.context["rows"]) == 50
    assert len(browser.get(f"{LIST}?{shown.context['page'].after}").context["rows"]) == 10


def test_nothing_of_a_check_is_left_in_staging(browser, returned):
    typed(browser, returned, address="JL. KENANGA 7")
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'amendment%%'")
        assert cursor.fetchone()[0] == 0


def test_a_village_officer_mends_a_row_of_the_regencys_file(signed_in, returned):
    """The file itself is out of their sight; the row is of their village."""
    village = signed_in("village_officer", returned.village_id)
    assert page(returned) in village.get(LIST).content.decode()
    assert village.get(page(returned)).status_code == 200
