"""One request to a feed: conditional, bounded in time and size, and never to an inner address."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from apps.commandcentre.feeds import fetching
from apps.commandcentre.feeds.fetching import Fetched, Validators
from apps.common.remote_documents import SourceFault
from tests.commandcentre.feeds.standin import Standin, standin

STAND_IN = fetching.rule(is_stand_in_allowed=True)
PUBLIC = fetching.rule(is_stand_in_allowed=False)
UNKNOWN = Validators()


@pytest.fixture
def source() -> Iterator[Standin]:
    with standin() as found:
        yield found


def fetch(source: Standin, known: Validators = UNKNOWN, timeout_s: float = 3.0) -> Fetched:
    return fetching.fetch(f"{source.url}/feed", known, allowed=STAND_IN, timeout_s=timeout_s)


def test_an_answer_comes_with_its_validators_and_the_next_request_sends_them_back(source):
    modified = "Tue, 10 Nov 2026 02:58:00 GMT"
    source.lay_out("/feed", b"{}", headers={"ETag": '"a1"', "Last-Modified": modified})
    fetched = fetch(source)
    assert fetched == Fetched(b"{}", Validators('"a1"', modified))
    assert fetch(source, fetched.validators) == Fetched(None, fetched.validators)
    assert source.headers_of_last()["If-None-Match"] == '"a1"'
    assert source.headers_of_last()["If-Modified-Since"] == modified


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ({"status": 500}, "feed_status"),
        ({"status": 301, "headers": {"Location": "http://127.0.0.1:1/"}}, "feed_status"),
        ({"content": b"x" * (fetching.MOST_BYTES + 1)}, "feed_too_large"),
        ({"content": b"x", "headers": {"Content-Encoding": "gzip"}}, "feed_encoding"),
        ({"content": b"x", "headers": {"Content-Length": "500"}}, "feed_cut"),
    ],
)
def test_anything_but_a_whole_plain_answer_is_a_fault(source, page, code):
    source.lay_out("/feed", **page)
    with pytest.raises(SourceFault) as failed:
        fetch(source)
    assert failed.value.code == code
    assert len(source.asked) == 1  # a redirect is not followed


@pytest.mark.parametrize("page", [{"silent_s": 5}, {"content": b"x" * 500, "drip_s": 0.05}])
def test_a_slow_source_is_left_when_the_time_is_over(source, page):
    source.lay_out("/feed", **page)
    began = time.monotonic()
    with pytest.raises(SourceFault) as failed:
        fetch(source, timeout_s=0.4)
    assert failed.value.code == "feed_timeout"
    assert time.monotonic() - began < 2


def test_no_server_is_a_fault():
    with pytest.raises(SourceFault) as failed:
        fetching.fetch("http://127.0.0.1:9/", Validators(), allowed=STAND_IN, timeout_s=1)
    assert failed.value.code == "feed_connection"


INNER = [
    *("http://127.0.0.1/", "https://127.0.0.1/", "http://localhost/", "https://localhost/"),
    *("https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/"),
    *("https://0/", "https://0.0.0.0/", "https://127.0.0.2/", "https://127.255.255.254/"),
    *("https://10.0.0.1/", "https://10.255.255.255/", "https://172.16.0.1/", "https://172.31.9.9/"),
    *("https://192.168.0.1/", "https://192.168.1.1:8443/", "https://100.64.0.1/"),
    *("https://169.254.169.254/latest/meta-data/", "https://169.254.0.1/"),
    *("https://192.0.2.1/", "https://198.18.0.1/", "https://203.0.113.5/", "https://240.0.0.1/"),
    *("https://255.255.255.255/", "https://224.0.0.1/", "https://0xa9fea9fe/"),
    *("https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fc00::1]/"),
    *("https://[fd12:3456::1]/", "https://[ff02::1]/", "https://[::ffff:127.0.0.1]/"),
    *("https://[::ffff:10.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://[::127.0.0.1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/"),
    *("https://[2002:a00:1::1]/", "https://[2001:0:0:0:0:0:80ff:fefe]/"),
    *("https://user@127.0.0.1/", "https://bmkg.go.id@127.0.0.1/", "http://8.8.8.8/"),
    *("ftp://data.bmkg.go.id/", "file:///etc/passwd", "//127.0.0.1/", "gopher://127.0.0.1/"),
    *("https://127.0.0.1:99999/", "https:///x", "https://[::1", "https://nobody.invalid/", ""),
]


@pytest.mark.parametrize("url", INNER)
def test_an_inner_address_is_not_asked_however_it_is_spelt(url):
    assert len(INNER) >= 40
    with pytest.raises(SourceFault) as failed:
        fetching.fetch(url, Validators(), allowed=PUBLIC, timeout_s=1)
    assert failed.value.code == "feed_address"


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://192.168.1.1/", "http://8.8.8.8/"])
def test_where_a_stand_in_is_allowed_other_inner_addresses_are_not(url):
    with pytest.raises(SourceFault) as failed:
        fetching.fetch(url, Validators(), allowed=STAND_IN, timeout_s=1)
    assert failed.value.code == "feed_address"
