"""A recent second factor before what has legal effect or gives access; nothing is typed twice."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.accounts.models import Grant, User
from apps.accounts.people import users
from apps.accounts.signing_in.step_up import MANY_LOOKUPS, MANY_REVEALS
from apps.audit.models import Action, Entry
from apps.proposals.models import Decree
from tests.access.addresses import addresses
from tests.access.objects import made_in
from tests.accounts import codes
from tests.accounts.codes import code, give_app, wrong_code
from tests.conftest import as_role
from tests.personas import OWN, agency_client, grant
from tests.proposals import factory

pytestmark = pytest.mark.django_db
CODE, ASKED_BY = "second_factor_code", "second_factor_asked_by"
NEW_USER = {"username": "petugas.baru", "full_name": "Petugas & <Baru>", "email": ""}
NEW_USER |= {"nik": "9701010101779001"}
GRANTED = {"role": "regency_officer", "region_code": OWN, "until": "2027-06-30"}


@pytest.fixture(autouse=True)
def _required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def signed_in_long_ago(person, settings):
    """A browser whose person showed the second factor more than five minutes ago."""

    def make(role):
        user = person(role)
        give_app(user)
        browser = codes.sign_in(user)
        session = browser.session
        session["second_factor_at"] -= 301
        session.save()
        return browser

    return make


def named(username):
    """That user, whoever may see them."""
    with as_role("owner"):
        return User.objects.filter(username=username).first()


def resets():
    with as_role("owner"):
        return list(Entry.objects.filter(details__step="factor_reset"))


def is_asked(answer):
    return answer.status_code == 200 and b'name="second_factor_code"' in answer.content


def test_a_new_user_is_made_after_the_code_with_what_was_typed_before(signed_in_long_ago):
    browser = signed_in_long_ago("user_administrator")
    form = NEW_USER | GRANTED
    asked = browser.post("/admin/accounts/user/add/", form)
    assert is_asked(asked)
    assert named("petugas.baru") is None
    kept = dict(asked.context["kept"])
    assert kept == form
    assert b"Petugas &amp; &lt;Baru&gt;" in asked.content
    done = browser.post("/admin/accounts/user/add/", kept | {CODE: code(), ASKED_BY: "POST"})
    assert done.status_code == 200
    assert named("petugas.baru").full_name == "Petugas & <Baru>"


def test_the_code_counts_for_five_minutes(signed_in_long_ago):
    browser = signed_in_long_ago("user_administrator")
    path = "/admin/accounts/user/add/"
    browser.post(path, NEW_USER | GRANTED | {CODE: code(), ASKED_BY: "POST"})
    other = NEW_USER | GRANTED | {"username": "petugas.lain", "nik": "9701010101779002"}
    assert not is_asked(browser.post(path, other))
    assert named("petugas.lain")


@pytest.mark.long
def test_a_wrong_code_does_nothing_and_keeps_the_form(signed_in_long_ago):
    browser = signed_in_long_ago("user_administrator")
    sent = NEW_USER | GRANTED | {CODE: wrong_code(), ASKED_BY: "POST"}
    answers = [browser.post("/admin/accounts/user/add/", sent) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert dict(answers[-1].context["kept"]) == NEW_USER | GRANTED
    assert named("petugas.baru") is None


def test_a_code_that_signed_somebody_in_confirms_nothing(person):
    user = person("user_administrator")
    give_app(user)
    browser = codes.Browser()
    codes.password(browser, user)
    now = code()
    codes.second(browser, now)
    session = browser.session
    session["second_factor_at"] -= 301
    session.save()
    sent = NEW_USER | GRANTED | {CODE: now, ASKED_BY: "POST"}
    assert is_asked(browser.post("/admin/accounts/user/add/", sent))


@pytest.mark.parametrize("verb", ["disable", "reset_password"])
def test_the_buttons_of_a_user_ask(signed_in_long_ago, person, verb):
    browser = signed_in_long_ago("user_administrator")
    officer = person("regency_officer")
    before = User.objects.values().get(pk=officer.pk)
    assert is_asked(browser.post(f"/admin/accounts/user/{officer.pk}/{verb}/"))
    assert User.objects.values().get(pk=officer.pk) == before


def test_the_end_of_a_grant_asks(signed_in_long_ago, person):
    browser = signed_in_long_ago("user_administrator")
    held = Grant.objects.get(user=person("regency_officer"))
    assert is_asked(browser.post(f"/admin/accounts/grant/{held.pk}/end/"))
    assert Grant.objects.get(pk=held.pk).active_until == held.active_until


def test_a_new_secret_of_an_agency_asks(signed_in_long_ago, role):
    browser = signed_in_long_ago("administrator")
    with role("owner"):
        client, _secret = agency_client()
    path = f"/admin/accounts/client/{client.pk}/renew_secret/"
    assert is_asked(browser.post(path))
    assert is_asked(
        browser.post(
            f"/admin/accounts/agency/{client.agency_id}/client/",
            {"name": "uji", "scopes": "proposals:read"},
        )
    )
    client.refresh_from_db()
    assert client.client_secret == type(client).objects.get(pk=client.pk).client_secret
    assert not is_asked(browser.post(path, {CODE: code(), ASKED_BY: "POST"}))


def test_a_determination_asks_and_goes_on_with_its_number(signed_in_long_ago, person):
    factory.proposal(factory.batch(person("regency_officer")), status="accepted")
    browser = signed_in_long_ago("determiner")
    path = "/admin/proposals/decree/determine/"
    form = {"number": "88/HUK/2026", "date": "24-11-2026", "region": OWN, "region_text": ""}
    form |= {"civil_reason": "Dukcapil belum dapat ditanya.", "expected": "1"}
    asked = browser.post(path, form)
    assert is_asked(asked)
    assert not Decree.objects.exists()
    browser.post(path, dict(asked.context["kept"]) | {CODE: code(), ASKED_BY: "POST"})
    assert Decree.objects.get().number == "88/HUK/2026"


def test_an_export_asks_and_is_fetched_after_the_code(signed_in_long_ago, role):
    with role("owner"):
        key = made_in(OWN)["decree"]
    browser = signed_in_long_ago("determiner")
    path = f"/admin/proposals/decree/{key}/annex/csv/"
    assert is_asked(browser.get(path))
    assert browser.post(path, {CODE: code(), ASKED_BY: "GET"})["Location"] == path
    assert b"".join(browser.get(path).streaming_content) == b"no\n"


@pytest.mark.long
def test_many_revealed_numbers_ask(signed_in_long_ago, role):
    with role("owner"):
        person_id = made_in(OWN)["person"]
    browser = signed_in_long_ago("verifier")
    path = f"/admin/registry/person/{person_id}/reveal/"
    answers = [browser.post(path, {"reason": "verification"}) for _ in range(MANY_REVEALS + 1)]
    assert [is_asked(answer) for answer in answers] == [False] * MANY_REVEALS + [True]
    assert Entry.objects.filter(action=Action.REVEAL).count() == MANY_REVEALS


REVEALS = {
    "admin:registry_person_reveal": "person",
    "registry:person-reveal": "person",
    "admin:proposals_proposal_reveal": "proposal",
    "proposals:review_reveal": "proposal",
}


def test_these_are_all_addresses_that_reveal():
    assert {one.name for one in addresses() if "reveal" in one.name} == set(REVEALS)


@pytest.mark.parametrize("name", REVEALS)
@pytest.mark.long
def test_the_question_comes_before_every_address_that_reveals(name, signed_in_long_ago, role):
    with role("owner"):
        made = made_in(OWN)
    browser = signed_in_long_ago("verifier")
    path = reverse(name, args=[made[REVEALS[name]]])
    form = {"reason": "verification"}
    answers = [browser.post(path, form) for _ in range(MANY_REVEALS + 1)]
    assert [is_asked(answer) for answer in answers] == [False] * MANY_REVEALS + [True]
    assert Entry.objects.filter(action=Action.REVEAL).count() == MANY_REVEALS
    # with the code it goes on, and nothing is typed twice
    kept = dict(answers[-1].context["kept"])
    shown = browser.post(path, kept | {CODE: code(), ASKED_BY: "POST"})
    assert shown.status_code == 200
    assert not is_asked(shown)
    assert Entry.objects.filter(action=Action.REVEAL).count() == MANY_REVEALS + 1


@pytest.mark.parametrize(
    ("role", "address", "form"),
    [
        ("verifier", "/admin/registry/person/", {"nik": "9701011201889001"}),
        ("verifier", "/register/", {"nik": "9701011201889001"}),
        ("verifier", "/proposals/review/search/", {"words": "9701011201889001"}),
        ("regency_officer", "/proposals/families/", {"number": "9701011201889001"}),
    ],
)
@pytest.mark.long
def test_many_look_ups_ask(role, address, form, signed_in_long_ago):
    browser = signed_in_long_ago(role)
    answers = [browser.post(address, form) for _ in range(MANY_LOOKUPS + 1)]
    assert [is_asked(answer) for answer in answers] == [False] * MANY_LOOKUPS + [True]
    assert Entry.objects.filter(action=Action.SEARCH).count() == MANY_LOOKUPS


def test_a_user_without_the_permission_is_refused_before_a_code_is_asked(
    signed_in_long_ago, person
):
    browser = signed_in_long_ago("verifier")
    officer = person("regency_officer")
    assert browser.post(f"/admin/accounts/user/{officer.pk}/disable/").status_code in (403, 404)
    assert browser.post("/admin/proposals/decree/determine/").status_code == 403


def test_a_fragment_is_led_to_a_page_that_asks_and_back(signed_in_long_ago):
    browser = signed_in_long_ago("user_administrator")
    answer = browser.post(
        "/admin/accounts/user/add/",
        NEW_USER | GRANTED,
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/?a=1"},
    )
    led = "/accounts/confirm/?next=%2Fadmin%2F%3Fa%3D1"
    assert (answer.status_code, answer["HX-Redirect"]) == (204, led)
    assert is_asked(browser.get(answer["HX-Redirect"]))
    confirmed = browser.post(answer["HX-Redirect"], {CODE: code(), ASKED_BY: "GET"})
    assert browser.get(confirmed["Location"])["Location"] == "/admin/?a=1"


def test_without_second_factors_no_code_is_asked(signed_in, person, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    browser = signed_in("user_administrator")
    browser.post("/admin/accounts/user/add/", NEW_USER | GRANTED)
    assert named("petugas.baru")


# --- the administrator takes a factor away ---


def reset_of(user):
    return f"/admin/accounts/user/{user.pk}/reset-factor/"


@pytest.fixture
def officer(person):
    user = person("regency_officer")
    give_app(user)
    return user


@pytest.fixture
def administrator(person):
    user = person("user_administrator")
    give_app(user)
    return codes.sign_in(user)


def test_the_user_administrator_resets_a_factor_with_a_reason_on_record(administrator, officer):
    theirs = codes.sign_in(officer)
    assert administrator.post(reset_of(officer), {"reason": "lost"}).status_code == 302
    (entry,) = resets()
    assert (entry.reason, entry.subject) == ("lost", f"accounts.User:{officer.pk}")
    assert theirs.get("/")["Location"].startswith(codes.LOGIN)


def test_after_the_reset_the_user_is_told_and_sets_up_a_new_one(administrator, officer):
    administrator.post(reset_of(officer), {"reason": "lost"})
    browser = codes.Browser(headers={"Accept-Language": "en"})
    assert codes.password(browser, officer).status_code == 302
    page = browser.get("/", follow=True)
    assert page.request["PATH_INFO"] == "/accounts/second-factor/set-up/"
    assert "Your user administrator reset" in page.content.decode()
    form = {"code": code(browser.session["mfa.totp.secret"])}
    browser.post("/accounts/second-factor/set-up/", form)
    officer.refresh_from_db()
    assert officer.factor_reset_at is None
    again = codes.Browser(headers={"Accept-Language": "en"})
    codes.password(again, officer)
    assert "administrator reset" not in again.get("/accounts/second-factor/").content.decode()


@pytest.mark.parametrize("reason", ["", "because"])
def test_no_reset_without_one_of_the_reasons(administrator, officer, reason):
    answer = administrator.post(reset_of(officer), {"reason": reason})
    assert answer.context["form"].errors["reason"]
    assert codes.recovery_codes(officer)


def test_a_user_cannot_reset_the_own_factor(administrator, person):
    own = person("user_administrator")
    answer = administrator.post(reset_of(own), {"reason": "lost"})
    assert answer.context["form"].non_field_errors()
    assert codes.recovery_codes(own)


def test_a_user_who_also_works_elsewhere_is_not_reset_by_the_regency(administrator, officer, role):
    with role("owner"):
        grant(officer, "regency_officer", "97.02")
    answer = administrator.post(reset_of(officer), {"reason": "lost"})
    assert answer.context["form"].non_field_errors()
    assert codes.recovery_codes(officer)


def test_the_password_of_a_user_who_also_works_elsewhere_is_not_reset_by_the_regency(
    administrator, officer, role
):
    with role("owner"):
        grant(officer, "regency_officer", "97.02")
    before = User.objects.get(pk=officer.pk).password
    for verb in ("reset_password", "disable"):
        administrator.post(f"/admin/accounts/user/{officer.pk}/{verb}/")
    after = User.objects.get(pk=officer.pk)
    assert (after.password, after.is_active) == (before, True)


def test_a_foreign_user_does_not_exist_there(administrator, person):
    foreign = person("regency_officer", "98.01")
    give_app(foreign)
    assert administrator.post(reset_of(foreign), {"reason": "lost"}).status_code == 404
    assert codes.recovery_codes(foreign)


def test_every_reason_has_words():
    assert all(str(words) for words in users.RESET_REASONS.values())


def test_on_the_server_itself_a_command_resets_it_on_record(officer, role):
    with role("worker"):
        call_command("reset_factor", officer.username, reason="lost", stdout=StringIO())
    (entry,) = resets()
    assert (entry.actor, entry.reason) == ("system", "lost")


@pytest.mark.parametrize("username", ["regency_officer-97.01", "siapa"])
def test_a_refused_reset_by_command_changes_nothing(person, username, role):
    person("regency_officer")
    with role("worker"), pytest.raises(CommandError):
        call_command("reset_factor", username, reason="lost")
    assert resets() == []
