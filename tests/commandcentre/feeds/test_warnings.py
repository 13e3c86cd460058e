"""Weather warnings by a list: each document once, updated, cancelled, ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches

from apps.commandcentre.feeds import polling
from apps.commandcentre.models import Feed, Footprint, Hazard, RefusedMessage
from apps.commandcentre.states import HazardStatus
from apps.jobs.models import Job
from tests.commandcentre.feeds.alerts import NUMBER, alert, listing, reference_to, ring_over
from tests.commandcentre.feeds.quakes import NOW
from tests.commandcentre.feeds.standin import Standin, standin

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(settings: Any, role: Any) -> Iterator[Standin]:
    caches["counters"].delete_many(
        [f"breaker:feed-bmkg_nowcast:{part}" for part in ("open", "failures", "probe")]
    )
    with standin() as found, role("worker"):
        settings.HAZARD_FEEDS = {"bmkg_nowcast": f"{found.url}/rss.xml"}
        settings.FEED_STAND_IN_ALLOWED = True
        settings.FEED_TIMEOUT_S = 2
        yield found


def lay_out(source: Standin, **documents: bytes) -> None:
    """A list of these documents by name; the number of each is its name but for the first."""
    numbers = {"a": NUMBER}
    items = []
    for name, content in documents.items():
        source.lay_out(f"/{name}.xml", content)
        items.append((numbers.get(name, name), f"{source.url}/{name}.xml"))
    source.lay_out("/rss.xml", listing(*items))


def poll(minutes: float = 0) -> polling.Polled:
    [done] = polling.poll_feeds(now=NOW + timedelta(minutes=minutes))
    return done


def test_a_warning_comes_in_with_its_area_and_waits_for_its_assessment(source):
    lay_out(source, a=alert(NUMBER, ring_over("A"), ring_over("B")))
    assert poll().new == 1
    hazard = Hazard.objects.get()
    assert (hazard.kind, hazard.title) == ("weather", "Hujan lebat di Nusa Barat")
    band = Footprint.objects.get()
    assert (band.measure, band.lower, band.label) == ("class", 3, "Severe")
    assert band.area.num_geom == 2
    assert Job.objects.count() == 1


def test_a_known_document_is_not_fetched_again(source):
    lay_out(source, a=alert())
    poll()
    source.asked.clear()
    assert poll(2).new == 0
    assert [path for path, _headers in source.asked] == ["/rss.xml"]


def test_an_update_is_the_next_version_and_a_cancellation_ends_it(source):
    later = NOW - timedelta(minutes=5)
    lay_out(source, a=alert())
    poll()
    update = alert("u1", ring_over("C"), kind="Update", references=reference_to(), sent=later)
    lay_out(source, a=alert(), u1=update)
    assert poll(2).changed == 1
    hazard = Hazard.objects.get()
    assert hazard.revision == 2
    assert Footprint.objects.filter(revision=2).count() == 1
    end = alert("c1", kind="Cancel", references=reference_to("u1"), sent=NOW)
    lay_out(source, a=alert(), u1=update, c1=end)
    assert poll(4).changed == 1
    assert Hazard.objects.get().status == HazardStatus.CANCELLED


def test_an_alert_its_update_and_its_cancellation_in_one_list_are_one_event(source):
    lay_out(
        source,
        a=alert(),
        u1=alert(
            "u1",
            ring_over("C"),
            kind="Update",
            references=reference_to(),
            sent=NOW - timedelta(minutes=5),
        ),
        c1=alert("c1", kind="Cancel", references=reference_to("u1"), sent=NOW),
    )
    poll()
    assert Hazard.objects.get().status == HazardStatus.CANCELLED


def test_an_update_that_comes_before_its_alert_is_not_turned_back_by_it(source):
    update = alert("u1", ring_over("C"), kind="Update", references=reference_to(), severity="Minor")
    lay_out(source, u1=update)
    poll()
    lay_out(source, u1=update, a=alert(sent=NOW - timedelta(hours=1)))
    assert (poll(2).new, poll(4).changed) == (0, 0)
    hazard = Hazard.objects.get()
    assert (hazard.source_id, hazard.revision) == ("u1", 1)


def test_a_cancellation_of_what_was_never_announced_is_kept_off_the_board(source):
    lay_out(source, c1=alert("c1", kind="Cancel", references=reference_to("nobody")))
    poll()
    assert not Hazard.objects.active().exists()
    assert Hazard.objects.get().status == HazardStatus.CANCELLED


def test_a_test_of_the_sender_is_no_warning(source):
    lay_out(source, a=alert(status="Test"))
    assert poll().code == "feed_entries_refused"
    assert not Hazard.objects.exists()
    assert RefusedMessage.objects.get().code == "cap_test"


def test_a_broken_document_is_kept_and_the_others_come_in(source):
    lay_out(source, b=b"<html/>", a=alert())
    done = poll()
    assert (done.new, done.refused) == (1, 1)
    assert RefusedMessage.objects.get().code == "cap_no_alert"


def test_a_document_of_another_host_is_not_asked(source):
    source.lay_out("/rss.xml", listing((NUMBER, "https://169.254.169.254/a.xml")))
    assert poll().refused == 1
    assert RefusedMessage.objects.get().code == "cap_other_host"
    assert len(source.asked) == 1


def test_a_polygon_of_the_world_raises_no_alarm(source):
    world = "-90,-180 -90,180 90,180 90,-180 -90,-180"
    lay_out(source, a=alert(NUMBER, world, severity="Extreme"))
    poll()
    assert not Footprint.objects.exists()
    assert {one.code for one in RefusedMessage.objects.all()} == {
        "cap_ring_too_wide",
        "cap_no_area",
    }


def test_a_list_that_is_none_is_a_fault_and_kept(source):
    source.lay_out("/rss.xml", b"<html>Pemeliharaan</html>")
    assert poll().code == "cap_no_list"
    assert Feed.objects.get().failures == 1
    assert RefusedMessage.objects.get().content == "<html>Pemeliharaan</html>"


def test_a_warning_leaves_the_board_when_its_time_is_over(source):
    lay_out(source, a=alert(ends=NOW + timedelta(minutes=30)))
    poll()
    assert Hazard.objects.active().exists()
    poll(31)
    assert not Hazard.objects.active().exists()
