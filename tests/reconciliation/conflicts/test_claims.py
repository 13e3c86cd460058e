"""What a decree claimed and the register did not take: asked of the regency, answered, settled."""

from datetime import date

import pytest
from django.urls import reverse

from apps.casework.models import Notice, Worklist
from apps.demo.country import CODES
from apps.reconciliation.conflicts import detection
from apps.reconciliation.models import PROPOSALS, Conflict
from apps.reconciliation.survivorship.field_rules import Rule, choose
from apps.registry.models import Change, Claim, Family, Person
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals import factory
from tests.proposals.factory import nik_of
from tests.reconciliation.answering import officer, resolve
from tests.registry.rows import row, write

pytestmark = pytest.mark.django_db

A, B = CODES["A"], CODES["B"]


@pytest.fixture(autouse=True)
def _as_owner():
    with as_role("owner"):
        yield


@pytest.fixture
def registered():
    write("1", row(1), row(2))
    return Person.objects.get(nik=nik_of(1))


def decreed(*rows, reference="2"):
    change, _counts = write(reference, *rows, source=PROPOSALS)
    return change


def ask(change):
    with as_role("worker"):
        return detection.find_claimed(change)


def asked():
    return set(Conflict.objects.values_list("kind", "ours", "theirs", "status"))


def test_what_tells_people_apart_and_where_they_live_is_asked(registered):
    other = {
        "name": "ORANG LAIN",
        "birth_date": date(1971, 3, 4),
        "sex": "P",
        "mother_name": "IBU LAIN",
        "village_id": B,
        "kk": nik_of(800),
        "occupation": "NELAYAN",
        "address": "JL. LAIN",
    }
    counts = ask(decreed(row(1, **other, source_ref="")))
    assert counts == dict.fromkeys(
        (
            *("name_differs", "birth_differs", "sex_differs", "mother_differs"),
            *("moved", "kk_differs", "place_differs"),
        ),
        1,
    )
    assert asked() == {
        ("name_differs", "WARGA 1", "ORANG LAIN", "open"),
        ("birth_differs", "1990-01-02", "1971-03-04", "open"),
        ("sex_differs", "L", "P", "open"),
        ("mother_differs", "IBU", "IBU LAIN", "open"),
        ("moved", A, B, "open"),
        ("kk_differs", nik_of(700), nik_of(800), "open"),
        ("place_differs", "JL. MELATI NO. 1", "JL. LAIN", "open"),
    }


def test_the_questions_are_on_lists_of_the_regency_whose_officers_are_told(registered):
    by = officer()
    change = decreed(row(1, name="ORANG LAIN"), row(2, name="ORANG KETIGA"))
    ask(change)
    made = Worklist.objects.get()
    assert (made.region_id, made.kind, made.total, made.subject) == (
        OWN,
        "name_differs",
        2,
        f"registry.Change:{change.pk}",
    )
    assert set(Conflict.objects.values_list("worklist", flat=True)) == {made.pk}
    assert Notice.objects.get(user=by, kind="questions").count == 2


def test_asked_twice_nothing_is_asked_twice(registered):
    change = decreed(row(1, name="ORANG LAIN"))
    ask(change)
    before = asked(), Worklist.objects.count(), Notice.objects.count()
    assert ask(change) == {}
    assert ask(decreed(row(1, name="ORANG LAIN"), reference="3")) == {}
    assert (asked(), Worklist.objects.count(), Notice.objects.count()) == before


def test_a_run_of_a_delivery_leaves_the_questions_of_a_decree_alone(registered):
    from tests.reconciliation.linked import meeting  # noqa: PLC0415

    ask(decreed(row(1, name="ORANG LAIN")))
    civil = meeting()
    civil.link(registered)
    civil.find()
    assert {status for _k, _o, _t, status in asked()} == {"open"}


def test_a_name_that_the_officer_confirms_is_written_as_a_resolution(registered):
    ask(decreed(row(1, name="WARGA SATOE")))
    resolve(Conflict.objects.get(), "theirs")
    registered.refresh_from_db()
    assert registered.name == "WARGA SATOE"
    assert (registered.change.kind, registered.change.source) == (
        Change.Kind.RESOLUTION,
        PROPOSALS,
    )
    assert Conflict.objects.get().status == "resolved"


@pytest.mark.parametrize(
    ("field", "value"), [("sex", "P"), ("mother_name", "IBU LAIN"), ("birth_date", "1971-03-04")]
)
def test_other_fields_of_identity_are_settled_in_the_same_way(registered, field, value):
    ask(decreed(row(1, **{field: value})))
    resolve(Conflict.objects.get(), "theirs")
    registered.refresh_from_db()
    assert str(getattr(registered, field)) == value


