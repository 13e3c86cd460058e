"""Recorded messages of BMKG and BNPB on real villages: the affected ones are those that shapely
finds by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyogrio.raw
import pyproj
import pytest
import shapely
from django.core.cache import caches
from django.core.management import call_command

from apps.commandcentre import intensity
from apps.commandcentre.feeds import polling
from apps.commandcentre.models import Footprint, Hazard
from tests.commandcentre.feeds.alerts import listing
from tests.commandcentre.feeds.standin import Standin, standin
from tests.commandcentre.real_villages import put_in_force, read_villages
from tests.conftest import as_role
from tests.flows.test_hazards_real import met, run

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.long]
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
# Degrees; some centimetres. Borders that two libraries unite differ by less.
NOTHING = 1e-7


@pytest.fixture
def poll(settings: Any) -> Callable[..., Hazard]:
    """Poll one feed that a stand-in answers: its name, what it answers, when. The hazard."""

    def run_poll(name: str, lay_out: Callable[[Standin], None], now: datetime) -> Hazard:
        parts = ("open", "failures", "probe")
        caches["counters"].delete_many([f"breaker:feed-{name}:{part}" for part in parts])
        with standin() as found, as_role("worker"):
            settings.HAZARD_FEEDS = {name: f"{found.url}/feed"}
            settings.FEED_STAND_IN_ALLOWED = True
            lay_out(found)
            [done] = polling.poll_feeds(now=now)
            assert (done.code, done.new) == ("", 1)
            return Hazard.objects.latest("pk")

    return run_poll


def national(real_data: Path, where: str) -> dict[str, Any]:
    source = real_data / "boundaries" / "batas_desa_nasional.gpkg.zip"
    return read_villages(source, "ADMINISTRASI_AR_DESAKEL", "KDEPUM", where)


def villages_of(hazard: Hazard) -> set[str]:
    return set(run("assess", str(hazard.pk))["villages"])


def rings_of(content: bytes) -> list[Any]:
    """The polygons of a message; CAP writes latitude first."""
    found = []
    for one in ElementTree.fromstring(content).iter(f"{CAP}polygon"):  # noqa: S314  our own file
        places = [place.split(",") for place in (one.text or "").split()]
        ring = [(float(east), float(north)) for north, east in places]
        found.append(shapely.make_valid(shapely.Polygon(ring)))
    return found


def warning(poll: Callable[..., Hazard], content: bytes) -> Hazard:
    number = ElementTree.fromstring(content).findtext(f"{CAP}identifier", "")  # noqa: S314

    def lay_out(source: Standin) -> None:
        source.lay_out("/alert.xml", content)
        source.lay_out("/feed", listing((number, f"{source.url}/alert.xml")))

    return poll("bmkg_nowcast", lay_out, datetime(2026, 2, 16, 16, 5, tzinfo=UTC))


def test_the_warning_for_banten_meets_the_villages_of_its_polygons(real_data, poll):
    polygons = national(real_data, "KDPPUM = '36'")
    assert len(polygons) > 1_500
    with as_role("owner"):
        put_in_force("Banten", polygons)
    content = (real_data / "formats" / "bmkg_cap_banten.xml").read_bytes()
    hazard = warning(poll, content)
    assert (hazard.kind, hazard.status) == ("weather", "actual")
    villages = villages_of(hazard)
    assert villages == met(polygons, rings_of(content))
    assert 10 < len(villages) < len(polygons)


def test_the_warning_and_the_earthquake_near_pekalongan_meet_its_villages(real_data, poll):
    # Banjarnegara, in the south, is farther than the weakest band reaches
    around = "KDPPUM = '33' AND KDPKAB IN ('33.04', '33.25', '33.26', '33.75')"
    polygons = national(real_data, around)
    assert len(polygons) > 500
    with as_role("owner"):
        put_in_force("Pekalongan dan Batang", polygons)
    content = (real_data / "formats" / "bmkg_cap_jateng.xml").read_bytes()
    assert villages_of(warning(poll, content)) == met(polygons, rings_of(content)) != set()

    answer = (real_data / "formats" / "bmkg_autogempa.json").read_bytes()
    quake = poll(
        "bmkg_autogempa",
        lambda source: source.lay_out("/feed", answer),
        datetime(2026, 2, 16, 6, 20, tzinfo=UTC),
    )
    assert (quake.magnitude, quake.depth_km) == (5.4, 10.0)
    radius_m = intensity.bands_around_point(5.4, 10.0)[0].outer_km * 1000
    near, far = near_and_far(polygons, 109.67, -6.89, radius_m)
    assert near and far
    assert near <= villages_of(quake) <= polygons.keys() - far


def near_and_far(
    polygons: dict[str, Any], longitude: float, latitude: float, radius_m: float
) -> tuple[set[str], set[str]]:
    """The villages that are surely nearer than a radius, and surely farther: by a hundredth."""
    plane = pyproj.Transformer.from_crs(
        4326, f"+proj=aeqd +lat_0={latitude} +lon_0={longitude} +ellps=WGS84", always_xy=True
    ).transform
    middle = shapely.Point(0, 0)
    metres = {
        code: shapely.distance(shapely.transform(polygon, plane, interleaved=False), middle)
        for code, polygon in polygons.items()
    }
    return (
        {code for code, far in metres.items() if far < 0.99 * radius_m},
        {code for code, far in metres.items() if far > 1.01 * radius_m},
    )


@pytest.mark.parametrize(
    ("province", "number", "district_villages"),
    [
        (
            "34",
            "3402 102 2020 03 09",
            {
                # BNPB writes Selopamiro, which no village is called
                *(("Sanden", "Srigading"), ("Imogiri", "Sriharjo"), ("Imogiri", "Wukirsari")),
                ("Dlingo", "Muntuk"),
            },
        ),
        ("31", "3171 101 2020 02 16", {("Pasar Minggu", "Pejaten Timur")}),
    ],
)
def test_an_event_of_bnpb_is_where_the_villages_are_that_it_names(
    real_data, province, number, district_villages
):
    path = real_data / "boundaries" / f"village_{province}.gpkg"
    polygons = read_villages(path, "desa", "kode")
    names, named = names_of(path, district_villages)
    assert len(named) == len(district_villages)
    with as_role("owner"):
        put_in_force(province, polygons, names)
    table = real_data / "disaster" / "bnpb_data_bencana_sample_2020.csv"
    with as_role("worker"):
        call_command("import_events", str(table))
    hazard = Hazard.objects.get(source="bnpb", source_id__startswith=number)
    villages = villages_of(hazard)
    area = shapely.union_all([polygons[code] for code in named])
    stored = shapely.from_wkb(bytes(Footprint.objects.get(hazard=hazard).area.wkb))
    assert shapely.area(shapely.symmetric_difference(stored, area)) < NOTHING**2
    # a village that shares a border with a named one is met; the last digit of it is not ours
    distances = {code: shapely.distance(polygon, area) for code, polygon in polygons.items()}
    overlaps = {
        code
        for code, polygon in polygons.items()
        if shapely.area(shapely.intersection(polygon, area)) > NOTHING**2
    }
    assert named | overlaps <= villages
    assert villages <= {code for code, distance in distances.items() if distance < NOTHING}


def names_of(path: Path, wanted: set[tuple[str, str]]) -> tuple[dict[str, str], set[str]]:
    """The name of each region by its code, and the codes of the wanted (district, village)."""
    columns = ["kode", "nama", "kecamatan", "kabkota", "provinsi"]
    meta, _, _geometry, fields = pyogrio.raw.read(
        path, layer="desa", columns=columns, read_geometry=False
    )
    rows = dict(zip(meta["fields"], fields, strict=True))
    names: dict[str, str] = {}
    found = set()
    for code, village, district, regency, province in zip(
        *(rows[name] for name in columns), strict=True
    ):
        names |= {code: village, code[:8]: district, code[:5]: regency, code[:2]: province}
        if (district, village) in wanted:
            found.add(code)
    return names, found
