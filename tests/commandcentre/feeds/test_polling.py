"""Polling: what is new comes in once, what is wrong is said and kept, and the others go on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from json import loads
from typing import Any

import pytest
from celery import current_app
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from apps.commandcentre.feeds import documents, polling
from apps.commandcentre.models import Assessment, Feed, Hazard, RefusedMessage
from apps.common import errors
from tests import workers
from tests.commandcentre.feeds.quakes import NOW, answer, entry, single
from tests.commandcentre.feeds.standin import Standin, standin
from tests.limits import within

pytestmark = pytest.mark.django_db

NAMES = ("bmkg_autogempa", "bmkg_gempaterkini", "bmkg_gempadirasakan")


@pytest.fixture
def source(settings: Any, role: Any) -> Iterator[Standin]:
    """A stand-in for BMKG; every feed is on and has one earthquake."""
    caches["counters"].delete_many(
        [f"breaker:feed-{name}:{part}" for name in NAMES for part in ("open", "failures", "probe")]
    )
    with standin() as found, role("worker"):
        settings.HAZARD_FEEDS = {name: f"{found.url}/{name}.json" for name in NAMES}
        settings.FEED_STAND_IN_ALLOWED = True
        settings.FEED_TIMEOUT_S = 2
        for name in NAMES:
            found.lay_out(f"/{name}.json", single())
        yield found


def poll(minutes: float = 0) -> dict[str, polling.Polled]:
    done = polling.poll_feeds(now=NOW + timedelta(minutes=minutes))
    return {one.feed: one for one in done}


def test_an_earthquake_in_three_lists_is_one_event(source):
    done = poll()
    assert set(done) == set(NAMES)
    assert sum(one.new for one in done.values()) == 1
    hazard = Hazard.objects.get()
    assert (hazard.magnitude, hazard.source) == (5.8, "bmkg")
    assert hazard.title == "Gempa M5.8, 9 km Barat Daya Nusa Barat"
    feed = Feed.objects.get(name="bmkg_autogempa")
    assert (feed.answered_at, feed.code, feed.failures) == (NOW, "", 0)


def test_a_feed_is_asked_again_only_when_its_interval_is_over(source):
    poll()
    assert poll(0.5) == {}
    assert set(poll(1.1)) == set(NAMES)
    assert len(source.asked) == 2 * len(NAMES)


def test_a_clock_that_was_a_day_ahead_holds_no_feed_up(source):
    assert poll(60 * 24)
    assert poll(0)
    assert poll(0) == {}


def test_nothing_new_is_told_by_the_server_and_costs_nothing(source):
    for name in NAMES:
        source.lay_out(f"/{name}.json", single(), headers={"ETag": f'"{name}"'})
    poll()
    done = poll(2)
    assert {(one.code, one.new, one.changed) for one in done.values()} == {("", 0, 0)}
    assert Feed.objects.get(name=NAMES[0]).answered_at == NOW + timedelta(minutes=2)


def test_an_earthquake_that_a_list_names_twice_is_one_event_and_the_others_come_in(source):
    other = entry(NOW - timedelta(hours=1), longitude=110.4)
    twice = answer([entry(), entry(Magnitude="5.2"), other])
    source.lay_out("/bmkg_gempaterkini.json", twice)
    done = poll()
    assert done["bmkg_gempaterkini"].code == ""
    assert Hazard.objects.count() == 2
    source.lay_out("/bmkg_gempaterkini.json", twice, headers={"ETag": '"2"'})
    again = poll(2)["bmkg_gempaterkini"]
    assert (again.new, again.changed) == (0, 0)
    assert set(Hazard.objects.values_list("magnitude", flat=True)) == {5.8}


def test_an_entry_that_the_database_refuses_is_kept_and_the_others_come_in(source, role):
    with role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE commandcentre_hazard ADD CONSTRAINT no_six CHECK (magnitude < 6)"
        )
    other = entry(NOW - timedelta(hours=1), longitude=110.4, Magnitude="6.6")
    source.lay_out("/bmkg_gempaterkini.json", answer([other, entry()]))
    done = poll()["bmkg_gempaterkini"]
    assert (done.code, done.refused) == ("feed_entries_refused", 1)
    assert Hazard.objects.get().magnitude == 5.8
    kept = RefusedMessage.objects.get()
    assert kept.code == "feed_entry_not_stored"
    assert loads(kept.content)["Magnitude"] == "6.6"


def test_coordinates_in_the_wrong_order_are_turned_and_it_is_said(source, signed_in):
    source.lay_out("/bmkg_autogempa.json", single(Coordinates="110.02,-7.79"))
    polling.poll_feeds(["bmkg_autogempa"], now=NOW)
    hazard = Hazard.objects.get()
    assert hazard.epicentre.y == pytest.approx(-7.79)
    page = signed_in("operator").get(reverse("commandcentre:hazard", args=[hazard.pk]))
    assert "dalam urutan terbalik" in page.content.decode()


def test_a_correction_changes_the_event(source):
    poll()
    source.lay_out("/bmkg_autogempa.json", single(Magnitude="5.2"))
    assert poll(2)["bmkg_autogempa"].changed == 1
    assert Hazard.objects.get().magnitude == 5.2


def test_an_answer_older_than_the_one_before_is_left_aside(source, settings):
    settings.HAZARD_FEEDS = {NAMES[0]: settings.HAZARD_FEEDS[NAMES[0]]}
    newer, older = "Tue, 10 Nov 2026 03:00:00 GMT", "Tue, 10 Nov 2026 02:50:00 GMT"
    page = "/bmkg_autogempa.json"
    source.lay_out(page, single(Magnitude="5.2"), headers={"Last-Modified": newer})
    poll()
    source.lay_out(page, single(Magnitude="6.0"), headers={"Last-Modified": older})
    assert poll(2)["bmkg_autogempa"].code == "feed_older"
    assert Hazard.objects.get().magnitude == 5.2


def one_feed(settings: Any) -> tuple[str, str]:
    """Only one feed is on: its name, and its page."""
    settings.HAZARD_FEEDS = {NAMES[0]: settings.HAZARD_FEEDS[NAMES[0]]}
    return NAMES[0], f"/{NAMES[0]}.json"


def test_a_server_whose_clock_was_ahead_once_stops_no_feed(source, settings):
    name, page = one_feed(settings)
    wrong, right = "Tue, 01 Jan 2030 00:00:00 GMT", "Tue, 10 Nov 2026 03:02:00 GMT"
    source.lay_out(page, single(), headers={"Last-Modified": wrong})
    poll()
    assert Feed.objects.get().last_modified == ""
    source.lay_out(page, single(Magnitude="6.4"), headers={"Last-Modified": right})
    assert (poll(2)[name].code, poll(4)[name].code) == ("", "")
    assert "If-Modified-Since" in source.headers_of_last()
    assert Hazard.objects.get().magnitude == 6.4


def test_a_time_of_the_future_that_is_stored_already_is_neither_sent_nor_compared(source, settings):
    name, page = one_feed(settings)
    wrong, right = "Tue, 01 Jan 2030 00:00:00 GMT", "Tue, 10 Nov 2026 03:02:00 GMT"
    poll()
    Feed.objects.update(last_modified=wrong)
    source.lay_out(page, single(Magnitude="6.4"), headers={"Last-Modified": right})
    assert poll(2)[name].code == ""
    assert "If-Modified-Since" not in source.headers_of_last()
    assert (Hazard.objects.get().magnitude, Feed.objects.get().last_modified) == (6.4, right)


def test_an_older_answer_is_no_good_one_and_after_some_in_a_row_it_is_read(source, settings):
    name, page = one_feed(settings)
    first, second = "Tue, 10 Nov 2026 02:58:00 GMT", "Tue, 10 Nov 2026 02:50:00 GMT"
    source.lay_out(page, single(), headers={"Last-Modified": first})
    poll()
    source.lay_out(page, single(Magnitude="6.4"), headers={"Last-Modified": second})
    codes = [poll(2 * turn)[name].code for turn in (1, 2, 3)]
    assert codes == ["feed_older"] * 3
    feed = Feed.objects.get()
    assert feed.answered_at == NOW
    assert polling.stale_at(feed) < NOW + timedelta(minutes=6)
    assert Hazard.objects.get().magnitude == 5.8
    assert poll(8)[name].code == ""
    assert "If-Modified-Since" not in source.headers_of_last()
    assert (Hazard.objects.get().magnitude, Feed.objects.get().last_modified) == (6.4, second)


@pytest.mark.parametrize(
    ("page", "code", "is_kept"),
    [
        ({"content": b"<html>Pemeliharaan</html>"}, "feed_markup", True),
        ({"content": b'{"Infogempa":'}, "feed_not_json", True),
        ({"content": b""}, "feed_nothing", True),
        ({"status": 503}, "feed_status", False),
        ({"silent_s": 4}, "feed_timeout", False),
        ({"content": b"x" * 2_000_001}, "feed_too_large", False),
    ],
)
@pytest.mark.long
def test_a_feed_that_fails_says_why_and_the_others_go_on(source, page, code, is_kept):
    source.lay_out("/bmkg_gempaterkini.json", **page)
    done = poll()
    assert done["bmkg_gempaterkini"].code == code
    assert done["bmkg_gempadirasakan"].code == ""
    assert Hazard.objects.count() == 1
    feed = Feed.objects.get(name="bmkg_gempaterkini")
    assert (feed.answered_at, feed.failures, feed.code) == (None, 1, code)
    assert "%" not in errors.text(feed.code, feed.params)
    assert RefusedMessage.objects.filter(code=code).exists() == is_kept


def test_an_entry_that_cannot_be_true_is_kept_once_and_the_others_come_in(source):
    future = entry(DateTime=(NOW + timedelta(days=3)).isoformat())
    source.lay_out("/bmkg_gempaterkini.json", answer([future, entry()]))
    first, second = poll()["bmkg_gempaterkini"], poll(2)["bmkg_gempaterkini"]
    assert first.code == second.code == "feed_entries_refused"
    assert (first.refused, Hazard.objects.count()) == (1, 1)
    kept = RefusedMessage.objects.get()
    assert (kept.code, kept.first_at, kept.last_at) == (
        "quake_future",
        NOW,
        NOW + timedelta(minutes=2),
    )
    assert "9 km Barat Daya" in kept.content


def test_an_empty_list_is_no_failure(source):
    source.lay_out("/bmkg_gempadirasakan.json", answer([]))
    assert poll()["bmkg_gempadirasakan"].code == "feed_no_entries"
    assert Feed.objects.get(name="bmkg_gempadirasakan").failures == 0


def test_a_source_that_keeps_failing_is_left_alone_for_a_while(source, settings):
    settings.FEED_OPENS_AFTER = 2
    source.lay_out("/bmkg_autogempa.json", status=500)
    codes = [poll(2 * turn)["bmkg_autogempa"].code for turn in range(4)]
    assert codes == ["feed_status", "feed_status", "feed_paused", "feed_paused"]
    asked = [path for path, _headers in source.asked if path == "/bmkg_autogempa.json"]
    assert len(asked) == 2


def test_an_inner_address_is_not_asked_where_no_stand_in_is_allowed(source, settings):
    settings.FEED_STAND_IN_ALLOWED = False
    assert {one.code for one in poll().values()} == {"feed_address"}
    assert source.asked == []


def test_a_feed_without_an_address_is_off(source, settings):
    settings.HAZARD_FEEDS = dict.fromkeys(NAMES, "")
    assert poll() == {}
    out = StringIO()
    call_command("poll_feeds", stdout=out)
    assert "No feed is on" in out.getvalue()


def test_the_command_says_what_came_in(source):
    fresh = single(at=timezone.now() - timedelta(minutes=4))
    for name in NAMES:
        source.lay_out(f"/{name}.json", fresh)
    source.lay_out("/bmkg_gempaterkini.json", b"<html>")
    out = StringIO()
    call_command("poll_feeds", "--json", stdout=out)
    told = loads(out.getvalue().splitlines()[-1])
    assert sum(feed["new"] for feed in told["feeds"].values()) == 1
    assert told["feeds"]["bmkg_gempaterkini"]["code"] == "feed_markup"
    assert "web page" in out.getvalue()


# --- a source that hangs ---


@pytest.mark.long
def test_answers_are_stored_as_they_come(source):
    source.lay_out("/bmkg_autogempa.json", single(Magnitude="6.1"), silent_s=1)
    done = polling.poll_feeds(now=NOW)
    assert (len(done), done[-1].feed) == (3, "bmkg_autogempa")
    assert {one.code for one in done} == {""}


def test_one_feed_is_asked_by_its_name_and_only_when_it_is_due(source):
    assert set(polling.due_feeds(now=NOW)) == set(NAMES)
    [done] = polling.poll_feeds([NAMES[1]], now=NOW)
    assert (done.feed, len(source.asked)) == (NAMES[1], 1)
    assert set(polling.due_feeds(now=NOW)) == set(NAMES) - {NAMES[1]}
    assert polling.poll_feeds([NAMES[1]], now=NOW) == []


@pytest.mark.long
def test_a_name_server_that_hangs_holds_a_feed_no_longer_than_its_whole_time(
    source, settings, monkeypatch
):
    settings.FEED_TIMEOUT_S = 0.5
    settings.HAZARD_FEEDS |= {NAMES[0]: "https://hangs.example/autogempa.json"}
    monkeypatch.setattr(documents, "WITHIN_S", 0.2)
    monkeypatch.setattr(polling, "NAMES_WITHIN_S", 0.3)
    ask = socket.getaddrinfo

    def hang(host: str, *more: Any, **values: Any) -> Any:
        time.sleep(4 if host == "hangs.example" else 0)
        return ask(host, *more, **values)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    done = poll()
    assert time.monotonic() - began < 3
    assert done[NAMES[0]].code == "feed_timeout"
    assert [done[name].code for name in NAMES[1:]] == ["", ""]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_feed_that_hangs_delays_neither_the_others_nor_what_they_bring(monkeypatch):
    """The real worker of hazards: an earthquake is assessed while another list does not answer."""
    with standin() as found:
        found.lay_out("/hangs.json", single(), silent_s=40)
        found.lay_out("/last.json", single(at=timezone.now() - timedelta(minutes=4)))
        monkeypatch.setenv("BMKG_GEMPATERKINI_URL", f"{found.url}/hangs.json")
        monkeypatch.setenv("BMKG_AUTOGEMPA_URL", f"{found.url}/last.json")
        monkeypatch.setenv("FEED_STAND_IN_ALLOWED", "true")
        monkeypatch.setenv("FEED_TIMEOUT_S", "30")
        with workers.worker("hazards", pool=("--pool", "threads", "--concurrency", "8")):
            began = time.monotonic()
            current_app.send_task("portal.tasks.poll_feeds", queue="hazards")
            while not Assessment.objects.exists():
                assert time.monotonic() - began < within(15), "nothing was assessed"
                time.sleep(0.1)
            assert [path for path, _headers in found.asked if "hangs" in path]
            assert not Feed.objects.filter(name="bmkg_gempaterkini", failures__gt=0).exists()
