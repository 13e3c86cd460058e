"""The board and the page of a hazard, as an operator sees them and what an operator does."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from json import loads

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from apps.audit.models import Action, Entry
from apps.commandcentre.board import events
from apps.commandcentre.exposure.assessment import assess
from apps.commandcentre.hazards import handling
from apps.commandcentre.models import (
    Feed,
    Hazard,
    HazardRevision,
    RefusedMessage,
    ShiftEntry,
)
from apps.commandcentre.planning import plans, shipments
from apps.commandcentre.states import HazardKind, HazardStatus
from apps.demo.country import CODES
from tests.base import NOW
from tests.commandcentre.board.hazards import an_assessed_hazard, revise
from tests.commandcentre.hazards.messages import take
from tests.commandcentre.planning.needs import solved
from tests.commandcentre.resources import places

pytestmark = pytest.mark.django_db

BOARD = "/command-centre/"
NAMES = ("bmkg_autogempa", "bmkg_gempaterkini", "bmkg_gempadirasakan")
STALE = re.compile(r"<b data-stale ?>BASI</b>")


@pytest.fixture
def operator(signed_in):
    return signed_in("operator")


@pytest.fixture
def hazard(role) -> Hazard:
    with role("owner"):
        return an_assessed_hazard()


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_board_names_the_hazard_its_people_and_how_old_it_is(operator, hazard):
    page = text_of(operator.get(BOARD))
    assert hazard.title in page
    assert "4 desa, 5 keluarga terdaftar, 11 jiwa" in page
    assert "1 kejadian belum ditangani." in page
    assert f"/command-centre/hazards/{hazard.pk}/map.json" in page


def test_a_warning_that_begins_later_says_when_and_until_when(operator, role):
    now = timezone.localtime().replace(microsecond=0)
    begins, ends = now + timedelta(hours=2, minutes=30, seconds=30), now + timedelta(hours=5)
    with role("owner"):
        warning = an_assessed_hazard(kind=HazardKind.WEATHER, occurred_at=begins)
        told = {"ends_at": ends.astimezone(UTC).isoformat()}
        HazardRevision.objects.filter(hazard=warning).update(values=told)
    page = text_of(operator.get(BOARD))
    assert "dalam 2 jam, 30 menit" in page
    assert "yang lalu" not in page.split(warning.title)[-1].split("</li>")[0]
    assert f"sampai {date_format(ends, 'j M, H.i e')}" in page
    own = text_of(operator.get(f"/command-centre/hazards/{warning.pk}/"))
    assert "<dt> Mulai </dt>" in own and "<dt>Sampai</dt>" in own
    assert date_format(ends, "j M Y, H.i e") in own


def test_of_a_hazard_whose_end_nobody_told_none_is_shown(operator, hazard):
    assert "sampai " not in text_of(operator.get(BOARD)).split(hazard.title)[-1].split("</li>")[0]
    own = text_of(operator.get(f"/command-centre/hazards/{hazard.pk}/"))
    assert "<dt> Terjadi </dt>" in own and "<dt>Sampai</dt>" not in own


def test_the_polled_part_is_a_fragment_without_the_frame(operator, hazard):
    page = text_of(operator.get(BOARD, headers={"HX-Request": "true"}))
    assert page.startswith('<div id="board"')
    assert "<html" not in page


def test_without_a_hazard_the_board_says_so_and_names_the_last_one(operator, hazard, role):
    with role("owner"):
        Hazard.objects.update(closed_at=timezone.now())
    page = text_of(operator.get(BOARD))
    assert "Tidak ada kejadian aktif." in page
    assert f"Terakhir: {hazard.title}" in page


def test_alarms_come_first_then_actual_hazards_then_drills_each_by_level(operator, role):
    ago = timedelta(hours=2)
    with role("owner"):
        an_assessed_hazard(title="Lama awas", level="awas", occurred_at=timezone.now() - ago)
        an_assessed_hazard(title="Baru normal", level="normal")
        an_assessed_hazard(title="Baru waspada", level="waspada")
        an_assessed_hazard(title="Skenario awas", level="awas", status=HazardStatus.SCENARIO)
    page = text_of(operator.get(BOARD))
    titles = ["Lama awas", "Baru waspada", "Skenario awas", "Baru normal"]
    assert sorted(titles, key=page.index) == titles
    assert "1 kejadian belum ditangani." in page


def test_many_events_of_little_weight_push_no_alarm_off_the_board(operator, role, monkeypatch):
    monkeypatch.setattr(events, "MOST", 2)
    with role("owner"):
        old = timezone.now() - timedelta(hours=2)
        an_assessed_hazard(title="Lama awas", level="awas", occurred_at=old)
        for n in range(3):
            an_assessed_hazard(title=f"Baru normal {n}", level="normal")
    page = text_of(operator.get(BOARD))
    assert "Lama awas" in page
    assert "1 kejadian belum ditangani." in page


def test_a_list_that_is_cut_says_how_many_more_there_are(operator, role, monkeypatch):
    with role("owner"):
        for n in range(4):
            an_assessed_hazard(title=f"Baru normal {n}", level="normal")
    assert "tidak ditampilkan" not in text_of(operator.get(BOARD))
    monkeypatch.setattr(events, "MOST", 3)
    assert "1 kejadian lain" in text_of(operator.get(BOARD))
    monkeypatch.setattr(events, "MOST", 4)
    assert "tidak ditampilkan" not in text_of(operator.get(BOARD))


def test_who_takes_a_hazard_on_at_the_desk_stays_at_the_desk(operator, hazard, role):
    page = text_of(operator.get(BOARD))
    assert 'name="back" value="board"' in page
    path = f"{BOARD}hazards/{hazard.pk}/acknowledge/"
    answer = operator.post(path, {"revision": 1, "back": "board"})
    assert answer["Location"] == f"{BOARD}?hazard={hazard.pk}"
    with role("owner"):
        other = an_assessed_hazard()
    path = f"{BOARD}hazards/{other.pk}/acknowledge/"
    answer = operator.post(path, {"revision": 1, "back": "https://example.org/"})
    assert answer["Location"] == path.removesuffix("acknowledge/")


def test_the_page_of_a_hazard_has_what_the_shift_noted_about_it(operator, hazard, role):
    with role("owner"):
        other = an_assessed_hazard(title="Lain")
    note = {"text": "Jembatan putus di Ampel", "hazard": str(hazard.pk)}
    operator.post("/command-centre/shift/note/", note)
    assert "Jembatan putus" in text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert "Jembatan putus" not in text_of(operator.get(f"{BOARD}hazards/{other.pk}/"))


def test_a_pile_of_hazards_that_were_taken_on_pushes_no_alarm_off_the_board(
    operator, role, person, monkeypatch
):
    monkeypatch.setattr(events, "MOST", 2)
    mine = person("operator", name="operator-dua")
    with role("owner"):
        old = timezone.now() - timedelta(hours=2)
        an_assessed_hazard(title="Lama siaga", level="siaga", occurred_at=old)
        for n in range(3):
            an_assessed_hazard(
                title=f"Awas {n}",
                level="awas",
                acknowledged_at=timezone.now(),
                acknowledged_by=mine,
            )
    assert "Lama siaga" in text_of(operator.get(BOARD))


@pytest.mark.parametrize("what", ["alarm", "acknowledged", "assigned", "planned"])
def test_a_hazard_that_somebody_has_to_do_with_stays_on_the_board(operator, role, person, what):
    mine, now = person("operator", name="operator-dua"), timezone.now()
    ago = now - timedelta(days=8)
    times = {"occurred_at": ago, "first_received_at": ago, "received_at": ago}
    more = {
        "alarm": {"level": "siaga"},
        "acknowledged": {"acknowledged_at": ago, "acknowledged_by": mine},
        "assigned": {"assigned_to": mine, "assigned_at": ago},
    }.get(what, {})
    with role("owner"):
        an_assessed_hazard(title="Gempa lama", **times, level="waspada")
        stays = an_assessed_hazard(title="Banjir terbuka", **times, **({"level": "waspada"} | more))
    if what == "planned":
        plans.make_plan(assessment=stays.assessments.get(), days=3, by=mine, now=now)
    page = text_of(operator.get(BOARD))
    assert "Banjir terbuka" in page
    assert "Gempa lama" not in page
    handling.close(hazard=stays, by=mine, now=now)
    assert "<h3>Banjir terbuka" not in text_of(operator.get(BOARD))


def test_an_old_event_that_is_told_late_raises_no_alarm(operator, role):
    with role("owner"):
        an_assessed_hazard(level="awas", occurred_at=timezone.now() - timedelta(days=3))
    assert "belum ditangani" not in text_of(operator.get(BOARD))


def test_a_correction_is_told_with_both_values_until_it_is_assessed(operator, hazard, role):
    with role("owner"):
        revise(hazard, 5.2)
    page = text_of(operator.get(BOARD))
    assert "Pembaruan ke-2: M5,8 → 5,2" in page
    assert "sedang dinilai" in page


def test_taking_a_hazard_on_ends_its_alarm_and_is_recorded(operator, hazard):
    answer = operator.post(f"{BOARD}hazards/{hazard.pk}/acknowledge/", follow=True)
    assert "Kejadian ini Anda tangani." in text_of(answer)
    page = text_of(operator.get(BOARD))
    assert "belum ditangani" not in page
    assert "Ditangani Operator-Id" in page
    entry = Entry.objects.get(action=Action.DECIDE)
    assert (entry.subject, entry.details["step"]) == (
        f"commandcentre.Hazard:{hazard.pk}",
        "acknowledge",
    )


@pytest.mark.parametrize("act", ["acknowledge", "close"])
def test_a_version_that_was_not_seen_is_neither_taken_on_nor_closed(operator, hazard, role, act):
    with role("owner"):
        revise(hazard, 7.2)
    path = f"{BOARD}hazards/{hazard.pk}/{act}/"
    refused = operator.post(path, {"revision": 1}, follow=True)
    assert "Anda melihat versi 1" in refused.content.decode()
    now = Hazard.objects.get()
    assert (now.acknowledged_at, now.closed_at) == (None, None)
    page = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert page.count('name="revision" value="2"') == 2
    operator.post(path, {"revision": 2})
    now = Hazard.objects.get()
    assert now.acknowledged_at or now.closed_at


def test_a_hazard_whose_plan_holds_stock_is_not_closed_and_closing_is_logged(
    operator, hazard, role, person
):
    mine, now = person("operator", name="operator-dua"), timezone.now()
    with role("owner"):
        store = places.facility("Gudang Uji", "A", kind="warehouse")
    places.stocked(store, 1_000, "rice")
    plan = solved(hazard.assessments.get(), mine)
    shipments.reserve(plan=plan, by=mine, now=now)
    path = f"{BOARD}hazards/{hazard.pk}/close/"
    said = text_of(operator.post(path, {"revision": 1}, follow=True))
    assert "1 pengiriman dipesan dan 0 dalam perjalanan" in said
    with role("worker"):
        Hazard.objects.update(status=HazardStatus.CANCELLED)
    assert hazard.title in text_of(operator.get(BOARD))
    shipments.cancel(plan=plan, by=mine, now=now)
    operator.post(path, {"revision": 1})
    assert Hazard.objects.get().closed_at is not None
    line = ShiftEntry.objects.get()
    assert (line.kind, line.hazard_id) == ("close", hazard.pk)


def test_a_hazard_without_an_area_says_so_and_is_not_normal(operator, role):
    with role("worker"):
        taken = take(
            kind=HazardKind.FLOOD,
            magnitude=None,
            depth_km=None,
            latitude=None,
            longitude=None,
            received={"severity": "Extreme"},
            occurred_at=timezone.now(),
        )
        assess(taken.hazard, now=timezone.now())
        Hazard.objects.update(received_at=timezone.now(), first_received_at=timezone.now())
    hazard = Hazard.objects.get()
    assert hazard.level == "awas"
    assert "Tanpa wilayah" in text_of(operator.get(BOARD))
    page = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert "tidak diketahui desa mana yang terdampak" in page
    assert "sedang dinilai" not in page
    assert "mencapai tingkat terendah" not in page


def test_a_version_that_waits_for_no_assessment_says_so(operator, hazard, role):
    with role("owner"):
        revise(hazard, 5.2)
    page = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert "sedang dinilai" not in page
    assert "Versi terbaru tidak dinilai" in page


def test_the_second_operator_is_told_who_was_faster(operator, hazard, signed_in):
    operator.post(f"{BOARD}hazards/{hazard.pk}/acknowledge/")
    answer = signed_in("operator", name="operator-2").post(
        f"{BOARD}hazards/{hazard.pk}/acknowledge/"
    )
    assert answer.status_code == 409
    assert "sudah ditangani Operator-Id" in answer.content.decode()


def test_a_closed_hazard_leaves_the_board_and_comes_back(operator, hazard):
    operator.post(f"{BOARD}hazards/{hazard.pk}/close/")
    assert "Tidak ada kejadian aktif." in text_of(operator.get(BOARD))
    operator.post(f"{BOARD}hazards/{hazard.pk}/reopen/")
    assert hazard.title in text_of(operator.get(BOARD))


def test_assessing_again_asks_a_worker(operator, hazard):
    answer = operator.post(f"{BOARD}hazards/{hazard.pk}/assess/", follow=True)
    assert "sedang dinilai ulang" in text_of(answer)


def test_a_planner_sees_and_does_not_act(signed_in, hazard):
    planner = signed_in("planner")
    assert "Saya tangani" not in text_of(planner.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert planner.post(f"{BOARD}hazards/{hazard.pk}/close/").status_code == 403


def test_the_page_says_whom_it_affects_and_how_that_is_known(operator, hazard):
    page = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert "1 keluarga tanpa titik" in page
    assert "Toy 2026-01" in page
    assert "Allen 2012" in page
    assert "0,8 sampai 1,1 tingkat" in page
    assert "Kehamilan dan desil tidak ada" in page


def test_needs_follow_the_chosen_days(operator, hazard):
    three = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    week = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/?days=7"))
    assert "Buat rencana untuk 3 hari" in three
    assert "Buat rencana untuk 7 hari" in week
    assert '<td class="number">14</td>' in three  # 13.2 kg of rice
    assert '<td class="number">31</td>' in week  # 30.8 kg


def test_only_villages_with_registered_people_are_listed_unless_all_are_asked_for(operator, hazard):
    some = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    every = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/?villages=all"))
    assert CODES["A"] in some and CODES["B"] not in some
    assert CODES["B"] in every
    assert "tidak ada yang terdaftar" in every


def test_the_nearest_source_that_has_enough_is_named(operator, hazard, role):
    with role("owner"):
        store = places.facility()
        for code in ("rice", "water", "family_kit", "blanket", "kidware"):
            places.stocked(store, 1_000, code)
    page = text_of(operator.get(f"{BOARD}hazards/{hazard.pk}/"))
    assert "Lumbung Ampel" in page
    assert "Siapa yang ditelepon" in page


def test_who_may_not_open_facilities_sees_no_telephone_of_theirs(operator, signed_in, hazard, role):
    with role("owner"):
        store = places.facility("Lumbung Ampel", phone="0274000001")
    for code in ("rice", "water", "family_kit", "blanket", "kidware"):
        places.stocked(store, 1_000, code)
    path = f"{BOARD}hazards/{hazard.pk}/"
    assert "0274000001" in text_of(operator.get(path))
    page = text_of(signed_in("planner").get(path))
    assert "0274000001" not in page


def test_a_source_says_how_long_its_stock_lasts_and_how_old_its_figure_is(
    operator, signed_in, hazard, role
):
    """In Ampel 11 persons in four families need 14 kg of rice for three days."""
    soon = timezone.localdate() + timedelta(days=9)
    with role("owner"):
        store = places.facility()
        for code in ("water", "family_kit", "blanket", "kidware"):
            places.stocked(store, 1_000, code)
        places.stocked(store, 42, "rice", expires=soon)
        places.stocked(store, 5, "rice", expires=timezone.localdate() - timedelta(days=1))
    path = f"{BOARD}hazards/{hazard.pk}/"
    page = text_of(operator.get(path))
    assert "cukup untuk 3 kali kebutuhan" in page
    assert f"paling awal kedaluwarsa {date_format(soon, 'j M Y')}" in page
    assert f"stok terakhir berubah {date_format(localtime(NOW), 'j M Y')}" in page
    # who may not open facilities sees how far help is, not what a facility has
    assert "kali kebutuhan" not in text_of(signed_in("planner").get(path))


def test_who_keeps_goods_and_reported_none_is_named_last(operator, signed_in, hazard, role):
    with role("owner"):
        places.facility("Gudang Diam", kind="warehouse")
        places.facility("Gudang Tutup", kind="warehouse", is_active=False)
        places.facility("Puskesmas Ampel", kind="health")
        places.stocked(places.facility("Lumbung Kosong"), 1, "rice")
    path = f"{BOARD}hazards/{hazard.pk}/"
    page = text_of(operator.get(path))
    assert "Stok belum dilaporkan: Gudang Diam –" in page
    for name in ("Gudang Tutup", "Puskesmas Ampel", "Lumbung Kosong"):
        assert name not in page
    assert "Gudang Diam" not in text_of(signed_in("planner").get(path))


def test_the_map_has_band_villages_and_epicentre(operator, hazard):
    answer = operator.get(f"{BOARD}hazards/{hazard.pk}/map.json")
    found = loads(answer.content)["features"]
    kinds = [feature["properties"]["what"] for feature in found]
    assert kinds.count("band") == 1
    assert kinds.count("village") == 4
    assert kinds.count("epicentre") == 1
    village = next(f for f in found if f["properties"].get("code") == CODES["A"])
    assert village["properties"]["persons"] == 11


def with_shares(hazard: Hazard, role) -> None:
    """A: 80 % of the area, half of the families; B: 10 % of the area, nobody has a point."""
    with role("owner"):
        affected = hazard.assessments.get().affected
        affected.filter(village=CODES["A"]).update(share_area=0.8, share_families=0.5)
        affected.filter(village=CODES["B"]).update(share_area=0.1, share_families=None)


def test_the_shares_of_a_village_are_columns_and_filters(operator, hazard, role):
    with_shares(hazard, role)
    path = f"{BOARD}hazards/{hazard.pk}/"

    def listed(query: str) -> set[str]:
        page = text_of(operator.get(f"{path}?villages=all&{query}"))
        rows = page.split('<table class="grid villages">')
        body = rows[1].split("</table>")[0] if len(rows) > 1 else ""
        return {letter for letter, code in CODES.items() if code in body}

    page = text_of(operator.get(path))
    assert '<td class="number">80 %</td> <td class="number">50 %</td>' in page
    every = listed("")
    assert {"A", "B"} <= every
    assert "A" in listed("min_area=80") and "B" not in listed("min_area=80")
    assert "B" in listed("min_area=9,5")
    # where nobody has a point it is not known, and not left out
    assert "A" not in listed("min_families=51") and "B" in listed("min_families=51")
    assert listed("min_area=seratus") == set()
    kept = text_of(operator.get(f"{path}?villages=all&min_area=80"))
    assert f"{path}villages.csv?min_area=80" in kept
    assert "villages=all&amp;min_area=80" in kept
    answer = operator.get(f"{path}villages.csv?min_area=80")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    codes = {line.split(",")[0] for line in lines[1:]}
    assert CODES["A"] in codes and CODES["B"] not in codes
    answer = operator.get(f"{path}villages.geojson?min_area=80")
    drawn = loads(b"".join(answer.streaming_content))["features"]
    drawn_codes = {one["properties"].get("code") for one in drawn}
    assert CODES["A"] in drawn_codes and CODES["B"] not in drawn_codes
    entry = Entry.objects.filter(action=Action.EXPORT).order_by("pk").first()
    assert (entry.details["selection"], entry.details["rows"]) == ("min_area=80", len(codes))


def test_who_does_not_see_all_counts_filters_by_no_family(signed_in, hazard, role):
    with_shares(hazard, role)
    path = f"{BOARD}hazards/{hazard.pk}/"
    page = text_of(signed_in("planner").get(f"{path}?villages=all&min_families=51"))
    assert CODES["A"] in page
    assert 'name="min_families"' not in page and "Keluarga di dalam" not in page
    answer = signed_in("planner").get(f"{path}villages.csv?min_families=51")
    assert CODES["A"] in b"".join(answer.streaming_content).decode("utf-8-sig")


def test_villages_as_csv_and_geojson_are_recorded(operator, hazard):
    answer = operator.get(f"{BOARD}hazards/{hazard.pk}/villages.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("kode_desa,desa,tingkat")
    assert len(lines) == 5
    assert lines[1].startswith(f"{CODES['A']},Ampel,MMI V,4.5,1.0,1.0,5,1,11,2,1,1,1,")
    answer = operator.get(f"{BOARD}hazards/{hazard.pk}/villages.geojson")
    assert len(loads(b"".join(answer.streaming_content))["features"]) == 6
    assert Entry.objects.filter(action=Action.EXPORT).count() == 2


@pytest.mark.parametrize("path", ["0/", "99999/", "99999/map.json", "99999/villages.csv"])
def test_an_unknown_hazard_is_not_found(operator, path):
    assert operator.get(f"{BOARD}hazards/{path}").status_code == 404


def test_feeds_say_how_fresh_they_are(operator, settings, role):
    settings.HAZARD_FEEDS = dict.fromkeys(NAMES[:2], "https://example.org/") | {NAMES[2]: ""}
    now = timezone.now()
    with role("owner"):
        Feed.objects.create(name=NAMES[0], interval_s=60, answered_at=now)
        Feed.objects.create(
            name=NAMES[1], interval_s=60, answered_at=now - timedelta(hours=1), code="feed_markup"
        )
    page = text_of(operator.get(BOARD))
    assert len(STALE.findall(page)) == 1
    with role("owner"):  # by a clock that was wrong
        Feed.objects.filter(name=NAMES[0]).update(answered_at=now + timedelta(days=1))
    assert len(STALE.findall(text_of(operator.get(BOARD)))) == 2
    assert "halaman web (HTML atau XML)" in page
    assert "mati" in page


def test_what_could_not_be_used_is_shown_as_it_came_and_as_text(operator, role):
    now = timezone.now()
    with role("owner"):
        RefusedMessage.objects.create(
            feed=NAMES[0],
            code="quake_magnitude",
            params={"found": "besar"},
            sha256="1" * 64,
            content='{"Wilayah": "<script>alert(1)</script>"}',
            first_at=now,
            last_at=now,
        )
    page = text_of(operator.get(f"{BOARD}refused/"))
    assert "Magnitudo “besar” bukan angka" in page
    assert "&lt;script&gt;" in page


QUAKE = {
    "title": "Megathrust uji",
    "latitude": "-7.78",
    "longitude": "110.02",
    "magnitude": "8.7",
    "depth_km": "20",
    "status": "scenario",
}


def test_a_scenario_is_a_hazard_that_raises_no_alarm(operator):
    answer = operator.post(f"{BOARD}scenarios/new/", QUAKE, follow=True)
    page = text_of(answer)
    assert "Megathrust uji" in page
    assert "Skenario: ini bukan kejadian nyata" in page
    hazard = Hazard.objects.get()
    assert (hazard.status, hazard.magnitude, hazard.depth_km) == ("scenario", 8.7, 20)
    assert "di luar rentang rumus" in page


@pytest.mark.parametrize(
    "wrong", [{"latitude": "110"}, {"magnitude": "12"}, {"depth_km": "x"}, {"status": "actual"}]
)
def test_a_scenario_that_cannot_be_is_refused_beside_its_field(operator, wrong):
    page = text_of(operator.post(f"{BOARD}scenarios/new/", QUAKE | wrong))
    assert 'id="error-summary"' in page
    assert not Hazard.objects.exists()
