"""Accounts: made, closed, opened again; passwords shown once and never written down."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.accounts.people import users
from apps.audit.models import Entry
from apps.common.errors import DomainError
from tests.personas import grant

pytestmark = pytest.mark.django_db
NIK = "9701010101909001"


@pytest.fixture
def administrator(person):
    return person("administrator")


def make(by, username="petugas.baru", **kwargs):
    return users.create(username=username, full_name="Baru", by=by, now=timezone.now(), **kwargs)


def test_a_new_user_signs_in_with_the_password_that_was_shown(administrator):
    user, password = make(administrator)
    assert User.objects.get(pk=user.pk).check_password(password)
    assert user.password_is_temporary


def test_the_password_is_in_no_entry(administrator):
    user, password = make(administrator)
    again = users.reset_password(user=user, by=administrator, now=timezone.now())
    written = str([entry.__dict__ for entry in Entry.objects.all()])
    assert Entry.objects.count() == 2
    assert password not in written
    assert again not in written


def test_a_random_password_has_no_letters_that_are_read_for_one_another():
    assert not set("".join(users.random_password() for _ in range(50))) & set("il1o0")


@pytest.mark.parametrize("username", ["", "a", "-a", "a b", "é́tienne", "a" * 81, "a\0b", "a/b"])
def test_a_user_name_that_cannot_be_typed_is_refused(administrator, username):
    with pytest.raises(DomainError) as refused:
        make(administrator, username)
    assert refused.value.code == "username_shape"


@pytest.mark.parametrize("username", ["petugas.baru", "Petugas.Baru"])
def test_a_taken_user_name_is_refused_in_any_case(administrator, username):
    make(administrator)
    with pytest.raises(DomainError) as refused:
        make(administrator, username)
    assert refused.value.code == "username_taken"


def test_one_person_has_one_account(administrator):
    make(administrator, nik=NIK)
    with pytest.raises(DomainError) as refused:
        make(administrator, "akun.kedua", nik=NIK)
    assert refused.value.code == "nik_taken"


@pytest.mark.parametrize(
    "nik", ["123", "97010101019090011", "970101010190900x", "٩٧٠١٠١٠١٠١٩٠٩٠٠١"]
)
def test_a_nik_that_is_not_sixteen_digits_is_refused(administrator, nik):
    with pytest.raises(DomainError) as refused:
        make(administrator, nik=nik)
    assert refused.value.code == "nik_shape"


def test_a_disabled_user_is_out_at_the_next_request(administrator, person):
    verifier = person("verifier")
    browser = Browser()
    browser.force_login(verifier)
    assert browser.get(reverse("admin:jsi18n")).status_code == 200
    users.disable(user=verifier, by=administrator, now=timezone.now())
    assert browser.get(reverse("admin:jsi18n")).status_code == 302


def test_an_enabled_user_is_back_with_the_grants_still_in_force(administrator, person):
    verifier = person("verifier")
    users.disable(user=verifier, by=administrator, now=timezone.now())
    users.enable(user=verifier, by=administrator, now=timezone.now())
    assert User.objects.get(pk=verifier.pk).has_perm("proposals.verify_proposal")


def test_disabling_a_user_twice_is_refused_the_second_time(administrator, person):
    verifier = person("verifier")
    users.disable(user=verifier, by=administrator, now=timezone.now())
    with pytest.raises(DomainError) as refused:
        users.disable(user=verifier, by=administrator, now=timezone.now())
    assert refused.value.code == "already_so"


def test_a_reset_password_ends_the_sessions_of_the_user(administrator, person):
    verifier = person("verifier")
    browser = Browser()
    browser.force_login(verifier)
    users.reset_password(user=verifier, by=administrator, now=timezone.now())
    assert browser.get(reverse("admin:jsi18n")).status_code == 302


def test_an_administrator_cannot_change_the_own_account(administrator):
    for act in (users.disable, users.reset_password):
        with pytest.raises(DomainError) as refused:
            act(user=administrator, by=administrator, now=timezone.now())
        assert refused.value.code == "own_account"


@pytest.mark.parametrize("act", [users.disable, users.enable, users.reset_password])
def test_a_user_administrator_cannot_change_a_user_who_works_outside_the_regency(person, role, act):
    local = person("user_administrator")
    both = person("verifier")
    with role("owner"):
        grant(both, "verifier", "97.02")
    for user in (both, person("verifier", "97.02"), person("determiner")):
        with pytest.raises(DomainError) as refused:
            act(user=user, by=local, now=timezone.now())
        assert refused.value.code == "not_your_user"


def test_a_user_administrator_resets_the_password_of_an_own_officer(person):
    officer = person("verifier")
    password = users.reset_password(
        user=officer, by=person("user_administrator"), now=timezone.now()
    )
    assert User.objects.get(pk=officer.pk).check_password(password)


def test_the_users_within_a_regency_are_those_with_a_grant_there(person):
    own, _other = person("verifier"), person("verifier", "97.02")
    assert list(User.objects.within(Scope.of_codes(["97.01"]))) == [own]
    assert not User.objects.within(Scope())
    assert User.objects.within(Scope.of_codes(["ID"])).count() == 2
