"""The second factor: no way in without it, a code works once, guessing is counted."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.authentication import second_factors
from apps.accounts.models import User
from apps.accounts.people import users
from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.accounts.signing_in.step_up import OPEN_WITHOUT_FACTOR
from apps.audit.models import Action, Entry
from tests.access.addresses import addresses
from tests.accounts import codes
from tests.accounts.codes import SECOND, code, give_app, password, second, wrong_code
from tests.accounts.races import race

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/second-factor/set-up/"


@pytest.fixture(autouse=True)
def _required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def verifier(person):
    user = person("verifier")
    give_app(user)
    return user


def is_in(browser):
    return browser.get("/accounts/profile/").status_code == 200


# --- coming in ---


def test_the_password_alone_opens_nothing(verifier):
    browser = Browser()
    assert password(browser, verifier)["Location"] == SECOND
    assert "_auth_user_id" not in browser.session
    assert browser.get("/")["Location"].startswith(codes.LOGIN)


def test_password_and_code_sign_in_and_lead_to_where_one_wanted(verifier):
    browser = Browser()
    password(browser, verifier, next="/admin/jsi18n/")
    assert second(browser, code())["Location"] == "/admin/jsi18n/"
    assert is_in(browser)
    entry = Entry.objects.filter(action=Action.SIGN_IN).get()
    assert entry.details == {"channel": "web", "factor": "totp"}


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1} {2}"])
def test_a_code_may_be_typed_as_the_app_shows_it(verifier, typed):
    browser, now = Browser(), code()
    password(browser, verifier)
    assert second(browser, typed.format(now, now[:3], now[3:])).status_code == 302


@pytest.mark.parametrize("typed", ["", "12345", "abc", "０１２３４５", "9" * 40, "9" * 41])
def test_text_that_is_not_a_code_is_refused_with_a_message(verifier, typed):
    browser = Browser()
    password(browser, verifier)
    answer = second(browser, typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not is_in(browser)


def test_a_nul_in_a_code_is_refused(verifier):
    browser = Browser()
    password(browser, verifier)
    assert second(browser, "\0").status_code == 400
    assert not is_in(browser)


def test_the_session_id_is_new_after_the_password_and_after_the_code(verifier):
    browser = Browser()
    browser.get(codes.LOGIN)
    password(browser, verifier)
    waiting = browser.session.session_key
    second(browser, code())
    assert browser.session.session_key != waiting
    thief = Browser()
    thief.cookies["sessionid"] = waiting
    assert not is_in(thief)
    assert second(thief, code(step=1))["Location"] == codes.LOGIN


def test_ten_minutes_after_the_password_it_has_to_be_typed_again(verifier, settings):
    browser = Browser()
    password(browser, verifier)
    settings.SECOND_FACTOR_WITHIN_S = -1
    assert second(browser, code())["Location"] == codes.LOGIN


@pytest.mark.parametrize("change", ["password", "closed"])
def test_a_sign_in_that_waits_for_its_code_ends_when_the_account_changes(verifier, role, change):
    browser = Browser()
    password(browser, verifier)
    with role("owner"):
        if change == "closed":
            User.objects.filter(pk=verifier.pk).update(is_active=False)
        else:
            verifier.set_password("kata-sandi-lain-sama-sekali")
            verifier.save()
    assert second(browser, code())["Location"] == codes.LOGIN


# --- a code works once ---


def test_a_code_works_once(verifier):
    first, again = Browser(), Browser()
    password(first, verifier)
    password(again, verifier)
    now = code()
    assert second(first, now).status_code == 302
    assert second(again, now).status_code == 200
    assert not is_in(again)


def test_an_earlier_code_is_refused_after_a_later_one(verifier):
    first, again = Browser(), Browser()
    password(first, verifier)
    password(again, verifier)
    assert second(first, code(step=1)).status_code == 302
    assert second(again, code()).status_code == 200


def test_codes_far_from_now_are_refused(verifier):
    browser = Browser()
    password(browser, verifier)
    assert [second(browser, code(step=step)).status_code for step in (-3, 3)] == [200, 200]


@pytest.mark.django_db(transaction=True)
def test_of_eight_requests_with_one_code_one_succeeds(person):
    user = person("verifier")
    give_app(user)
    now = code()
    results = race([lambda: second_factors.match_code(user=user, code=now)] * 8)
    assert sorted(results) == [""] * 7 + ["totp"]


def test_the_code_of_the_set_up_opens_nothing_later(person, signed_in):
    browser, user = signed_in("head_of_office"), person("head_of_office")
    browser.get(SET_UP)
    now = code(browser.session["mfa.totp.secret"])
    assert browser.post(SET_UP, {"code": now})["Location"] == "/accounts/recovery-codes/"
    assert second_factors.match_code(user=user, code=now) == ""


def test_a_recovery_code_works_once(verifier):
    paper = codes.recovery_codes(verifier)
    browsers = [Browser(), Browser(), Browser()]
    for browser in browsers:
        password(browser, verifier)
    assert second(browsers[0], f"{paper[3][:5]} {paper[3][5:]}").status_code == 302
    assert second(browsers[1], paper[3]).status_code == 200
    assert second(browsers[2], paper[0]).status_code == 302
    assert Entry.objects.filter(details__factor="recovery_codes").count() == 2


# --- guessing ---


def test_the_sixth_wrong_code_is_not_checked(verifier):
    browser = Browser()
    password(browser, verifier)
    wrong = [second(browser, wrong_code()).status_code for _ in range(6)]
    assert wrong == [200] * 5 + [429]
    assert second(browser, code()).status_code == 429
    refused = Entry.objects.filter(action=Action.SIGN_IN_FAILED, details__why="second_factor")
    assert refused.count() == 5


def test_wrong_passwords_and_wrong_codes_are_counted_together(verifier):
    browser = Browser()
    password(browser, verifier)
    for _ in range(3):
        second(browser, wrong_code())
    other = Browser()
    wrong = {"username": verifier.username, "password": "salah"}
    assert [other.post(codes.LOGIN, wrong).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.long
def test_a_forged_header_gives_no_more_tries_of_codes(verifier, settings):
    settings.SIGN_IN_FAILURES_PER_ACCOUNT = 1000
    browser = Browser()
    password(browser, verifier)
    statuses = [
        second(browser, wrong_code(), **{"X-Forwarded-For": f"10.0.0.{turn}"}).status_code
        for turn in range(31)
    ]
    assert statuses == [200] * 30 + [429]


def test_recovery_codes_cannot_be_guessed_more_often_either(verifier):
    browser = Browser()
    password(browser, verifier)
    right = codes.recovery_codes(verifier)[0]
    wrong = f"{(int(right) + 1) % 10**10:010d}"
    assert [second(browser, wrong).status_code for _ in range(6)] == [200] * 5 + [429]
    assert second(browser, right).status_code == 429


def test_a_forged_answer_of_a_passkey_is_refused(verifier):
    browser = Browser()
    password(browser, verifier)
    for answer in ("{", "[]", "{}", '{"id": "AAAA", "rawId": "AAAA", "type": "public-key"}'):
        assert browser.post(SECOND, {"second_factor_passkey": answer}).status_code == 200
    assert not is_in(browser)


# --- nobody without ---


# Some addresses take no number as the key of what they show.
QUICK = {Role.VILLAGE_OFFICER, Role.USER_ADMINISTRATOR, Role.ADMINISTRATOR}
KEYS = dict.fromkeys(("upload_id", "key"), "00000000-0000-4000-8000-000000000001")


@pytest.mark.slow
@pytest.mark.parametrize(
    "role_name",
    [
        pytest.param(one.value, marks=[] if one in QUICK else [pytest.mark.scale])
        for one in Role
        if one != Role.AGENCY
    ],
)
@pytest.mark.long
def test_a_user_with_a_grant_and_without_a_factor_reaches_only_the_set_up(role_name, signed_in):
    browser = signed_in(role_name)
    reached = set()
    for address in addresses():
        values = dict.fromkeys(address.parameters, "1") | KEYS
        values = {name: values[name] for name in address.parameters}
        if address.name in OPEN_WITHOUT_FACTOR or not address.name:
            continue
        for method in ("get", "post"):
            answer = getattr(browser, method)(address.at(**values))
            if not answer.headers.get("Location", "").startswith(SET_UP):
                reached.add((method, address.name, answer.status_code))
    assert reached == set()
    assert browser.get(SET_UP).status_code == 200


def test_every_role_that_sees_persons_has_to_show_a_second_factor():
    seeing = {one for one in Role if Permission.VIEW_PROPOSAL in PERMISSIONS[one]}
    assert seeing  # roles are granted, and `gate` asks of every grant; agencies use no session


def test_after_the_set_up_one_goes_on_to_where_one_wanted(signed_in):
    browser = signed_in("head_of_office")
    led = browser.get("/admin/jsi18n/")["Location"]
    assert led == f"{SET_UP}?next=%2Fadmin%2Fjsi18n%2F"
    page = browser.get(led)
    assert page.context["target"] == "/admin/jsi18n/"
    form = {"code": code(browser.session["mfa.totp.secret"]), "next": "/admin/jsi18n/"}
    assert browser.post(SET_UP, form)["Location"] == "/accounts/recovery-codes/"
    shown = browser.get("/accounts/recovery-codes/").context["codes"]
    assert len(shown) == 10
    kept = browser.post("/accounts/recovery-codes/", {"act": "keep"})
    assert kept["Location"] == "/admin/jsi18n/"
    assert browser.get("/accounts/recovery-codes/").context["codes"] == []
    assert browser.get("/admin/jsi18n/").status_code == 200


def test_the_key_of_the_set_up_is_drawn_and_written_and_stays_the_same_when_loaded_again(signed_in):
    browser = signed_in("head_of_office")
    first, again = browser.get(SET_UP), browser.get(SET_UP)
    assert first.context["secret"] == again.context["secret"]
    assert b"data:image/svg+xml;base64," in first.content
    assert browser.session["mfa.totp.secret"] in first.context["link"]
    assert "unsafe" not in first["Content-Security-Policy"]


def test_a_wrong_code_sets_nothing_up(signed_in, person):
    browser = signed_in("head_of_office")
    browser.get(SET_UP)
    wrong = wrong_code(browser.session["mfa.totp.secret"])
    assert browser.post(SET_UP, {"code": wrong}).context["form"].errors["code"]
    assert not second_factors.has(person("head_of_office"))


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_the_set_up_leads_to_no_other_site(signed_in, target):
    browser = signed_in("head_of_office")
    assert browser.get(SET_UP, {"next": target}).context["target"] == "/"


def test_a_session_of_before_has_to_show_the_factor_that_another_set_up(person, signed_in):
    browser = signed_in("verifier")
    give_app(person("verifier"))
    page = browser.get("/admin/jsi18n/")
    assert b"second_factor_code" in page.content
    form = {"second_factor_code": code(), "second_factor_asked_by": "GET"}
    assert browser.post("/admin/jsi18n/", form)["Location"] == "/admin/jsi18n/"
    assert b"second_factor_code" not in browser.get("/admin/jsi18n/").content


def test_an_agency_with_a_token_is_asked_for_nothing(person):
    answer = Browser().get("/api/v1/proposals/x/", headers={"Authorization": "Bearer no"})
    assert answer.status_code in (401, 403, 404)


def test_a_user_without_a_grant_is_not_asked_for_a_factor(person, role):
    user = person("verifier", name="tanpa.tugas")
    with role("owner"):
        user.grants.all().delete()
    browser = Browser()
    assert password(browser, user)["Location"] == "/"
    assert is_in(browser)


# --- passwords keep it, secrets are closed ---


def test_a_new_password_keeps_the_factor(verifier, person):
    shown = users.reset_password(user=verifier, by=person("administrator"), now=timezone.now())
    browser = Browser()
    answer = browser.post(codes.LOGIN, {"username": verifier.username, "password": shown})
    assert answer["Location"] == SECOND
    assert second(browser, code())["Location"] == "/accounts/password/"
    new = "sandi-baru-yang-panjang"
    form = {"old_password": shown, "new_password1": new, "new_password2": new}
    assert browser.post("/accounts/password/", form).status_code == 302
    assert is_in(browser)
    assert second_factors.has(verifier)


def test_no_secret_is_stored_in_plain_text(verifier):
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        stored = " ".join(text for (text,) in cursor.fetchall())
    assert codes.SECRET not in stored
    assert not [paper for paper in codes.recovery_codes(verifier) if paper in stored]


def test_under_another_secret_key_no_code_matches_and_nothing_breaks(verifier, settings):
    paper = codes.recovery_codes(verifier)[0]
    settings.SECRET_KEY = "x" * 60
    assert second_factors.match_code(user=verifier, code=code()) == ""
    assert second_factors.match_code(user=verifier, code=paper) == ""


def test_an_old_secret_key_still_opens(verifier, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "x" * 60
    assert second_factors.match_code(user=verifier, code=code()) == "totp"


# --- the demo ---


def test_without_the_rule_the_password_is_enough_and_the_page_says_so(person, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    browser = Browser(headers={"Accept-Language": "en"})
    assert "made-up people" in browser.get(codes.LOGIN).content.decode()
    assert password(browser, person("verifier"))["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_with_the_rule_the_sign_in_page_speaks_of_no_demo():
    browser = Browser(headers={"Accept-Language": "en"})
    assert "made-up people" not in browser.get(codes.LOGIN).content.decode()


def test_a_user_with_a_factor_is_asked_for_it_in_a_demo(verifier, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    assert password(Browser(), verifier)["Location"] == SECOND


# --- one's own ---


def test_the_last_factor_cannot_be_taken_away(verifier):
    browser = codes.sign_in(verifier)
    key = Authenticator.objects.get(user=verifier, type="totp").pk
    browser.post("/accounts/profile/", {"remove": key})
    assert second_factors.has(verifier)


def test_a_factor_of_another_user_cannot_be_removed(verifier, person):
    other = person("head_of_office")
    give_app(other)
    browser = codes.sign_in(verifier)
    key = Authenticator.objects.get(user=other, type="totp").pk
    foreign = browser.post("/accounts/profile/", {"remove": key}, follow=True).content
    missing = browser.post("/accounts/profile/", {"remove": 10**12}, follow=True).content
    assert second_factors.has(other)
    assert foreign.count(b"\n") == missing.count(b"\n")


def test_new_recovery_codes_close_the_former_ones(verifier):
    browser = codes.sign_in(verifier)
    former = codes.recovery_codes(verifier)
    browser.post("/accounts/recovery-codes/", {"act": "renew"})
    assert len(browser.get("/accounts/recovery-codes/").context["codes"]) == 10
    assert not set(former) & set(codes.recovery_codes(verifier))
    assert second_factors.match_code(user=verifier, code=former[0]) == ""


def test_the_file_of_the_codes_is_text_to_be_kept(verifier):
    browser = codes.sign_in(verifier)
    browser.post("/accounts/recovery-codes/", {"act": "renew"})
    answer = browser.get("/accounts/recovery-codes/?file")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store"
    first = codes.recovery_codes(verifier)[0]
    assert f"{first[:5]} {first[5:]}" in answer.content.decode()
