"""Places of protected houses beside the review: questions, pairs, decrees, fixes, corrections."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.demo import country
from apps.proposals.decree import annulment
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Fix, Proposal
from apps.proposals.now_and_proposed import request_of
from apps.reconciliation.conflicts import detection
from apps.reconciliation.models import PROPOSALS, REGISTER, Conflict
from apps.registry.models import Person
from apps.registry.reverting import change_reversal
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.factory import nik_of
from tests.proposals.registered import registered
from tests.proposals.sending import correction, row, send
from tests.reconciliation.pairs import a_bench, a_record
from tests.registry.people import a_change
from tests.registry.rows import row as register_row
from tests.registry.rows import write

pytestmark = pytest.mark.django_db
HERE, THERE = (110.005, -7.765), (110.015432, -7.765987)
SECRET = ("110.0050", "7.7650", "110.0154", "7.7659")
QUESTIONS = reverse("reconciliation:questions")
SEEING_QUESTIONS = [role for role, may in PERMISSIONS.items() if Permission.VIEW_CONFLICT in may]


def told_in(answer) -> list[str]:
    """The parts of both places that a page or a file tells."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8-sig").replace(",", ".")
    return [part for part in SECRET if part in text]


# --- questions about points that differ ---


@pytest.fixture
def question(person) -> Conflict:
    """A decree claims another point of a family than the register has."""
    with as_role("owner"):
        person("regency_officer")
        write("1", register_row(1), register_row(2))
        there = f"SRID=4326;POINT({THERE[0]} {THERE[1]})"
        claimed, _counts = write("2", register_row(1, location=there), source=PROPOSALS)
        with as_role("worker"):
            assert detection.find_claimed(claimed) == {"point_differs": 1}
        return Conflict.objects.get()


def protect(how: str, person) -> None:
    """Another member of the family has a protected kind of need: as registered, or as proposed in a
    file of another regency.
    """
    if how == "registered":
        with as_role("worker"):
            Person.objects.filter(nik=nik_of(2)).update(ppks=[18], change=a_change("lain"))
        return
    far = factory.batch(person("regency_officer"), region="98.01")
    factory.proposal(far, first=50, village="I", kk=nik_of(700), ppks=[17])


def pages_of(question: Conflict) -> list[str]:
    at = reverse("reconciliation:worklist", args=[question.worklist_id])
    file = reverse("reconciliation:worklist-download", args=[question.worklist_id])
    return [QUESTIONS, at, f"{file}?format=csv"]


@pytest.mark.parametrize("how", ["registered", "proposed"])
def test_the_places_of_a_question_are_in_no_list_and_in_no_file(question, person, signed_in, how):
    one = reverse("reconciliation:conflict", args=[question.pk])
    browser = signed_in("verifier")
    for address in (*pages_of(question), one):
        assert len(told_in(browser.get(address))) == 4, address
    protect(how, person)
    for role in SEEING_QUESTIONS:
        browser = signed_in(role)
        for address in pages_of(question):
            answer = browser.get(address)
            assert answer.status_code == 200
            assert told_in(answer) == [], (role, address)


def test_the_places_of_a_question_are_shown_to_who_may_answer_it_alone(question, person, signed_in):
    protect("registered", person)
    one = reverse("reconciliation:conflict", args=[question.pk])
    told = {role: len(told_in(signed_in(role).get(one))) for role in SEEING_QUESTIONS}
    assert told == {Role.VERIFIER: 0, Role.REGENCY_OFFICER: 4, Role.STEWARD: 0}
    page = signed_in("verifier").get(one)
    assert page.context["ours"].text == page.context["theirs"].text == "•••"
    with as_role("owner"):
        Conflict.objects.update(status="answered")
    assert told_in(signed_in("regency_officer").get(one)) == []


def test_a_page_of_questions_asks_for_all_protected_places_at_once(
    question, signed_in, django_assert_max_num_queries
):
    with as_role("owner"):
        for number in range(3, 9):
            write(f"a{number}", register_row(number, kk=nik_of(700 + 3 * number)))
            there = f"SRID=4326;POINT({THERE[0]} {THERE[1]})"
            claim = register_row(number, kk=nik_of(700 + 3 * number), location=there)
            with as_role("worker"):
                detection.find_claimed(write(f"b{number}", claim, source=PROPOSALS)[0])
        assert Conflict.objects.count() == 7
    browser = signed_in("verifier")
    with django_assert_max_num_queries(30):
        browser.get(QUESTIONS)


# --- pairs in clerical review ---


def test_a_pair_tells_no_metres_from_a_protected_house(signed_in):
    known = registered(9001, village_id=country.CODES["A"])
    bench = a_bench()
    with as_role("owner"):
        house = a_record(bench.run.right, village="A", source_ref=str(known.pk))
        other = a_record(bench.run.left, village="C")
    pair = bench.pair(left=other, right=house)
    assert house.source_id == REGISTER
    browser = signed_in("steward")
    address = reverse("reconciliation:pair", args=[pair.pk])
    whole = browser.get(address).context["side_by_side"]
    assert whole.right.place.is_home
    with as_role("worker"):
        Person.objects.filter(pk=known.pk).update(ppks=[16], change=a_change("lain"))
    hidden = browser.get(address).context["side_by_side"]
    assert not hidden.right.place.is_home
    assert hidden.metres == between_middles(browser)
    assert hidden.metres != whole.metres


