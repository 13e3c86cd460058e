"""One administrator is not two people: known persons, two hands, letters, short passwords."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.models import Grant, User
from apps.accounts.people import account_notices, grants, users
from apps.accounts.roles import PERMISSIONS, STEP_ROLES, Permission, Role
from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from tests.accounts.codes import LOGIN, give_app
from tests.conftest import as_role
from tests.personas import home_of

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"
FIRST, SECOND, THIRD = "9701010101779001", "9701010101779002", "9701014101779003"
OFFICER = {"role": "verifier", "region_code": "97.01", "until": "2027-06-30"}


@pytest.fixture
def local(person):
    return person("user_administrator")


@pytest.fixture
def chief(person):
    return person("administrator")


def made(by, username, nik, role, region="97.01"):
    """An account with its first grant, as the page makes it."""
    now = timezone.now()
    with transaction.atomic():
        user, password = users.create(
            username=username, full_name=username.title(), nik=nik, by=by, now=now
        )
        grants.grant(user=user, role=role, region_code=region, by=by, now=now)
    return user, password


def refusal(act, *args, **kwargs):
    with pytest.raises(DomainError) as refused, transaction.atomic():
        act(*args, **kwargs)
    return refused.value.code


# --- who takes steps is known ---


def test_those_who_send_decide_or_resolve_need_a_nik():
    deciding = {Permission.VERIFY_PROPOSAL, Permission.ENDORSE_PROPOSAL}
    deciding |= {Permission.ACCEPT_PROPOSAL, Permission.DETERMINE_PROPOSAL}
    assert {role for role in Role if PERMISSIONS[role] & deciding} < set(STEP_ROLES)
    assert {Role.VILLAGE_OFFICER, Role.REGENCY_OFFICER, Role.STEWARD} < set(STEP_ROLES)


@pytest.mark.parametrize("role", STEP_ROLES)
def test_a_role_that_takes_steps_is_not_granted_to_somebody_unknown(chief, role):
    assert refusal(made, chief, "petugas.baru", "", role, home_of(role)) == "nik_missing"
    assert not User.objects.filter(username="petugas.baru").exists()


@pytest.mark.parametrize("role", STEP_ROLES)
def test_sql_cannot_grant_a_role_that_takes_steps_to_an_account_without_nik(role):
    now = timezone.now()
    with as_role("owner"):
        user = User.objects.create_user("tanpa.nik", full_name="Tanpa")
        with pytest.raises(IntegrityError, match="takes steps"), transaction.atomic():
            Grant.objects.create(
                user=user,
                role=role,
                region_id=home_of(role),
                active_from=now,
                active_until=now + timedelta(days=1),
                granted_by="SQL",
                granted_at=now,
            )


def test_a_nik_is_given_once(chief):
    user, _password = made(chief, "petugas.baru", FIRST, "verifier")
    now = timezone.now()
    users.give_nik(user=user, nik=FIRST, by=chief, now=now)
    assert refusal(users.give_nik, user=user, nik=SECOND, by=chief, now=now) == "nik_known"
    with pytest.raises(IntegrityError, match="given once"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(nik=None)


@pytest.mark.parametrize(
    ("nik", "code"),
    [
        ("9701013201779001", "nik_date"),  # the 32nd
        ("9701017201779001", "nik_date"),  # a woman's 32nd
        ("9701010113779001", "nik_date"),  # month 13
        ("9701013002779001", "nik_date"),  # 30 February
        ("9701010000779001", "nik_date"),
        ("9701010101770000", "nik_serial"),
        ("0001010101779001", "nik_serial"),
        ("1111111111111111", ""),
        ("9701014101779001", ""),  # a woman's 1 January
        ("9701012902779001", ""),
    ],
)
def test_a_number_that_is_not_a_nik_is_refused(chief, nik, code):
    if code:
        assert refusal(made, chief, "petugas.baru", nik, "verifier") == code
    else:
        assert made(chief, "petugas.baru", nik, "verifier")


def test_a_second_account_of_one_person_gets_no_role(local, chief):
    made(local, "pertama", FIRST, "verifier")
    assert refusal(made, chief, "kedua", FIRST, "head_of_office") == "nik_taken"


def test_the_page_takes_the_nik_of_somebody_who_has_none(signed_in, role):
    with role("owner"):
        user = User.objects.create_user("lama", full_name="Lama")
    browser = signed_in("administrator")
    page = f"{USERS}{user.pk}/grant/"
    assert "NIK" in browser.get(page).content.decode()
    answer = browser.post(page, OFFICER)
    assert "belum punya NIK" in answer.content.decode()
    assert browser.post(page, OFFICER | {"nik": FIRST}).status_code == 302
    user.refresh_from_db()
    assert user.nik == FIRST
    assert user.grants.get().role == "verifier"
    assert 'name="nik"' not in browser.get(page).content.decode()
    assert not [row for row in Entry.objects.values_list("details", flat=True) if FIRST in str(row)]


# --- two accounts of one hand ---


def test_a_user_administrator_cannot_be_verifier_and_head(local):
    made(local, "pertama", FIRST, "verifier")
    assert refusal(made, local, "kedua", SECOND, "head_of_office") == "both_hands"
    assert not User.objects.filter(username="kedua").exists()


def test_ending_the_first_grant_does_not_free_the_second_role(local):
    user, _password = made(local, "pertama", FIRST, "verifier")
    grants.end_grant(grant=user.grants.get(), by=local, now=timezone.now())
    assert refusal(made, local, "kedua", SECOND, "head_of_office") == "both_hands"


def test_the_second_role_is_refused_for_a_part_or_the_whole_of_the_regency(chief):
    made(chief, "pertama", FIRST, "verifier", "97.01.01")
    assert refusal(made, chief, "kedua", SECOND, "head_of_office", "97.01") == "both_hands"
    assert made(chief, "ketiga", THIRD, "head_of_office", "97.02")


def test_the_two_roles_are_refused_at_pusdatin(chief):
    made(chief, "pertama", FIRST, "pusdatin_verifier", "ID")
    assert refusal(made, chief, "kedua", SECOND, "determiner", "ID") == "both_hands"
    assert refusal(made, chief, "ketiga", THIRD, "head_of_office") == "both_hands"


def test_another_administrator_hands_the_second_one_out(local, chief):
    made(local, "pertama", FIRST, "verifier")
    assert made(chief, "kedua", SECOND, "head_of_office")


def test_the_same_hand_gives_out_many_of_one_step(local):
    made(local, "pertama", FIRST, "verifier")
    assert made(local, "kedua", SECOND, "verifier")
    assert made(local, "ketiga", THIRD, "regency_officer")


def test_an_account_that_was_never_used_is_not_taken_over_by_who_has_the_other(local, chief):
    made(local, "pertama", FIRST, "verifier")
    head, _password = made(chief, "kedua", SECOND, "head_of_office")
    now = timezone.now()
    assert refusal(users.reset_password, user=head, by=local, now=now) == "both_hands"
    give_app(head)  # from here on a password alone opens nothing
    assert users.reset_password(user=head, by=local, now=now)


# --- password and factor ---


@pytest.fixture
def head(person):
    user = person("head_of_office")
    with as_role("owner"):
        User.objects.filter(pk=user.pk).update(email="kepala@dinas.example")
    give_app(user)
    user.refresh_from_db()
    return user


def password(user, by, days=0):
    return users.reset_password(user=user, by=by, now=timezone.now() + timedelta(days=days))


def factor(user, by, days=0):
    users.reset_factor(user=user, by=by, reason="lost", now=timezone.now() + timedelta(days=days))


@pytest.mark.parametrize(("one", "other"), [(password, factor), (factor, password)])
def test_both_within_a_week_need_a_second_person_at_pusdatin(
    head, local, chief, person, one, other
):
    one(head, local)
    assert refusal(other, head, local, 6) == "second_person"
    colleague = person("user_administrator", name="rekan")
    assert refusal(other, head, colleague, 6) == "second_person"
    other(head, chief, 6)


@pytest.mark.parametrize(("one", "other"), [(password, factor), (factor, password)])
def test_pusdatin_does_not_do_both_alone_either(head, chief, person, one, other):
    one(head, chief)
    assert refusal(other, head, chief, 6) == "second_person"
    other(head, person("administrator", name="rekan"), 6)


def test_after_a_week_the_other_half_is_free(head, local):
    password(head, local)
    factor(head, local, 8)


def test_a_new_factor_in_between_changes_nothing(head, local):
    factor(head, local)
    give_app(head)
    assert refusal(password, head, local, 6) == "second_person"


def test_a_new_account_is_helped_with_its_first_factor(local):
    user, _password = made(local, "petugas.baru", FIRST, "verifier")
    give_app(user)
    factor(user, local)


def test_the_page_says_who_may(signed_in, head):
    browser = signed_in("user_administrator")
    assert browser.post(f"{USERS}{head.pk}/reset_password/").status_code == 200
    page = browser.post(f"{USERS}{head.pk}/reset-factor/", {"reason": "lost"})
    assert "Pusdatin" in page.context["form"].non_field_errors()[0]
    assert head.authenticator_set.exists()


# --- the owner hears of it ---


def sent():
    """What the worker sends for the jobs that wait."""
    with as_role("worker"):
        for job in Job.objects.filter(kind=account_notices.SEND_LETTER, status="waiting").order_by(
            "pk"
        ):
            with work.claimed(job.pk, job.kind) as lease:
                account_notices.send(lease)
    return mail.outbox


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (password, "Kata sandi Anda diatur ulang oleh administrator"),
        (factor, "Faktor kedua Anda diatur ulang oleh administrator"),
        (lambda user, by: users.disable(user=user, by=by, now=timezone.now()), "dinonaktifkan"),
    ],
)
def test_the_owner_gets_a_letter_in_both_languages(head, local, act, words):
    act(head, local)
    [letter] = sent()
    assert letter.to == ["kepala@dinas.example"]
    assert words in letter.subject
    assert words in letter.body
    assert "tell the administrator at Pusdatin today" in letter.body
    assert head.username in letter.body
    assert head.nik not in letter.body
    assert Job.objects.get(kind=account_notices.SEND_LETTER).status == "done"


def test_one_choosing_a_password_hears_of_it_too(head):
    users.change_own_password(user=head, password="kata-sandi-yang-lain")
    assert "Kata sandi Anda diganti" in sent()[0].subject


def test_the_letter_waits_for_the_worker_and_delays_nobody(signed_in, head, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    browser = signed_in("user_administrator")
    assert browser.post(f"{USERS}{head.pk}/reset_password/").status_code == 200
    assert Job.objects.get(kind=account_notices.SEND_LETTER).status == "waiting"


def test_an_act_that_is_refused_sends_no_letter(head, local):
    password(head, local)
    refusal(factor, head, local)
    assert Job.objects.filter(kind=account_notices.SEND_LETTER).count() == 1


def test_without_an_address_there_is_no_letter(local, person):
    password(person("verifier"), local)
    assert not Job.objects.exists()


# --- a password that others know ---


def aged(user, hours):
    with as_role("owner"):
        User.objects.filter(pk=user.pk).update(
            password_given_at=timezone.now() - timedelta(hours=hours)
        )


def typed(user, shown):
    return Browser().post(LOGIN, {"username": user.username, "password": shown})


@pytest.mark.parametrize(("hours", "is_open"), [(23, True), (25, False)])
def test_a_temporary_password_ends_after_a_day(local, hours, is_open):
    user, shown = made(local, "petugas.baru", FIRST, "verifier")
    aged(user, hours)
    page = typed(user, shown)
    assert (page.status_code == 302) is is_open
    if not is_open:
        assert "24 jam" in page.content.decode()
        assert Entry.objects.get(action="sign_in_failed").details["why"] == "password_over"


def test_a_wrong_password_is_not_told_that_the_right_one_is_over(local):
    user, _shown = made(local, "petugas.baru", FIRST, "verifier")
    aged(user, 25)
    assert "24 jam" not in typed(user, "bukan-kata-sandinya").content.decode()


def test_a_password_of_ones_own_does_not_end(local):
    user, _shown = made(local, "petugas.baru", FIRST, "verifier")
    users.change_own_password(user=user, password="kata-sandi-yang-lain")
    aged(user, 24 * 400)
    assert typed(user, "kata-sandi-yang-lain").status_code == 302


def test_the_machine_makes_an_account_with_a_person(role):
    with role("worker"):
        call_command(
            "grant", "budi", "verifier", "97.01", "--create", "--nik", FIRST, stdout=StringIO()
        )
    assert User.objects.get(username="budi").nik == FIRST