def test_what_the_register_says_stays_where_the_officer_says_so_and_is_not_asked_again(registered):
    change = decreed(row(1, name="ORANG LAIN"))
    ask(change)
    resolve(Conflict.objects.get(), "ours")
    assert ask(change) == {}
    registered.refresh_from_db()
    assert (registered.name, Conflict.objects.get().status) == ("WARGA 1", "kept")


def test_who_moved_goes_to_the_village_and_the_card_that_the_proposal_named(registered):
    proposal = factory.proposal(
        factory.batch(officer()), nik=registered.nik, kk=nik_of(800), village="B"
    )
    there = {"village_id": B, "kk": nik_of(800), "source_ref": str(proposal.pk)}
    assert ask(decreed(row(1, **there))) == {"moved": 1}
    resolve(Conflict.objects.get(), "theirs")
    registered.refresh_from_db()
    assert (registered.village_id, registered.family.kk) == (B, nik_of(800))
    assert Person.objects.get(nik=nik_of(2)).village_id == A


def test_another_card_in_the_same_village_moves_the_person_alone(registered):
    ask(decreed(row(1, kk=nik_of(800))))
    resolve(Conflict.objects.get(kind="kk_differs"), "theirs")
    registered.refresh_from_db()
    assert (registered.village_id, registered.family.kk) == (A, nik_of(800))
    other = Person.objects.get(nik=nik_of(2))
    assert (other.family.kk, other.family.is_active) == (nik_of(700), True)


def test_a_whole_family_with_another_card_leaves_the_old_one(registered):
    ask(decreed(row(1, kk=nik_of(800)), row(2, kk=nik_of(800))))
    for conflict in Conflict.objects.order_by("pk"):
        resolve(conflict, "theirs")
    assert set(Person.objects.values_list("family__kk", flat=True)) == {nik_of(800)}
    assert Family.objects.get(kk=nik_of(700)).is_active is False
    assert Family.objects.filter(kk=nik_of(800)).count() == 1


def test_another_address_and_point_are_asked_once_for_a_family_and_taken_for_all(registered):
    there = {"address": "JL. BARU 7", "location": "SRID=4326;POINT(110.015 -7.765)"}
    counts = ask(decreed(row(1, **there), row(2, **there)))
    assert counts == {"place_differs": 1, "point_differs": 1}
    for conflict in Conflict.objects.order_by("pk"):
        resolve(conflict, "theirs")
    family = Family.objects.get()
    assert (family.address, family.location.coords, family.village_id) == (
        "JL. BARU 7",
        (110.015, -7.765),
        A,
    )
    assert set(Conflict.objects.values_list("status", flat=True)) == {"resolved"}
    assert set(Person.objects.values_list("village", "family")) == {(A, family.pk)}


def test_the_sources_of_a_person_no_longer_say_that_nobody_differs(registered):
    decreed(row(1, name="ORANG LAIN"), reference="88/HUK/2026")
    name = next(one for one in choose(registered) if one.field == "name")
    assert (name.rule, name.value) == (Rule.CLAIMED, "WARGA 1")
    (held,) = name.losers
    assert (held.value, held.decree, held.is_past) == ("ORANG LAIN", "88/HUK/2026", False)
    sex = next(one for one in choose(registered) if one.field == "sex")
    assert sex.rule == Rule.ONLY


def test_the_persons_page_shows_both_values_side_by_side(registered, signed_in):
    decreed(row(1, name="ORANG LAIN", village_id=B, kk=nik_of(800)), reference="88/HUK/2026")
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = browser.get(reverse("admin:registry_person_change", args=[registered.pk]))
    claimed = {
        (line.label, line.text)
        for line in page.context["lines"]
        if any(lost.is_claimed for lost in line.lost)
    }
    assert claimed == {
        ("name", "WARGA 1"),
        ("village", f"{registered.village.name} ({A})"),
        ("No. KK", page.context["person"].family.__str__()),
    }
    text = page.content.decode()
    assert "3 values were claimed otherwise and not taken over" in text
    assert "ORANG LAIN" in text
    assert "88/HUK/2026" in text
    assert nik_of(800) not in text


def test_the_page_of_a_question_names_the_decree(registered, signed_in):
    ask(decreed(row(1, name="ORANG LAIN"), reference="88/HUK/2026"))
    browser = signed_in("regency_officer")
    page = browser.get(f"/reconciliation/conflicts/{Conflict.objects.get().pk}/")
    text = page.content.decode()
    assert "88/HUK/2026" in text
    assert Claim.objects.get().pk == Conflict.objects.get().claim_id
