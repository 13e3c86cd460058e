"""The civil register's client against its stand-in: whatever goes wrong is a fault."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from django.core.cache import cache

from apps.civilregister.comparison import Person
from apps.civilregister.dukcapil import Client, NoAnswer, Paused, locate, read_people
from apps.common.circuit_breaker import Breaker, take_turn
from apps.demo.dukcapil import Known, write_people
from tests.civilregister.standin import CLIENT, SECRET, standin
from tests.limits import within

NIK, OTHER, NOBODY = "9701015201889001", "9701011201889002", "9701011201889009"
TIMEOUT_S = 0.4


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    people = tmp_path_factory.mktemp("civil") / "people.csv"
    write_people(
        people,
        [
            Known(NIK, "SITI AMINAH", "1988-01-12", "P", "97.01.01.2001", "0"),
            Known(OTHER, "BUDI", "1988-01-12", "L", "97.01.01.2002", "1"),
        ],
    )
    with standin(people, "--most", "50") as running:
        yield running


@pytest.fixture
def client(service):
    cache.clear()
    service.is_well()
    return Client(
        url=service.url,
        name=CLIENT,
        secret=SECRET,
        timeout_s=TIMEOUT_S,
        tries=2,
        pause_s=0.01,
        per_second=1_000,
        breaker=Breaker("test", opens_after=5, open_s=30, probe_s=5),
    )


def test_people_are_found_or_not_found(client):
    assert client.people([NIK, OTHER, NOBODY]) == {
        NIK: [Person("SITI AMINAH", date(1988, 1, 12), "P", "97.01.01.2001")],
        OTHER: [Person("BUDI", date(1988, 1, 12), "L", "97.01.01.2002", True)],
        NOBODY: [],
    }


WRONG = [
    *[("silent", "timeout"), ("drip", "timeout"), ("drip_head", "timeout")],
    *[("cut", "connection"), ("server_error", "refused"), ("redirect", "refused")],
    *[("html", "unreadable"), ("html_as_json", "unreadable"), ("half", "unreadable")],
    *[("list", "unreadable"), ("huge", "unreadable"), ("no_sign_in", "sign_in")],
    *[("busy", "busy"), ("busy_nonsense", "busy")],
]


@pytest.mark.parametrize(("fault", "code"), WRONG)
@pytest.mark.timed
@pytest.mark.long
def test_every_failure_is_a_fault_in_time_and_never_an_answer(client, service, fault, code):
    service.goes_wrong(fault)
    began = time.monotonic()
    with pytest.raises(NoAnswer) as failed:
        client.people([NIK, NOBODY])
    assert failed.value.code == code
    assert time.monotonic() - began < within(2 * TIMEOUT_S + 2)


@pytest.mark.parametrize(("fault", "code"), WRONG)
@pytest.mark.long
def test_the_next_try_asks_again(client, service, fault, code):
    service.goes_wrong(fault, times=1)
    assert client.people([NIK])[NIK][0].name == "SITI AMINAH"
    assert client.breaker.failures() == 0


@pytest.mark.parametrize("fault", ["silent", "drip", "html", "half", "wrong_types", "list"])
@pytest.mark.long
def test_a_token_that_does_not_come_is_a_fault_too(client, service, fault):
    service.goes_wrong(fault, at="token")
    with pytest.raises(NoAnswer):
        client.people([NIK])


def test_a_wrong_secret_is_a_fault_and_is_not_told(client):
    wrong = replace(client, secret="salah")
    with pytest.raises(NoAnswer) as failed:
        wrong.people([NIK])
    assert failed.value.code == "sign_in"
    assert "salah" not in repr(wrong)


@pytest.mark.parametrize("fault", ["wrong_types", "incomplete", "contradicts"])
def test_a_person_of_whom_the_answer_says_nothing_clear_is_not_in_it(client, service, fault):
    service.goes_wrong(fault)
    assert NIK not in client.people([NIK])


def test_an_answer_about_others_is_left_aside():
    answer = {"results": [{"nik": OTHER, "found": False}, 5, {"found": False}]}
    assert read_people(answer, {NIK}) == {}


def test_a_token_that_ended_early_is_renewed_once(client, service):
    client.people([NIK])
    client._token = "ended"
    assert client.people([NIK])[NIK]
    service.goes_wrong("no_sign_in", times=1)
    assert client.people([NIK])[NIK]


def time_goes_by(client):
    """The pause of an open breaker is over."""
    cache.delete(client.breaker._key("open"))


def test_after_five_failures_nobody_asks_and_then_one_tries(client, service):
    one_by_one = replace(client, tries=1)
    service.goes_wrong("server_error")
    for _time in range(5):
        with pytest.raises(NoAnswer):
            one_by_one.people([NIK])
    before = service.asked()
    with pytest.raises(Paused):
        one_by_one.people([NIK])
    assert service.asked() == before
    assert client.breaker.is_open()
    time_goes_by(client)
    assert client.breaker.may_ask()  # this one tries
    assert not client.breaker.may_ask()  # no other does meanwhile
    client.breaker.failed()
    assert not client.breaker.may_ask()  # open again at once
    time_goes_by(client)
    service.is_well()
    assert one_by_one.people([NIK])[NIK]
    assert not client.breaker.is_open()


def test_the_breaker_is_every_workers(client):
    other = Breaker("test", opens_after=5, open_s=30, probe_s=5)
    for _time in range(5):
        other.failed()
    with pytest.raises(Paused):
        client.people([NIK])


def test_a_service_that_asks_for_patience_gets_it_without_a_failure(client, service):
    service.goes_wrong("busy_long")
    with pytest.raises(NoAnswer):
        client.people([NIK])
    assert len(service.asked()) == 1
    assert client.breaker.failures() == 0
    with pytest.raises(Paused):
        client.people([NIK])


def test_no_service_at_all_is_a_fault(client):
    nobody = replace(client, url="http://127.0.0.1:9", tries=1)
    with pytest.raises(NoAnswer) as failed:
        nobody.people([NIK])
    assert failed.value.code == "connection"


@pytest.mark.parametrize(
    "url",
    [
        *["", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:80", "http:///x"],
        *["http://10.0.0.5/", "http://8.8.8.8/", "https://169.254.169.254/", "https://0.0.0.0/"],
        *["https://[fe80::1]/", "https://[::ffff:169.254.169.254]/", "https://224.0.0.1/"],
        "https://nobody.invalid/",
    ],
)
def test_nobody_is_sent_without_tls_or_to_an_address_that_is_no_service(url):
    with pytest.raises(NoAnswer):
        locate(url)


def test_the_address_is_looked_up_once_and_kept(client):
    client.people([NIK])
    door = client._target
    client.people([NIK])
    assert client._target is door
    assert door.address == "127.0.0.1"


def test_no_more_requests_in_a_second_than_are_allowed():
    cache.clear()
    slept: list[float] = []
    began = int(time.time())
    for _turn in range(3):
        take_turn("pace", 2, sleep=lambda seconds: (slept.append(seconds), time.sleep(seconds)))
    assert slept or int(time.time()) > began