def between_middles(browser) -> float:
    """Metres between the middles of the same villages, as a pair of other sources tells them."""
    bench = a_bench("LAIN", "LAGI")
    with as_role("owner"):
        left, right = (
            a_record(dataset, village=village)
            for dataset, village in ((bench.run.left, "C"), (bench.run.right, "A"))
        )
    address = reverse("reconciliation:pair", args=[bench.pair(left=left, right=right).pk])
    return float(browser.get(address).context["side_by_side"].metres)


# --- the differences of an annulled decree ---


def test_the_list_of_differences_has_no_point_and_no_protected_kind(person):
    with as_role("owner"):
        write("1", register_row(1), register_row(2, kk=nik_of(800)))
        there = f"SRID=4326;POINT({THERE[0]} {THERE[1]})"
        rows = [
            register_row(1, location=there, ppks=[17], occupation="NELAYAN"),
            register_row(2, location=there, ppks=[1], kk=nik_of(800)),
        ]
        wrong, _counts = write("2", *rows, overwrites=True)
        kept: list = []
        with as_role("worker"):
            change_reversal.revert(
                change=a_change("batal"), wrong=wrong, listing=lambda found: kept.extend(found)
            )
    assert any("location" in one.fields for one in kept), [one.fields for one in kept]
    lines = list(annulment._lines(kept))
    told = {(line[5], *line[6:]) for line in lines}
    assert ("location", "•••", "•••") in told
    assert ("ppks", "•••", "•••") in told
    assert ("ppks", "[1]", "[]") in told
    assert ("occupation", "NELAYAN", "PETANI") in told
    text = str(lines)
    assert not [part for part in (*SECRET, "110.0", "17]") if part in text]


# --- corrections of who leaves a protected family ---


def test_a_correction_that_leaves_a_protected_card_does_not_tell_its_house(person):
    known = registered(9001)
    with as_role("worker"):
        Person.objects.create(
            family=known.family,
            village_id=known.village_id,
            name="SAUDARA",
            ppks=[16],
            change=a_change(),
        )
    place = {name: row(9040)[name] for name in ("latitude", "longitude")}
    batch = send([correction(9001, kk=row(9100)["kk"], **place)], person("regency_officer"))
    with as_role("owner"):
        one = batch.proposals.get()
        assert not one.is_protected
        assert set(one.changes) >= {"kk", "location"}
        assert one.changes["location"][0].endswith(row(9001)["longitude"])
        fields = {field.name: field for field in request_of(one, person("verifier")).fields}
    assert fields["location"].now == fields["location"].proposed == "•••"


# --- a change of many rows that was previewed before somebody became protected ---


@pytest.fixture
def fix(person, gate) -> Fix:
    officer = person("regency_officer")
    gate(officer)
    turned = {
        "latitude": row(9001)["longitude"],
        "longitude": row(9001)["latitude"],
    }
    batch = send([row(9001, **turned), row(9002)], officer)
    fix, job = row_fixes.preview_group(batch=batch, code="axes_swapped", by=officer, now=NOW)
    with as_role("worker"):
        do(job)
        fix.refresh_from_db()
    assert len(fix.result["points"]) == 1
    return fix


def test_a_former_preview_tells_no_point_of_who_is_protected_since(fix, person, signed_in):
    page = reverse("proposals:batch-fix", args=[fix.batch_id, fix.pk])
    points = reverse("proposals:batch-fix-points", args=[fix.batch_id, fix.pk])
    latitude = row(9001)["latitude"][:-1]
    browser = signed_in("verifier")
    assert latitude in browser.get(page).content.decode()
    assert len(browser.get(points).json()["points"]) == 1
    far = factory.batch(person("regency_officer"), region="98.01")
    factory.proposal(far, first=50, village="I", kk=row(9001)["kk"], ppks=[10])
    with as_role("owner"):
        assert Proposal.objects.filter(is_protected=True, batch=fix.batch_id).exists()
    assert latitude not in browser.get(page).content.decode()
    assert browser.get(points).json()["points"] == []
    assert latitude in signed_in("regency_officer").get(page).content.decode()


def test_a_preview_tells_no_point_to_who_sees_files_but_no_rows(fix, signed_in):
    browser = signed_in("administrator")
    page = browser.get(reverse("proposals:batch-fix", args=[fix.batch_id, fix.pk]))
    points = browser.get(reverse("proposals:batch-fix-points", args=[fix.batch_id, fix.pk]))
    assert (page.status_code, points.json()["points"]) == (200, [])
    assert row(9001)["latitude"][:-1] not in page.content.decode()
