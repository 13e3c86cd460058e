"""The trail in the admin: to read, by those who may, with no identity number whole."""

import pytest

from apps.audit import record
from apps.audit.models import Action, Entry
from apps.audit.subjects import Actor, Subject

pytestmark = pytest.mark.django_db
TRAIL = "/admin/audit/entry/"
NIK = "9701010101909001"


@pytest.fixture
def officer(signed_in):
    return signed_in("data_protection_officer")


@pytest.fixture
def entry():
    return record.entry(
        Action.REVEAL,
        about=Subject("registry.Person:81", name=f"dibuka {NIK}", region="97.01"),
        reason=f"cocokkan {NIK}",
        by=Actor("user:12", "Budi"),
        nik=NIK,
    )


def test_the_data_protection_officer_finds_who_saw_whom(officer, entry):
    page = officer.get(TRAIL, {"q": "registry.Person:81"})
    assert list(page.context["cl"].result_list) == [entry]
    assert b"Budi" in page.content


@pytest.mark.parametrize("role", ["administrator", "verifier", "determiner", "user_administrator"])
def test_no_other_role_reads_the_trail(signed_in, entry, role):
    browser = signed_in(role)
    assert browser.get(TRAIL).status_code == 403
    assert browser.get(f"{TRAIL}{entry.pk}/change/").status_code in (403, 404)


def test_an_identity_number_is_masked_on_every_page(officer, entry):
    for page in (TRAIL, f"{TRAIL}{entry.pk}/change/"):
        content = officer.get(page).content.decode()
        assert NIK not in content
        assert "970101••••••9001" in content


def test_an_entry_cannot_be_added_changed_or_deleted(officer, entry):
    assert officer.get(f"{TRAIL}add/").status_code == 403
    assert officer.post(f"{TRAIL}{entry.pk}/change/", {"actor": "user:1"}).status_code == 403
    assert officer.post(f"{TRAIL}{entry.pk}/delete/").status_code == 404
    assert Entry.objects.get(pk=entry.pk).actor == "user:12"


def test_reading_the_trail_leaves_an_entry_in_it(officer, entry):
    officer.get(TRAIL, {"q": f"user:12 {NIK}"})
    officer.get(f"{TRAIL}{entry.pk}/change/")
    search, read = Entry.objects.exclude(pk=entry.pk).order_by("id")
    assert search.details == {"query": "user:12 970101••••••9001"}
    assert (read.action, read.subject) == (Action.READ, f"audit.Entry:{entry.pk}")


def test_a_history_page_needs_the_right_to_read_the_trail(signed_in, officer, person):
    user = person("verifier")
    record.entry(Action.GRANT, about=user, reason="uji")
    chief = signed_in("administrator")
    assert chief.get(f"/admin/accounts/user/{user.pk}/history/").status_code == 403
    page = chief.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert "/history/" not in page
