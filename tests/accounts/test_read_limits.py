"""What a person reads in a day is counted by kind: an alarm first, then a stop in words."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY

from apps.accounts.models import ReadCount
from apps.audit.models import Action, Entry
from apps.casework.models import Notice
from tests.access.objects import made_in
from tests.conftest import as_role
from tests.personas import OWN

pytestmark = pytest.mark.django_db


def look_up(browser, made):
    return browser.post("/admin/registry/person/", {"nik": "9701011201889001"})


def list_rows(browser, made):
    return browser.get("/proposals/review/")


def reveal(browser, made):
    path = f"/admin/registry/person/{made['person']}/reveal/"
    return browser.post(path, {"reason": "verification"})


@pytest.mark.parametrize(
    ("kind", "read"), [("lookup", look_up), ("list", list_rows), ("reveal", reveal)]
)
def test_reading_much_raises_an_alarm_and_then_ends_for_the_day(
    kind, read, signed_in, person, settings
):
    with as_role("owner"):
        made = made_in(OWN)
    browser, watching = signed_in("verifier"), person("data_protection_officer")
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
