"""Guessing passwords: how often, from where, and that nothing forged helps."""

import time

import pytest
from django.test import Client as Browser

from apps.accounts.limits import attempts
from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from tests.accounts.races import race
from tests.accounts.test_signin import PASSWORD, sign_in, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("known", [True, False])
def test_the_sixth_failure_is_not_even_tried(person, known):
    name = person("verifier").username if known else "siapa"
    statuses = [sign_in(name, f"salah-{turn}").status_code for turn in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_full_window_answers_alike_for_known_and_unknown_names(person):
    name = person("verifier").username
    for turn in range(5):
        sign_in(name, f"salah-{turn}")
        sign_in("siapa", f"salah-{turn}")
    known, unknown = sign_in(name, "salah"), sign_in("siapa", "salah")
    assert words(known) == words(unknown)
    assert known["Retry-After"] and unknown["Retry-After"]


def test_the_right_password_is_refused_while_the_window_is_full(person):
    name = person("verifier").username
    for turn in range(5):
        sign_in(name, f"salah-{turn}")
    assert sign_in(name).status_code == 429


def test_another_spelling_of_the_name_has_no_tries_of_its_own(person):
    name = person("verifier").username
    spellings = [name, name.upper(), f" {name}", name.title(), f"{name} "]
    assert [sign_in(spelling, "salah").status_code for spelling in spellings] == [200] * 5
    assert sign_in(name, "salah").status_code == 429


def test_successes_do_not_count(person):
    name = person("verifier").username
    assert {sign_in(name).status_code for _ in range(8)} == {302}


def test_a_success_does_not_give_back_earlier_failures(person):
    name = person("verifier").username
    for _ in range(4):
        sign_in(name, "salah")
    sign_in(name)
    assert [sign_in(name, "salah").status_code for _ in range(2)] == [200, 429]


def test_an_address_has_thirty_failures_a_minute_over_all_names():
    statuses = [sign_in(f"orang{turn}", "salah").status_code for turn in range(32)]
    assert statuses == [200] * 30 + [429] * 2


def test_a_forged_header_makes_no_new_address():
    statuses = [
        Browser()
        .post(
            "/accounts/login/",
            {"username": f"orang{turn}", "password": "salah"},
            headers={"X-Forwarded-For": f"10.0.0.{turn}"},
        )
        .status_code
        for turn in range(31)
    ]
    assert statuses[-1] == 429


def test_behind_one_trusted_proxy_the_last_address_counts(settings):
    settings.TRUSTED_PROXIES = 1
    statuses = [
        Browser()
        .post(
            "/accounts/login/",
            {"username": f"orang{turn}", "password": "salah"},
            headers={"X-Forwarded-For": f"10.0.0.{turn}, 203.0.113.7"},
        )
        .status_code
        for turn in range(31)
    ]
    assert statuses[-1] == 429
    assert {str(entry.address) for entry in Entry.objects.all()} == {"203.0.113.7"}


@pytest.mark.parametrize("forged", ["kata", "' OR 1=1", "1.2.3.4:80", "", "fe80::1%eth0", "\x7f"])
def test_a_header_that_holds_no_address_is_no_fault(settings, forged):
    settings.TRUSTED_PROXIES = 1
    answer = Browser().post(
        "/accounts/login/",
        {"username": "siapa", "password": "salah"},
        headers={"X-Forwarded-For": forged},
    )
    assert answer.status_code == 200


def test_a_subscribers_network_is_one_address():
    for turn in range(30):
        attempts.count_attempt(account=f"orang{turn}", address=f"2001:db8::{turn:x}")
    with pytest.raises(DomainError, match="^too_many_attempts$"):
        attempts.count_attempt(account="orang", address="2001:db8::ffff")
    attempts.count_attempt(account="orang", address="2001:db8:0:1::1")


@pytest.mark.long
def test_the_window_slides_and_trying_on_does_not_lengthen_it(settings):
    settings.SIGN_IN_WINDOW_S = 1
    for _ in range(5):
        attempts.count_attempt(account="budi", address=None)
    for _ in range(3):
        with pytest.raises(DomainError, match="^too_many_attempts$") as refused:
            attempts.count_attempt(account="budi", address=None)
        assert refused.value.params["wait_s"] <= 1
    time.sleep(1.05)
    attempts.count_attempt(account="budi", address=None)


def test_no_count_outlives_its_window():
    attempts.count_attempt(account="budi", address="192.0.2.1")
    lives = [attempts.redis().ttl(key) for key in attempts.redis().keys(f"{attempts._prefix()}*")]
    assert all(0 < life <= 300 for life in lives)


def test_fifty_tries_at_once_are_five_tries():
    def take():
        return attempts.count_attempt(account="budi", address=None)

    results = race([take] * 50)
    assert sum(isinstance(result, attempts.Attempt) for result in results) == 5


def test_a_flood_is_one_entry_a_minute(person):
    name = person("verifier").username
    for _ in range(9):
        sign_in(name, "salah")
    failed = Entry.objects.filter(action=Action.SIGN_IN_FAILED)
    assert failed.filter(details__why="no_match").count() == 5
    assert failed.filter(details__why="too_many_attempts").count() == 1


def test_without_redis_the_sign_in_is_closed_in_words(person, settings):
    name = person("verifier").username
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    attempts.redis.cache_clear()
    try:
        answer = sign_in(name, PASSWORD)
    finally:
        attempts.redis.cache_clear()
    assert answer.status_code == 503
    assert words(answer)
    assert answer["Retry-After"]
