"""What a source says becomes one event: revised, repeated, late or by two ways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.commandcentre.hazards.intake import ASSESS_HAZARD, DrawnArea, take_message
from apps.commandcentre.models import Footprint, Hazard, HazardRevision
from apps.commandcentre.states import FootprintMethod, HazardKind, HazardStatus
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.regions.models import Region
from tests.commandcentre.hazards.messages import BY, NOW, OCCURRED, message, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_worker(role):
    with role("worker"):
        yield


def test_a_new_event_is_stored_with_its_bands_and_waits_for_its_assessment():
    taken = take()
    assert taken.is_new
    hazard = Hazard.objects.get()
    assert (hazard.revision, hazard.magnitude, hazard.depth_km) == (1, 5.8, 10)
    bands = Footprint.objects.filter(hazard=hazard, revision=1).order_by("lower")
    assert [band.label for band in bands] == ["MMI V", "MMI VI", "MMI VII"]
    assert {band.method for band in bands} == {FootprintMethod.RELATION}
    assert "Allen" in bands[0].relation["source"]
    assert Job.objects.get().kind == ASSESS_HAZARD
    assert Entry.objects.get(action=Action.CREATE).subject == f"commandcentre.Hazard:{hazard.pk}"


def test_the_bands_meet_and_do_not_overlap():
    take()
    weak, strong = Footprint.objects.order_by("lower")[:2]
    assert weak.area.valid and strong.area.valid
    assert weak.area.touches(strong.area)
    assert not weak.area.overlaps(strong.area)


def test_the_same_message_again_changes_nothing():
    take()
    again = take(at=NOW + timedelta(minutes=1))
    assert (again.is_new, again.is_changed) == (False, False)
    assert HazardRevision.objects.count() == 1
    assert Job.objects.count() == 1


def test_a_correction_is_the_next_version_of_the_same_event():
    first = take(magnitude=6.1, title="Gempa M6.1, Nusa Barat").hazard
    taken = take(magnitude=5.8, depth_km=12.0, occurred_at=OCCURRED + timedelta(seconds=3))
    assert taken.is_changed and taken.hazard.pk == first.pk
    hazard = Hazard.objects.get()
    assert (hazard.revision, hazard.magnitude, hazard.title) == (2, 5.8, "Gempa M5.8, Nusa Barat")
    versions = HazardRevision.objects.order_by("number").values_list("values", flat=True)
    assert [values["magnitude"] for values in versions] == [6.1, 5.8]
    assert Footprint.objects.filter(revision=2).exists()
    assert Job.objects.count() == 2


def test_a_corrected_place_is_the_same_event_and_a_far_one_another():
    take()
    assert take(latitude=-7.95, longitude=110.30).is_changed
    assert take(latitude=-1.2, longitude=120.06).is_new
    assert Hazard.objects.count() == 2


def test_an_aftershock_a_quarter_of_an_hour_later_is_an_event_of_its_own():
    take()
    assert take(occurred_at=OCCURRED + timedelta(minutes=15), magnitude=5.1).is_new


def test_two_entries_of_one_answer_are_two_events_however_near():
    first = take().hazard
    second = message(occurred_at=OCCURRED + timedelta(seconds=20), magnitude=5.2)
    assert take_message(second, by=BY, now=NOW, taken={first.pk}).is_new


def test_two_entries_of_the_same_second_and_place_are_one_event_whose_first_entry_counts():
    first = take().hazard
    again = message(magnitude=5.2, title="Gempa M5.2, Nusa Barat")
    taken = take_message(again, by=BY, now=NOW, taken={first.pk})
    assert (taken.hazard.pk, taken.is_new, taken.is_changed) == (first.pk, False, False)
    assert Hazard.objects.get().magnitude == 5.8


def test_an_event_that_was_moved_is_known_by_its_first_time_and_place():
    first = take().hazard
    for seconds in (50, 100):
        take(occurred_at=OCCURRED + timedelta(seconds=seconds))
    assert take("gempaterkini").hazard.pk == first.pk


def test_a_source_may_correct_the_kind_of_its_event():
    first = take(source_id="b-1").hazard
    taken = take(source_id="b-1", kind=HazardKind.TSUNAMI)
    assert (taken.hazard.pk, taken.is_changed) == (first.pk, True)
    hazard = Hazard.objects.get()
    assert (hazard.kind, hazard.revision) == (HazardKind.TSUNAMI, 2)


def test_the_same_event_by_two_feeds_with_other_words_is_one_without_a_new_version():
    take("autogempa", place="9 km Barat Daya Nusa Barat")
    taken = take("gempaterkini", place="9 km BaratDaya NUSA-BARAT")
    assert not taken.is_new and not taken.is_changed
    assert Hazard.objects.get().place == "9 km Barat Daya Nusa Barat"


def test_the_place_goes_with_the_epicentre_of_a_correction():
    take(place="9 km Barat Daya Nusa Barat")
    take(place="30 km Timur Laut Nusa Timur", latitude=-7.60, longitude=110.30)
    assert Hazard.objects.get().place == "30 km Timur Laut Nusa Timur"
    take(magnitude=6.0, latitude=-7.60, longitude=110.30)
    assert Hazard.objects.get().place == "30 km Timur Laut Nusa Timur", "no place is no correction"


def test_a_corrected_name_of_the_place_alone_is_no_new_version():
    take(place="9 km Barat Daya Nusa Barat")
    taken = take(place="9 km Barat Daya Nusa Timur")
    hazard = Hazard.objects.get()
    assert (taken.is_changed, hazard.revision) == (False, 1)
    assert hazard.place == "9 km Barat Daya Nusa Timur"
    assert Job.objects.count() == 1


def test_a_tsunami_that_may_follow_is_news_and_is_not_forgotten():
    first = take(warning="Tidak berpotensi tsunami").hazard
    assert take(warning="Tidak berpotensi TSUNAMI", felt="").is_changed is False
    told = take("gempaterkini", warning="Berpotensi tsunami untuk diteruskan")
    assert told.is_changed and told.hazard.pk == first.pk
    take(magnitude=6.3)  # a list without these words
    last = HazardRevision.objects.latest("number")
    assert (last.number, last.warning) == (3, "Berpotensi tsunami untuk diteruskan")
    assert take(magnitude=6.3, warning="Peringatan dini tsunami: tidak ada").is_changed


def test_the_end_of_a_tsunami_warning_is_news_that_takes_it_back():
    first = take(warning="Berpotensi tsunami untuk diteruskan").hazard
    told = take("gempaterkini", warning="Peringatan dini tsunami telah berakhir")
    assert told.is_changed and told.hazard.pk == first.pk
    assert HazardRevision.objects.latest("number").warning == (
        "Peringatan dini tsunami telah berakhir"
    )


def test_a_cancellation_without_words_keeps_title_time_and_area():
    known = {"source_id": "w1", "kind": HazardKind.WEATHER, "magnitude": None, "depth_km": None}
    where = {"latitude": None, "longitude": None}
    area = DrawnArea("POLYGON((110 -7.8,110.1 -7.8,110.1 -7.7,110 -7.8))", 3.0, "Severe")
    first = take(**known, **where, title="Hujan lebat", area="1", drawn=(area,)).hazard
    end = {"status": HazardStatus.CANCELLED, "title": "2.49.0.1", "occurred_at": NOW}
    assert take(**known, **where, **end).is_changed
    first.refresh_from_db()
    assert (first.title, first.occurred_at) == ("Hujan lebat", OCCURRED)
    assert first.status == HazardStatus.CANCELLED
    assert Footprint.objects.filter(hazard=first, revision=2).count() == 1


def test_a_cancelled_event_keeps_its_place():
    take(place="9 km Barat Daya Nusa Barat")
    take(place="9 km Barat Daya Nusa Barat", status=HazardStatus.CANCELLED)
    take(place="Entah")
    assert Hazard.objects.get().place == "9 km Barat Daya Nusa Barat"


def test_a_feed_that_is_behind_does_not_turn_a_correction_back():
    take("autogempa", magnitude=6.1)
    take("autogempa", magnitude=5.8)
    assert not take("gempaterkini", magnitude=6.1).is_changed
    assert Hazard.objects.get().magnitude == 5.8


def test_the_same_feed_may_return_to_an_earlier_value():
    for magnitude in (6.1, 5.8, 6.1):
        take("autogempa", magnitude=magnitude)
    assert (Hazard.objects.get().magnitude, Hazard.objects.get().revision) == (6.1, 3)


def test_what_a_message_leaves_out_stays_known():
    take("autogempa", felt="IV Ampel")
    take("gempaterkini", felt="", magnitude=None, depth_km=None, longitude=110.20)
    hazard = Hazard.objects.get()
    assert (hazard.felt, hazard.magnitude, hazard.depth_km) == ("IV Ampel", 5.8, 10)


@pytest.mark.parametrize("missing", [{"magnitude": None}, {"depth_km": None}])
def test_without_magnitude_or_depth_the_area_is_a_circle_and_says_so(missing):
    take(**missing)
    band = Footprint.objects.get()
    assert (band.method, band.label) == (FootprintMethod.CIRCLE, "25 km")
    assert band.area.extent[2] - band.area.extent[0] == pytest.approx(0.453, abs=0.002)  # 50 km


def test_felt_reports_of_recognised_regencies_correct_the_bands():
    plain = take().hazard
    felt = take(felt="III Barat Lor, II Kota Nowhere", magnitude=5.9).hazard
    assert plain.pk == felt.pk
    first, second = (Footprint.objects.get(revision=n, lower=4.5) for n in (1, 2))
    assert second.relation["felt_places"] == 1
    assert second.relation["offset"] == pytest.approx(-1.35, abs=0.3)
    assert second.area.extent[2] < first.area.extent[2]  # felt weaker than expected


@pytest.mark.parametrize("stored", ["Kabupaten Kepulauan Lor", "Kab. Kep. Lor", "Lor"])
@pytest.mark.parametrize("written", ["Kab. Kep. Lor", "Kepulauan Lor", "Lor"])
def test_a_regency_of_islands_is_recognised_however_it_is_shortened(stored, written, role):
    with role("owner"):
        Region.objects.filter(code=CODES["A"][:5]).update(name=stored)
    take(felt=f"III {written}")
    assert Footprint.objects.get(lower=4.5).relation["felt_places"] == 1


def test_places_where_it_was_felt_that_are_not_recognised_are_named(signed_in):
    hazard = take(felt="III Barat Lor, II Kota Nowhere").hazard
    relation = Footprint.objects.get(lower=4.5).relation
    assert (relation["felt_places"], relation["felt_named"]) == (1, 2)
    assert relation["felt_unknown"] == ["nowhere"]
    page = signed_in("operator").get(reverse("commandcentre:hazard", args=[hazard.pk]))
    assert "1 dari 2 tempat" in page.content.decode()
    assert "Nowhere" in page.content.decode()


def test_where_no_place_is_recognised_it_is_said_that_nothing_was_corrected():
    take(felt="II Kota Nowhere")
    relation = Footprint.objects.get(lower=4.5).relation
    assert (relation["offset"], relation["felt_places"], relation["felt_named"]) == (0, 0, 1)


def test_a_weak_earthquake_has_no_area_and_is_assessed_all_the_same():
    take(magnitude=3.1)
    assert not Footprint.objects.exists()
    assert Job.objects.count() == 1


def test_a_cancelled_event_stays_cancelled():
    take()
    take(status=HazardStatus.CANCELLED)
    taken = take(magnitude=6.5)
    assert not taken.is_changed
    assert Hazard.objects.get().status == HazardStatus.CANCELLED


def test_a_cancellation_of_an_event_that_was_never_announced_is_kept_as_cancelled():
    taken = take(status=HazardStatus.CANCELLED)
    assert taken.is_new
    assert not Hazard.objects.active().exists()
