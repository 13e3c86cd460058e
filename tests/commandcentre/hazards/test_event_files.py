"""BNPB's table of disasters: each event one hazard, revised by a later file, what is odd said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from apps.commandcentre.hazards import named_places, reported_losses
from apps.commandcentre.hazards.event_files import import_events
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.hazards.named_places import NamedPlace
from apps.commandcentre.models import Footprint, Hazard, HazardRevision
from apps.commandcentre.states import TOPIC
from apps.common.errors import DomainError
from apps.demo.country import CODES, at
from apps.jobs.models import Event, Job
from apps.regions.models import Boundary, Region
from tests.commandcentre.hazards.messages import take
from tests.commandcentre.resources.office_files import codes, run, write

pytestmark = pytest.mark.django_db
LONGITUDE, LATITUDE = at("A")
BASE = {
    "id_kab": "9701", "provinsi": "NUSA BARAT", "kabkot": "BARAT LOR", "id_jenis_bencana": "101",
    "kejadian": "BANJIR", "nama_kejadian": "BANJIR", "lokasi": "", "desa": "", "tahun": "2026",
    "bulan": "11", "tanggal": "8", "jam": "04.30", "meninggal": "0", "mengungsi": "12",
    "hilang": "", "terluka": "", "menderita": "", "rumah_rusak": "",
    "longitude": f"{LONGITUDE:.5f}", "latitude": f"{LATITUDE:.5f}", "kib": "9701 101 2026 11 08 1",
    "data_update": "2026-11-09",
}  # fmt: skip


@pytest.fixture
def imported(tmp_path):
    def imported(*rows: dict[str, str], **options: Any):
        return run(import_events, write(tmp_path, rows, BASE, "bencana.csv"), **options)

    return imported


def villages_of(hazard: Hazard) -> set[str]:
    """The villages whose polygons are inside the area of the present version."""
    letters = {code: letter for letter, code in CODES.items()}
    area = Footprint.objects.get(hazard=hazard, revision=hazard.revision).area
    inside = Boundary.objects.filter(is_current=True, boundary__coveredby=area.buffer(1e-9))
    return {letters[code] for code in inside.values_list("region_id", flat=True)} - {None}


VICTIMS = {
    "meninggal": "2", "hilang": "0", "terluka": "1.250", "menderita": "", "mengungsi": "12.0",
    "rumah_rusak": "banyak",
}  # fmt: skip


def test_reported_victims_are_shown_with_their_source_and_day(imported, role, signed_in):
    imported(VICTIMS)
    with role("owner"):
        hazard = Hazard.objects.get()
    losses = reported_losses.losses_of(hazard)
    assert losses is not None
    # an empty cell and a word are no number; zero is one
    assert list(losses.figures.values()) == [2, 0, 1250, 12]
    assert losses.as_of == date(2026, 11, 9)
    operator = signed_in("operator")
    for name in ("hazard", "report"):
        page = operator.get(reverse(f"commandcentre:{name}", args=[hazard.pk])).content.decode()
        assert "Korban dan kerusakan yang dilaporkan" in page
        assert "BNPB, Data bencana, per 9 Nov" in page
        assert "1.250" in page


def test_a_later_file_changes_the_reported_victims(imported, role):
    imported(VICTIMS)
    imported(VICTIMS | {"meninggal": "5", "data_update": "2026-11-10"})
    with role("owner"):
        hazard = Hazard.objects.get()
    losses = reported_losses.losses_of(hazard)
    assert losses is not None
    assert (next(iter(losses.figures.values())), losses.as_of) == (5, date(2026, 11, 10))


def test_a_hazard_without_figures_or_of_another_source_reports_none(imported, role):
    imported({"meninggal": "", "mengungsi": "-"})
    with role("owner"):
        hazard = Hazard.objects.get()
        quake = take().hazard
    assert reported_losses.losses_of(hazard) is None
    assert reported_losses.losses_of(quake) is None


def test_the_villages_that_an_event_names_are_its_area(imported, role):
    done = imported({"lokasi": f"Kec. {district_of('A')}\nDs. Ampel\nBeji\n"})
    assert done.counts == {"new": 1, "changed": 0, "unchanged": 0}
    assert codes(done) == {}
    with role("worker"):
        hazard = Hazard.objects.get()
        assert villages_of(hazard) == {"A", "B"}
    assert (hazard.title, hazard.source_id) == ("Banjir, Barat Lor", "9701 101 2026 11 08 01")
    assert timezone.localtime(hazard.occurred_at).strftime("%d-%m-%Y %H.%M") == "08-11-2026 04.30"
    with role("owner"):
        assert Job.objects.filter(kind=ASSESS_HAZARD).count() == 1


def district_of(letter: str) -> str:
    return Region.objects.get(code=CODES[letter][:8]).name


def test_a_district_without_named_villages_means_all_of_them(imported, role):
    done = imported({"lokasi": f"Kec. {district_of('C')}"})
    assert codes(done) == {}
    with role("worker"):
        assert villages_of(Hazard.objects.get()) == {"C", "D"}


def test_a_place_that_is_not_known_is_said_and_the_point_helps_where_none_is(imported, role):
    done = imported(
        {"lokasi": f"Kec. {district_of('A')}\nDs. Ampel\nDs. Antah"},
        {"kib": "9701 101 2026 11 08 2", "lokasi": "Kec. Antah\nDs. Berantah"},
        {"kib": "9701 101 2026 11 08 3", "lokasi": "", "longitude": "0", "latitude": "0"},
    )
    assert codes(done) == {
        2: {"event_places"},
        3: {"event_places", "event_by_point"},
        4: {"event_point", "event_no_place"},
    }
    assert done.counts["new"] == 3
    with role("worker"):
        first, second, third = Hazard.objects.order_by("pk")
        assert villages_of(first) == {"A"}
        assert villages_of(second) == {"A"}
        assert not Footprint.objects.filter(hazard=third).exists()


def test_the_same_file_changes_nothing_and_a_later_one_is_the_next_version(imported, role):
    place = {"lokasi": f"Kec. {district_of('A')}\nDs. Ampel"}
    imported(place)
    assert imported(place).counts == {"new": 0, "changed": 0, "unchanged": 1}
    # another export of the same state is no news
    assert imported(place | {"data_update": "2026-11-10"}).counts["unchanged"] == 1
    later = place | {"meninggal": "3", "data_update": "2026-11-11"}
    assert imported(later).counts == {"new": 0, "changed": 1, "unchanged": 0}
    assert imported(place | {"data_update": "2026-11-08"}).counts["unchanged"] == 1
    with role("worker"):
        hazard = Hazard.objects.get()
        last = HazardRevision.objects.get(hazard=hazard, number=hazard.revision)
    assert hazard.revision == 2
    assert last.received["dead"] == "3"


def test_an_event_whose_kind_was_corrected_is_its_next_version(imported, role):
    imported({})
    imported({"id_jenis_bencana": "102", "kejadian": "TANAH LONGSOR", "data_update": "2026-11-10"})
    with role("owner"):
        hazard = Hazard.objects.get()
    assert (hazard.kind, hazard.revision) == ("landslide", 2)


def test_an_event_without_a_number_is_known_by_regency_kind_day_and_point(imported, role):
    unnumbered = {"kib": "[telp]", "lokasi": f"Kec. {district_of('A')}"}
    assert imported(unnumbered).counts["new"] == 1
    assert imported(unnumbered).counts["unchanged"] == 1
    assert imported(unnumbered | {"tanggal": "7"}).counts["new"] == 1
    with role("worker"):
        assert Hazard.objects.count() == 2


def test_an_old_event_is_history_not_an_open_hazard(imported, role):
    imported({"tahun": "2020", "kib": "9701 101 2020 11 08 1", "lokasi": "Kec. Antah"})
    with role("owner"):
        assert Hazard.objects.get().closed_at is not None
        assert not Job.objects.filter(kind=ASSESS_HAZARD).exists()


def test_a_table_of_the_past_is_told_to_boards_once_and_assesses_nothing(imported, role):
    quake = {"id_jenis_bencana": "108", "kejadian": "GEMPA BUMI", "longitude": "110.02",
             "latitude": "-10.80", "lokasi": ""}  # fmt: skip
    past = [
        quake | {"tahun": f"{year}", "kib": f"9701 108 {year} 11 08 1"}
        for year in range(1990, 1995)
    ]
    with role("owner"):
        Event.objects.all().delete()
    imported(*past, {"tahun": "2020", "kib": "9701 101 2020 11 08 1", "lokasi": "Kec. Antah"})
    with role("owner"):
        assert Hazard.objects.count() == 6
        assert not Hazard.objects.filter(closed_at__isnull=True).exists()
        assert not Job.objects.filter(kind=ASSESS_HAZARD).exists()
        assert Event.objects.filter(topic=TOPIC).count() == 1


def test_an_event_of_the_past_that_is_open_on_the_board_is_told_all_the_same(imported, role):
    old = {"kib": "9701 101 2020 11 08 1", "tahun": "2020"}
    imported(old)
    with role("owner"):
        Hazard.objects.update(closed_at=None)
        Event.objects.all().delete()
    imported(old | {"meninggal": "3", "data_update": "2026-11-11"})
    with role("owner"):
        assert Event.objects.filter(topic=TOPIC, data__revision=2).exists()
        assert Hazard.objects.get().closed_at is None


MOLUCCAS = {"id_kab": "8171", "provinsi": "MALUKU", "kib": "8171 101 2026 11 08 1"}


@pytest.mark.parametrize(
    ("row", "utc"),
    [
        ({"jam": "18.02"}, "11.02"),
        ({"jam": "18:02:33 WIB"}, "11.02"),
        ({"jam": "18:02 WITA"}, "10.02"),
        ({"jam": "Pukul 18.02 Wit"}, "09.02"),
        ({"jam": "sekitar pukul 18.02"}, "11.02"),
        ({"jam": "1802"}, "11.02"),
        ({"jam": "18"}, "11.00"),
        ({"jam": "18.02", "id_kab": "7271", "provinsi": "SULAWESI TENGAH"}, "10.02"),
        (MOLUCCAS | {"jam": "18.02"}, "09.02"),
        (MOLUCCAS | {"jam": "18.02 WIB"}, "11.02"),
        # without numbers by the province's name
        ({"jam": "18.02", "id_kab": "", "kib": "x", "provinsi": "Papua Selatan"}, "09.02"),
        ({"jam": "18.02", "id_kab": "", "kib": "x", "provinsi": "KALIMANTAN TIMUR"}, "10.02"),
        ({"jam": "18.02", "id_kab": "", "kib": "x", "provinsi": "KALIMANTAN BARAT"}, "11.02"),
        # no hour: midnight in the west, so that the day stays what it is
        (MOLUCCAS | {"jam": ""}, "17.00"),
        (MOLUCCAS | {"jam": "-"}, "17.00"),
    ],
)
def test_an_hour_is_that_of_the_zone_that_is_named_or_of_the_province(imported, role, row, utc):
    assert "event_hour" not in codes(imported(row)).get(2, set())
    with role("owner"):
        assert f"{Hazard.objects.get().occurred_at:%H.%M}" == utc


@pytest.mark.parametrize("hour", ["24.10", "18.75", "malam", "18.02 EST", "0.75", "6 jam"])
def test_an_hour_that_cannot_be_read_is_said_and_the_event_taken(imported, role, hour):
    done = imported({"jam": hour})
    assert "event_hour" in codes(done)[2]
    assert done.counts["new"] == 1
    with role("owner"):
        assert f"{timezone.localtime(Hazard.objects.get().occurred_at):%H.%M}" == "00.00"


def test_an_event_of_this_morning_in_the_east_is_not_in_the_future(tmp_path, role):
    row = MOLUCCAS | {"tanggal": "10", "jam": "10.00"}
    # 09.30 in the west is 11.30 in the Moluccas
    now = datetime(2026, 11, 10, 2, 30, tzinfo=UTC)
    done = run(import_events, write(tmp_path, [row], BASE, "bencana.csv"), now=now)
    assert "event_in_future" not in codes(done).get(2, set())
    assert done.counts["new"] == 1


def test_an_unnumbered_event_in_the_east_keeps_its_day(imported, role):
    unnumbered = MOLUCCAS | {"kib": "-", "jam": "01.00"}
    imported(unnumbered)
    with role("owner"):
        assert Hazard.objects.get().source_id.startswith("8171 101 2026 11 08")


def test_rows_that_cannot_be_read_are_listed_and_the_others_taken(imported):
    ahead = timezone.localdate() + timedelta(days=400)
    done = imported(
        {},
        {"kib": "9701 101 2026 11 08 01"},
        {"kib": "9701 999 2026 11 08 1", "id_jenis_bencana": "999", "kejadian": "KONFLIK SOSIAL"},
        {"kib": "9701 101 2026 11 31 1", "tanggal": "31"},
        {"kib": "9701 101 2028 01 01 1", "tahun": str(ahead.year)},
        {"kib": "9701 101 2026 11 08 9", "kabkot": ""},
    )
    found = codes(done)
    assert found[3] == {"event_twice"}
    assert found[4] == {"event_kind"}
    assert found[5] == {"cell_date"}
    assert found[6] == {"event_in_future"}
    assert found[7] == {"cell_missing"}
    assert done.counts["new"] == 1


def test_a_file_without_these_columns_is_refused(tmp_path):
    path = write(tmp_path, [{}], {"nama": "x", "nilai": "3"})
    with pytest.raises(DomainError, match="^import_columns_missing$"):
        run(import_events, path)


def test_lists_of_places_are_read_as_people_write_them():
    text = (
        "Kec. Sanden\nDs. Srigading\nGadingsari\nKec. Pundong\nKp. Baru, Kel. Kampung Tengah\nDs.\n"
        "Rahong"
    )
    assert named_places.read(text) == [
        NamedPlace("Sanden", "Srigading"),
        NamedPlace("Sanden", "Gadingsari"),
        NamedPlace("Pundong", "Baru"),
        NamedPlace("Pundong", "Kampung Tengah"),
        NamedPlace("Pundong", "Rahong"),
    ]
    assert named_places.read("Kec. A dan sekitarnya") == [NamedPlace("A dan sekitarnya")]
    assert named_places.read(" 75 km BaratLaut SERAM") == []


@pytest.mark.slow
def test_bnpbs_own_table_is_taken_whole(real_data: Path, role, capsys):
    path = real_data / "disaster" / "bnpb_data_bencana_sample_2020.csv"
    with role("worker"):
        call_command("import_events", str(path))
        assert Hazard.objects.filter(source="bnpb").count() == 34
        assert set(Hazard.objects.values_list("kind", flat=True)) == {
            *("flood", "landslide", "weather", "wildfire", "earthquake"),
        }
        call_command("import_events", str(path))
        assert Hazard.objects.filter(revision=1).count() == 34
