"""Weather warnings by a list: each document once, updated, cancelled, ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.board import events
from apps.commandcentre.exposure import alarm, assessment, doubt
from apps.commandcentre.feeds import documents, polling
from apps.commandcentre.hazards import handling
from apps.commandcentre.models import (
    Feed,
    FeedDocument,
    Footprint,
    Hazard,
    Plan,
    RefusedMessage,
    ShiftEntry,
)
from apps.commandcentre.readers import EVERYBODY
from apps.commandcentre.shifts import assignment
from apps.commandcentre.states import HazardStatus
from apps.demo.country import CODES
from apps.jobs.models import Job
from tests.commandcentre.board.hazards import add_assessment
from tests.commandcentre.feeds.alerts import (
    NUMBER,
    alert,
    listing,
    reference_to,
    ring_over,
    with_block,
)
from tests.commandcentre.feeds.quakes import NOW
from tests.commandcentre.feeds.standin import Standin, standin
from tests.registry.people import a_person

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


def test_an_update_with_other_words_and_a_cancellation_without_any_find_their_alert(source):
    first = alert(event="Banjir")
    update = alert("u1", kind="Update", references=reference_to(), sent=NOW - timedelta(minutes=5))
    end = alert("c1", kind="Cancel", references=reference_to("u1"), sent=NOW)
    bare = end[: end.index(b"<info>")] + b"</alert>"
    lay_out(source, a=first)
    poll()
    lay_out(source, a=first, u1=update)
    poll(2)
    assert Hazard.objects.get().kind == "weather"
    lay_out(source, a=first, u1=update, c1=bare)
    poll(4)
    assert Hazard.objects.get().status == HazardStatus.CANCELLED


def test_a_cancellation_without_words_does_not_change_the_kind(source):
    first = alert(event="Banjir")
    end = alert("c1", kind="Cancel", references=reference_to(), sent=NOW)
    lay_out(source, a=first, c1=end[: end.index(b"<info>")] + b"</alert>")
    poll()
    hazard = Hazard.objects.get()
    assert (hazard.kind, hazard.status) == ("flood", HazardStatus.CANCELLED)


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


def test_a_list_whose_warnings_are_known_is_not_called_empty(source):
    lay_out(source, a=alert())
    poll()
    lay_out(source, a=alert())
    assert poll(2).code == ""
    source.lay_out("/rss.xml", listing())
    assert poll(4).code == "feed_no_entries"


def test_an_update_whose_polygons_cannot_be_used_keeps_the_area(source):
    lay_out(source, a=alert())
    poll()
    open_ring = ring_over("C").rsplit(" ", 1)[0]
    update = alert("u1", open_ring, kind="Update", references=reference_to(), sent=NOW)
    lay_out(source, a=alert(), u1=update)
    poll(2)
    hazard = Hazard.objects.get()
    assert hazard.revision == 2
    first, second = Footprint.objects.order_by("revision")
    assert (second.revision, second.area) == (2, first.area)
    assert Job.objects.count() == 2


def test_a_warning_without_an_area_is_assessed_all_the_same(source):
    lay_out(source, a=alert(NUMBER, "1,2 3,4", severity="Extreme"))
    poll()
    assert Job.objects.count() == 1
    assert assessment.assess(Hazard.objects.get(), now=NOW).villages == 0
    assert Hazard.objects.get().level == "awas"


@pytest.mark.parametrize("what", ["taken on", "planned", "assigned"])
def test_a_warning_that_an_operator_has_to_do_with_is_not_closed_by_its_end(
    source, what, person, role
):
    lay_out(source, a=alert(ends=NOW + timedelta(minutes=30)))
    poll()
    by, hazard = person("operator"), Hazard.objects.get()
    if what == "taken on":
        handling.acknowledge(hazard=hazard, by=by, now=NOW)
    elif what == "assigned":
        with role("owner"):
            Hazard.objects.update(assigned_to=by)
    else:
        with role("owner"):
            Plan.objects.create(
                hazard=hazard,
                assessment=add_assessment(hazard, CODES["A"]),
                days=3,
                crossing_penalty_m=0,
                made_at=NOW,
                made_by=by,
            )
    poll(31)
    assert Hazard.objects.active().exists()


def test_an_update_finds_its_alert_by_the_last_of_many_references(source):
    many = " ".join(
        reference_to(f"2.49.0.1.360.0.2026.11.10.02.50.{n:03}") for n in range(40, 1, -1)
    )
    lay_out(source, a=alert())
    poll()
    references = f"{many} {reference_to()}"
    update = alert("u1", ring_over("C"), kind="Update", references=references, sent=NOW)
    lay_out(source, a=alert(), u1=update)
    assert poll(2).changed == 1


def test_a_document_that_was_not_to_be_had_is_kept_with_its_address_and_number(source):
    source.lay_out("/rss.xml", listing(("a", f"{source.url}/a.xml"), ("b", f"{source.url}/b.xml")))
    assert poll().refused == 2
    kept = RefusedMessage.objects.order_by("content")
    assert [one.content for one in kept] == [f"{source.url}/a.xml", f"{source.url}/b.xml"]
    assert {(one.code, one.params["number"]) for one in kept} == {("feed_status", 404)}


def test_an_answer_between_systems_is_not_called_a_test(source):
    lay_out(source, a=alert(kind="Ack"))
    poll()
    kept = RefusedMessage.objects.get()
    assert (kept.code, kept.params["found"]) == ("cap_no_warning", "Ack")


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


def assessed() -> Hazard:
    """The only hazard after its assessment."""
    assessment.assess(Hazard.objects.get(), now=NOW)
    return Hazard.objects.get()


WORLD = "-90,-180 -90,180 90,180 90,-180 -90,-180"


def test_a_polygon_of_the_world_raises_no_alarm(source, signed_in):
    a_person(CODES["A"])
    lay_out(source, a=alert(NUMBER, WORLD, severity="Extreme"))
    poll()
    assert not Footprint.objects.exists()
    assert {one.code for one in RefusedMessage.objects.all()} == {
        "cap_ring_too_wide",
        "cap_no_area",
    }
    hazard = assessed()
    assert (hazard.level, alarm.is_alarm(hazard), hazard.alarmed_at) == ("waspada", False, None)
    Hazard.objects.update(received_at=timezone.now())  # the board shows what is new
    page = signed_in("operator").get(reverse("commandcentre:board")).content.decode()
    assert "Perlu dilihat" in page
    # it calls for a person, as an alarm does
    assert f'data-alarms="{hazard.pk} "' in page
    assert "1 kejadian belum ditangani" in page
    assert reverse("commandcentre:hazard-acknowledge", args=[hazard.pk]) in page
    own = reverse("commandcentre:hazard", args=[hazard.pk])
    assert "Perlu dilihat" in signed_in("operator", name="op-dua").get(own).content.decode()
    Hazard.objects.update(closed_at=NOW)
    assert "Perlu dilihat" not in signed_in("operator", name="op-tiga").get(own).content.decode()


def test_rings_that_cover_the_country_side_by_side_raise_no_alarm(source, monkeypatch):
    a_person(CODES["A"])
    monkeypatch.setattr(doubt, "MOST_VILLAGES", 3)
    lay_out(source, a=alert(NUMBER, *map(ring_over, "ABCD"), severity="Extreme"))
    poll()
    hazard = assessed()
    assert (hazard.level, alarm.is_alarm(hazard)) == ("waspada", False)


def test_a_doubtful_warning_has_its_own_level_when_an_operator_takes_it_on(
    source, role, person, monkeypatch
):
    a_person(CODES["A"])
    monkeypatch.setattr(doubt, "MOST_VILLAGES", 0)
    lay_out(source, a=alert(NUMBER, ring_over("A"), severity="Extreme"))
    poll()
    before = assessed()
    jobs = Job.objects.count()
    by = person("operator")
    with role("web"):
        assignment.take_on(hazard=before, by=by, now=NOW)
    assert Job.objects.count() == jobs + 1
    hazard = assessed()
    assert (hazard.level, hazard.acknowledged_by, hazard.worsened_at) == ("awas", by, None)


def test_a_doubtful_warning_that_is_assigned_is_an_alarm_for_whom_it_is_assigned_to(
    source, role, person, monkeypatch
):
    a_person(CODES["A"])
    monkeypatch.setattr(doubt, "MOST_VILLAGES", 0)
    lay_out(source, a=alert(NUMBER, ring_over("A"), severity="Extreme"))
    poll()
    before, by, other = assessed(), person("operator"), person("operator", name="operator-dua")
    with role("web"):
        assignment.assign_hazard(hazard=before, person=other, by=by, now=timezone.now())
    hazard = assessed()
    assert (hazard.level, alarm.is_alarm(hazard)) == ("awas", True)
    assert not doubt.is_held(hazard)


def test_a_doubtful_hazard_is_the_first_of_those_that_are_no_alarm(source, monkeypatch):
    a_person(CODES["A"])
    monkeypatch.setattr(doubt, "MOST_VILLAGES", 1)
    number = "2.49.0.1.360.0.2026.11.10.02.50.002"
    lay_out(
        source,
        a=alert(NUMBER, ring_over("A"), ring_over("B"), severity="Extreme"),
        **{number: alert(number, ring_over("A"), sent=NOW - timedelta(minutes=2))},
    )
    poll()
    for hazard in Hazard.objects.all():
        assessment.assess(hazard, now=NOW)
    Hazard.objects.filter(source_id=number).update(acknowledged_at=NOW)
    first, second = events.events(NOW, EVERYBODY)
    assert (first.hazard.source_id, first.hazard.level) == (NUMBER, "waspada")
    assert first.doubt and not first.is_alarm
    assert (second.hazard.level, second.doubt) == ("siaga", "")


def test_a_warning_of_usual_size_is_an_alarm_at_once(source):
    a_person(CODES["A"])
    lay_out(source, a=alert(NUMBER, *map(ring_over, "ABCD"), severity="Extreme"))
    poll()
    hazard = assessed()
    assert (hazard.level, alarm.is_alarm(hazard)) == ("awas", True)


def test_areas_of_several_severities_are_bands_of_one_hazard(source):
    polygons = f"<polygon>{ring_over('A')}</polygon><polygon>{ring_over('B')}</polygon>"
    lay_out(source, a=with_block(alert(severity="Extreme"), "Moderate", polygons))
    assert poll().refused == 0
    weak, strong = Footprint.objects.order_by("lower")
    assert (weak.lower, weak.label, strong.lower, strong.label) == (
        *(2, "Moderate"),
        *(4, "Extreme"),
    )
    # A is in both: the greater severity counts
    assert weak.area.num_geom == 1
    assert not weak.area.overlaps(strong.area)


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
    assert Entry.objects.get(action=Action.DECIDE).details["step"] == "ended"
    # it was no alarm
    assert not ShiftEntry.objects.exists()


def test_the_end_of_an_alarm_that_nobody_took_on_is_in_the_log(source, signed_in):
    lay_out(source, a=alert(ends=NOW + timedelta(minutes=30)))
    poll()
    Hazard.objects.update(level="siaga", alarmed_at=NOW)
    poll(31)
    line = ShiftEntry.objects.get()
    assert (line.kind, line.by, line.hazard) == ("close", None, Hazard.objects.get())
    page = signed_in("operator").get(reverse("commandcentre:shift")).content.decode()
    assert "tidak ada yang menanganinya" in page


# --- documents that give nothing ---


def fetched(source: Standin) -> list[str]:
    found = [path for path, _headers in source.asked if path != "/rss.xml"]
    source.asked.clear()
    return found


def test_a_refused_document_is_not_fetched_with_each_poll(source):
    lay_out(source, b=b"<html/>", t=alert("t", status="Test"))
    poll()
    assert sorted(fetched(source)) == ["/b.xml", "/t.xml"]
    for minutes in (2, 4, 30):
        assert poll(minutes).refused == 0
    assert fetched(source) == []
    assert {one.code for one in FeedDocument.objects.all()} == {"cap_no_alert", "cap_test"}


def test_after_an_hour_it_is_asked_for_again_and_not_read_if_it_is_the_same(source):
    lay_out(source, b=b"<html/>")
    source.lay_out("/b.xml", b"<html/>", headers={"ETag": '"one"'})
    poll()
    fetched(source)
    assert poll(61).refused == 0
    assert source.headers_of_last()["If-None-Match"] == '"one"'
    assert fetched(source) == ["/b.xml"]
    source.lay_out("/b.xml", b"<html/>")
    assert poll(122).refused == 0
    assert RefusedMessage.objects.get().last_at == NOW
    # its source has mended it
    source.lay_out("/b.xml", alert("b"))
    assert poll(183).new == 1


def test_a_time_of_the_future_of_a_document_is_not_sent_back(source):
    lay_out(source, b=b"<html/>")
    ahead = {"Last-Modified": "Tue, 01 Jan 2030 00:00:00 GMT"}
    source.lay_out("/b.xml", b"<html/>", headers=ahead)
    poll()
    fetched(source)
    poll(61)
    assert "If-Modified-Since" not in source.headers_of_last()


def test_a_document_under_another_address_is_asked_for_at_once(source):
    lay_out(source, b=b"<html/>")
    poll()
    source.lay_out("/mended.xml", alert("b"))
    source.lay_out("/rss.xml", listing(("b", f"{source.url}/mended.xml")))
    assert poll(2).new == 1


def test_refused_documents_never_hold_up_new_warnings(source, monkeypatch):
    monkeypatch.setattr(documents, "MOST", 3)
    lay_out(source, **{f"b{nth}": b"<html/>" for nth in range(3)}, a=alert())
    assert (poll().new, poll(2).new) == (0, 1)


def test_a_document_that_is_not_there_is_asked_for_more_and_more_rarely(source):
    lay_out(source, a=alert())
    del source.pages["/a.xml"]
    for minutes in range(0, 60, 2):
        poll(minutes)
    assert len(fetched(source)) in range(4, 7)
    source.lay_out("/a.xml", alert())
    assert poll(130).new == 1


def test_a_warning_under_another_number_than_the_list_says_is_fetched_once(source):
    lay_out(source, b=alert("other"))
    assert poll().new == 1
    fetched(source)
    assert poll(2).new == 0
    assert fetched(source) == []
