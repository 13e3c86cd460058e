"""A person's page in both shells: one table, a timeline, the point, paper for the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.common.text.identity import masked
from apps.demo import country
from apps.registry.models import Change, Claim, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals import factory
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db
SHELLS = {
    "portal": ("registry:person", "registry:person-reveal", "registry:person-print"),
    "admin": (
        "admin:registry_person_change",
        "admin:registry_person_reveal",
        "admin:registry_person_print",
    ),
}


@pytest.fixture(params=SHELLS)
def shell(request) -> tuple[str, str, str]:
    return SHELLS[request.param]


@pytest.fixture
def one() -> Person:
    with as_role("worker"):
        person = a_person(name="CONTOH SATU", programme="PKH")
        Family.objects.filter(pk=person.family_id).update(
            location=Point(*country.at("A"), srid=4326), change=a_change()
        )
    return person


@pytest.fixture
def browser(signed_in):
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def changed(person: Person, reference: str, **fields: object) -> Change:
    with as_role("worker"):
        change = Change.objects.create(
            kind=Change.Kind.DECREE,
            reference=reference,
            source="proposals",
            actor="user:1",
            actor_name="Penetap",
            at=NOW,
        )
        Person.objects.filter(pk=person.pk).update(change=change, **fields)
    return change


def test_both_shells_show_the_same_record(browser, one, shell):
    page = browser.get(reverse(shell[0], args=[one.pk]))
    text = page.content.decode()
    for section in ("summary", "members", "aid", "house", "history", "sources"):
        assert f'id="{section}"' in text
    assert one.nik not in text
    assert one.masked_nik in text
    assert one.name not in text.partition("</title>")[0]


def test_links_stay_in_their_shell(browser, one):
    with as_role("worker"):
        sister = Person.objects.create(
            family=one.family, village_id=one.village_id, name="SAUDARA", change=a_change()
        )
    portal = browser.get(reverse("registry:person", args=[one.pk])).content.decode()
    admin = browser.get(reverse("admin:registry_person_change", args=[one.pk])).content.decode()
    assert f'"/register/{sister.pk}/"' in portal
    assert "/admin/registry/person/" not in portal
    assert f"/admin/registry/person/{sister.pk}/change/" in admin


def test_each_field_has_its_source_its_day_and_the_values_that_lost(browser, one):
    change = changed(one, "12/HUK/2026", name="CONTOH SATU BARU")
    with as_role("owner"):
        Claim.objects.create(
            person=one, village_id=one.village_id, field="name", value="CONTOH SATU",
            source="dtks", change=change,
        )  # fmt: skip
    page = browser.get(reverse("registry:person", args=[one.pk]))
    (name,) = [line for line in page.context["lines"] if line.field == "name"]
    assert name.text == "CONTOH SATU BARU"
    assert name.day == timezone.localdate(change.at)
    (lost,) = name.lost
    assert (lost.text, lost.why) == ("CONTOH SATU", "held until then")


def test_the_timeline_tells_what_each_act_changed(browser, one):
    changed(one, "12/HUK/2026", name="CONTOH SATU BARU")
    entries = browser.get(reverse("registry:person", args=[one.pk])).context["timeline"]
    (decreed,) = [entry for entry in entries if "12/HUK/2026" in entry.title]
    assert decreed.changes == (("name", "CONTOH SATU", "CONTOH SATU BARU"),)
    assert entries == sorted(entries, key=lambda entry: entry.at, reverse=True)


def moved_to(person: Person, family: Family, reference: str) -> None:
    """A correction of the family card: the person belongs to another family from then on."""
    changed(person, reference, family=family.pk)


def written(family: Family, reference: str, **fields: object) -> None:
    with as_role("worker"):
        Family.objects.filter(pk=family.pk).update(change=a_change(reference), **fields)


def told(browser, person: Person) -> dict[str, set[tuple[str, str, str]]]:
    """What changed, by the title of its entry; loads have one title together."""
    page = browser.get(reverse("registry:person", args=[person.pk]))
    found: dict[str, set[tuple[str, str, str]]] = {}
    for entry in page.context["timeline"]:
        found.setdefault(entry.title, set()).update(entry.changes)
    return found


def test_a_change_of_family_tells_the_card_and_the_address_before_and_after(browser, one):
    with as_role("worker"):
        other = a_person(name="CONTOH DUA").family
    written(one.family, "lama", address="Jalan Lama 1")
    written(other, "baru", address="Jalan Baru 2")
    moved_to(one, other, "14/HUK/2026")
    (decreed,) = [changes for title, changes in told(browser, one).items() if "14/HUK" in title]
    assert ("No. KK", masked(one.family.kk), masked(other.kk)) in decreed
    assert ("address", "Jalan Lama 1", "Jalan Baru 2") in decreed
    assert {label for label, _before, _after in decreed} == {"No. KK", "address", "point"}


def test_a_familys_changes_are_told_of_the_time_of_the_person_in_it_alone(browser, one):
    with as_role("worker"):
        other = a_person(name="CONTOH DUA").family
    former = one.family
    written(other, "sebelum", address="Sebelum ia datang")
    written(former, "di-sini", address="Ketika ia di sini")
    moved_to(one, other, "14/HUK/2026")
    written(former, "sesudah", address="Sesudah ia pergi")
    written(other, "sekarang", address="Tempat sekarang")
    every = set().union(*told(browser, one).values())
    addresses = {(before, after) for label, before, after in every if label == "address"}
    assert addresses == {
        ("", "Ketika ia di sini"),
        ("Ketika ia di sini", "Sebelum ia datang"),
        ("Sebelum ia datang", "Tempat sekarang"),
    }


def test_of_a_former_family_of_another_region_nothing_is_told_but_that_it_was(browser, one):
    with as_role("worker"):
        far = a_person("98.01.01.2001", name="CONTOH JAUH").family
    written(far, "jauh", address="Jalan Jauh 9")
    present = one.family
    moved_to(one, far, "14/HUK/2026")
    moved_to(one, present, "15/HUK/2026")
    page = browser.get(reverse("registry:person", args=[one.pk])).content.decode()
    assert "not in your region" in page
    assert "Jalan Jauh 9" not in page
    assert masked(far.kk) not in page


def test_the_house_of_a_former_family_with_a_sensitive_need_is_told_nowhere(browser, one):
    with as_role("worker"):
        victim = a_person(name="CONTOH DUA")
    written(victim.family, "titik", location=Point(*country.at("B"), srid=4326))
    changed(victim, "13/HUK/2026", ppks=[16])
    present = one.family
    moved_to(one, victim.family, "14/HUK/2026")
    moved_to(one, present, "15/HUK/2026")
    page = browser.get(reverse("registry:person", args=[one.pk])).content.decode()
    assert "14/HUK/2026" in page
    assert f"{country.at('B')[0]:.5f}" not in page  # A lies on the same latitude
    assert page.count("No. KK") > 1


def test_numbers_in_the_timeline_are_masked(browser, one):
    changed(one, "13/HUK/2026", nik="9701015201889555")
    text = browser.get(reverse("registry:person", args=[one.pk])).content.decode()
    assert one.nik not in text
    assert "9701015201889555" not in text
    assert "970101••••••9555" in text


def test_ones_own_proposals_are_in_the_timeline_within_the_scope(browser, one, person, signed_in):
    batch = factory.batch(person("regency_officer"))
    (row,) = factory.proposals(batch, 1, nik=one.nik, status="submitted")
    address = reverse("registry:person", args=[one.pk])
    assert f"/proposals/review/{row.pk}/" in browser.get(address).content.decode()
    watching = signed_in("data_protection_officer").get(address).content.decode()
    assert f"/proposals/review/{row.pk}/" not in watching


def test_the_point_is_drawn_in_its_village(browser, one):
    drawn = browser.get(reverse("registry:person", args=[one.pk])).context["map"]
    assert drawn.path
    assert drawn.edition
    x, y = float(drawn.x), float(drawn.y)
    assert 0 < x < drawn.width
    assert 0 < y < drawn.height
    # on no blank area: neighbours with their names inside of it, the sea, and a grid
    assert {neighbour.name for neighbour in drawn.neighbours} == {"Beji", "Cemara", "Duku"}
    assert all(0 < float(one.x) < drawn.width for one in drawn.neighbours)
    assert all(0 < float(one.y) < drawn.height for one in drawn.neighbours)
    assert drawn.sea
    left, top, wide, high = map(float, drawn.view.split())
    assert left < x < left + wide < drawn.width
    assert top < y < top + high
    assert drawn.square_metres == 200
    assert drawn.grid.count("M") > 10


@pytest.mark.parametrize("kind", [3, 7, 10, 16, 19])
def test_a_sensitive_kind_of_need_is_on_no_map(browser, one, kind):
    changed(one, f"{kind}/HUK/2026", ppks=[kind])
    for name in ("registry:person", "admin:registry_person_change"):
        page = browser.get(reverse(name, args=[one.pk]))
        assert page.context["map"] is None
        assert 'class="spot"' not in page.content.decode()
        assert f"{country.at('A')[1]:.4f}" not in page.content.decode()


def test_a_member_of_the_family_of_a_sensitive_kind_of_need_is_on_no_map(browser, one):
    with as_role("worker"):
        other = a_person(name="CONTOH DUA", nik="9701014505889777")
        Person.objects.filter(pk=other.pk).update(
            family=one.family_id, ppks=[16], change=a_change("k")
        )
    page = browser.get(reverse("registry:person", args=[one.pk]))
    assert page.context["map"] is None
    assert f"{country.at('A')[1]:.4f}" not in page.content.decode()


def test_a_point_far_away_is_drawn_without_the_village(browser, one):
    with as_role("worker"):
        Family.objects.filter(pk=one.family_id).update(
            location=Point(0.0, 0.0, srid=4326), change=a_change("titik")
        )
    drawn = browser.get(reverse("registry:person", args=[one.pk])).context["map"]
    assert drawn.path == ""
    assert not drawn.neighbours
    assert drawn.view == f"0 0 {drawn.width} {drawn.height}"
    assert drawn.square_metres == 50


def test_the_whole_number_is_shown_once_for_a_reason(browser, one, shell):
    url = reverse(shell[1], args=[one.pk])
    assert one.nik not in browser.post(url, {"reason": ""}).content.decode()
    assert one.nik in browser.post(url, {"reason": "complaint"}).content.decode()
    assert Entry.objects.filter(action=Action.REVEAL, reason="complaint").count() == 1


def test_paper_says_what_it_holds_and_who_printed_it_and_is_on_record(browser, one, shell):
    with as_role("worker"):
        sister = Person.objects.create(
            family=one.family, village_id=one.village_id, name="SAUDARA", change=a_change()
        )
    text = browser.post(reverse(shell[2], args=[one.pk])).content.decode()
    assert "Contains personal data" in text
    assert "Verifier-97.01" in text
    assert one.nik not in text
    assert "<nav" not in text
    entry = Entry.objects.filter(action=Action.EXPORT).latest("pk")
    assert entry.subject == f"registry.Person:{one.pk}"
    assert entry.details["persons"] == [sister.pk]


def test_paper_is_asked_for_by_a_button_alone(browser, one):
    assert browser.get(reverse("registry:person-print", args=[one.pk])).status_code == 405


def test_only_the_data_protection_officer_sees_and_prints_who_looked(browser, one, signed_in):
    for name, method in (("registry:person", "get"), ("registry:person-print", "post")):
        url = reverse(name, args=[one.pk])
        assert "trail-heading" not in getattr(browser, method)(url).content.decode()
        watching = getattr(signed_in("data_protection_officer"), method)(url)
        assert "trail-heading" in watching.content.decode()


def test_outside_the_scope_there_is_nobody(one, signed_in):
    browser = signed_in("verifier", "98.01")
    for name, method in (("registry:person", "get"), ("registry:person-print", "post")):
        there = getattr(browser, method)(reverse(name, args=[one.pk]))
        nowhere = getattr(browser, method)(reverse(name, args=[10**12]))
        assert there.status_code == nowhere.status_code == 404
    assert not Entry.objects.filter(action=Action.EXPORT).exists()


def test_the_portals_search_lists_nobody_by_itself(browser, one):
    address = reverse("registry:search")
    assert one.name not in browser.get(address).content.decode()
    found = browser.post(address, {"nik": one.nik}).content.decode()
    assert f'"/register/{one.pk}/"' in found


@pytest.mark.parametrize("role_name", ["village_officer", "province_monitor", "administrator"])
def test_who_sees_no_persons_finds_no_register(signed_in, role_name):
    assert signed_in(role_name).get(reverse("registry:search")).status_code == 403


def test_the_regional_chain_is_led_to_the_portals_register(browser, signed_in):
    assert 'href="/register/"' in browser.get("/").content.decode()
    assert 'href="/admin/registry/person/"' in signed_in("steward").get("/").content.decode()


def test_an_ended_enrolment_is_no_present_aid(browser, one):
    with as_role("worker"):
        one.enrolments.update(
            active_until=timezone.localdate() - timedelta(days=1), change=a_change("henti")
        )
    text = browser.get(reverse("registry:person", args=[one.pk])).content.decode()
    summary = text.partition('id="summary"')[2].partition("</details>")[0]
    assert "Program Keluarga Harapan" not in summary
