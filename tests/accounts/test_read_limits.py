"""What a person reads in a day is counted by kind: an alarm first, then a stop in words."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache

from apps.accounts.models import ReadCount
from apps.audit.models import Action, Entry
from apps.casework.models import Notice
from apps.registry.models import Person
from tests.access.objects import made_in
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals import factory
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db


def look_up(browser, made):
    return browser.post("/admin/registry/person/", {"nik": "9701011201889001"})


def list_rows(browser, made):
    cache.clear()  # a proposal counts once a day: as if others were read
    return browser.get("/proposals/review/")


def reveal(browser, made):
    path = f"/admin/registry/person/{made['person']}/reveal/"
    return browser.post(path, {"reason": "verification"})


def open_person(browser, made):
    return browser.get(f"/register/{made['person']}/")


def open_proposal(browser, made):
    cache.clear()
    return browser.get(f"/proposals/review/{made['proposal']}/")


def open_photo(browser, made):
    cache.clear()
    return browser.get(f"/proposals/photos/{made['photo']}/")


def open_question(browser, made):
    return browser.get(f"/reconciliation/conflicts/{made['conflict']}/")


def open_pair(browser, made):
    return browser.get(f"/reconciliation/pairs/{made['pair']}/")


def open_group(browser, made):
    return browser.get(f"/reconciliation/pairs/{made['pair']}/group/")


@pytest.mark.parametrize(
    ("kind", "role", "read"),
    [
        ("lookup", "verifier", look_up),
        ("list", "verifier", list_rows),
        ("reveal", "verifier", reveal),
        *(("list", "verifier", one) for one in (open_person, open_proposal, open_photo)),
        *(("list", "steward", one) for one in (open_question, open_pair, open_group)),
    ],
)
@pytest.mark.long
def test_reading_much_raises_an_alarm_and_then_ends_for_the_day(
    kind, role, read, signed_in, person, settings
):
    with as_role("owner"):
        made = made_in(OWN)
    browser, watching = signed_in(role), person("data_protection_officer")
    of_reader = {"kind": kind, "user": browser.session[SESSION_KEY]}
    assert read(browser, made).status_code == 200
    with as_role("owner"):
        first = ReadCount.objects.get(**of_reader).count
        assert not Notice.objects.filter(user=watching, kind="much_reading").exists()
    assert first > 0
    settings.READ_ALARM = settings.READ_ALARM | {kind: 2 * first}
    settings.READ_STOP = settings.READ_STOP | {kind: 2 * first}
    assert read(browser, made).status_code == 200
    with as_role("owner"):
        assert Notice.objects.filter(user=watching, kind="much_reading").count() == 1
    stopped = read(browser, made)
    assert stopped.status_code == 429
    assert str(2 * first) in stopped.content.decode()
    with as_role("owner"):
        assert ReadCount.objects.get(**of_reader).stopped_at is not None
        refused = Entry.objects.filter(action=Action.REFUSED).latest("pk")
        assert (refused.details["kind"], refused.details["asked"]) == (kind, first)
        assert Notice.objects.filter(user=watching, kind="much_reading").count() == 2


def test_a_person_is_counted_with_those_on_the_same_page(signed_in):
    with as_role("owner"):
        head = a_person("97.01.01.2001")
        for _member in range(2):
            member = Person.objects.filter(pk=a_person("97.01.01.2001").pk)
            member.update(family=head.family, change=a_change())
    signed_in("verifier").get(f"/register/{head.pk}/")
    with as_role("owner"):
        assert ReadCount.objects.get(kind="list").count == 3


def test_a_proposal_counts_once_a_day_in_whatever_list_row_or_family_it_is_read(signed_in, person):
    cache.clear()
    batch = factory.batch(person("regency_officer"))
    family = factory.proposals(batch, 4, kk=factory.nik_of(700), status="submitted")
    factory.proposal(batch, first=50, status="submitted")  # of another family at the same point
    browser = signed_in("verifier")
    browser.get(f"/proposals/review/{family[0].pk}/")
    with as_role("owner"):
        assert ReadCount.objects.get(kind="list").count == 5
    for row in family:
        browser.get(f"/proposals/review/{row.pk}/")
    for _time in range(2):
        browser.get("/proposals/review/")
    with as_role("owner"):
        assert ReadCount.objects.get(kind="list").count == 5
        # each read is recorded all the same
        assert Entry.objects.filter(action=Action.READ).count() == 7
    browser = signed_in("verifier", name="second-verifier")
    browser.get("/proposals/review/")
    with as_role("owner"):
        assert ReadCount.objects.exclude(count=5).count() == 0
        assert ReadCount.objects.filter(kind="list").count() == 2


def test_numbers_that_are_tried_in_the_search_for_a_family_are_noticed(signed_in):
    browser = signed_in("village_officer")
    for serial in range(9001, 9008):
        browser.post("/proposals/families/", {"number": f"970101120188{serial}"})
    with as_role("owner"):
        assert ReadCount.objects.get(kind="guess").count == 2
        entry = Entry.objects.filter(action=Action.SEARCH).latest("pk")
    assert "970101120188" not in str(entry.details)
