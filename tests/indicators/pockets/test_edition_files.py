"""BIG's pockets from files: polygons in any reference system, village lists, and bad ones."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from django.core.management import call_command
from django.core.management.base import CommandError
from shapely.geometry import Polygon

from apps.audit.models import Entry
from apps.common import errors
from apps.common.errors import DomainError
from apps.demo import country
from apps.demo.country import CODES
from apps.indicators.models import PocketEdition
from apps.indicators.pockets import activation, reception
from apps.jobs.models import Job
from tests.base import EDITION, NOW
from tests.indicators.pockets import world
from tests.indicators.pockets.world import LETTERS
from tests.regions.editions import ring, square

pytestmark = pytest.mark.django_db
Status = PocketEdition.Status


def shares(edition: PocketEdition) -> dict[str, float]:
    rows = edition.villages.values_list("village_id", "share_area")
    return {LETTERS[code]: share for code, share in rows}


def said(edition: PocketEdition) -> list[str]:
    return [errors.text(one["code"], one["params"]) for one in edition.summary["listed"]]


def why(job: Job) -> str:
    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    return errors.text(job.message_code, job.message_params)


def test_the_villages_of_polygons_and_their_shares_are_those_of_another_computation(tmp_path):
    # two that overlap, one over a border, one whole village with a margin
    areas = [
        square("A", 0.1, 0.1, 0.6, 0.9),
        square("A", 0.4, 0.2, 0.8, 0.7),
        square("B", 0.9, 0.5, 1.4, 0.8),
        square("E", -0.2, -0.2, 1.2, 1.2),
    ]
    edition = world.imported(world.write_polygons(tmp_path / "kantong.geojson", areas))
    united = shapely.union_all(areas)
    truth = {
        LETTERS[code]: shape.intersection(united).area / shape.area
        for code, shape in country.villages().items()
    }
    wanted = {letter: share for letter, share in truth.items() if share >= 0.1}
    assert shares(edition) == pytest.approx(wanted, abs=1e-6)
    assert set(wanted) >= {"A", "E"}
    assert edition.summary["left_out"] == sum(0 < share < 0.1 for share in truth.values())
    assert (edition.status, edition.boundaries) == (Status.READY, [EDITION])
    assert edition.areas.count() == 4
    assert edition.areas.get(number="1").name == "Kantong 1"


def test_a_zipped_shapefile_in_metres_means_the_same_villages(tmp_path):
    shape = square("C", 0.1, 0.1, 0.9, 0.9)
    metres = pyproj.Transformer.from_crs(4326, 32749, always_xy=True).transform
    moved = shapely.transform(shape, metres, interleaved=False)
    folder = tmp_path / "shp"
    folder.mkdir()
    pyogrio.raw.write(
        folder / "kantong.shp",
        geometry=shapely.to_wkb(np.array([moved], dtype=object)),
        field_data=[np.array(["Kantong"], dtype=object)],
        fields=["NAMA"],
        crs="EPSG:32749",
        geometry_type="Polygon",
    )
    out = StringIO()
    known = {"edition": "BIG shp", "published": date(2026, 7, 1), "json": True}
    with world.as_role("worker"):
        call_command("import_pockets", folder / "kantong.shp", stdout=out, **known)
    edition = PocketEdition.objects.get(name="BIG shp")
    assert shares(edition) == pytest.approx({"C": 0.64}, abs=1e-4)
    assert json.loads(out.getvalue().splitlines()[-1])["villages"] == 1


@pytest.mark.long
def test_the_least_share_is_the_senders(tmp_path):
    path = world.write_polygons(tmp_path / "kantong.geojson", [square("A", 0, 0, 0.3, 1)])
    assert world.pockets(world.imported(path, "a third", least_share=0.25)) == "A"
    path = world.write_polygons(tmp_path / "lain.geojson", [square("A", 0, 0, 0.3, 1)])
    edition, job = world.receive(path, "half", least_share=0.5)
    with world.as_role("worker"):
        world.do(job)
    assert "50" in why(job)
    edition.refresh_from_db()
    assert edition.status == Status.FAILED


def test_each_bad_feature_is_said_and_the_others_are_taken(tmp_path):
    crossing = ring("A", (0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9))
    point = {"type": "Point", "coordinates": list(country.at("B"))}
    swapped = Polygon([(y, x) for x, y in square("B").exterior.coords])
    far = Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
    metres = Polygon([(400_000, 9_000_000), (410_000, 9_000_000), (410_000, 9_010_000)])
    path = world.write_polygons(
        tmp_path / "kantong.geojson", [crossing, point, None, swapped, far, metres]
    )
    edition = world.imported(path)
    codes = {one["params"]["row"]: one["code"] for one in edition.summary["listed"]}
    assert codes == {
        1: "pocket_area_repaired",
        2: "pocket_area_not_polygon",
        3: "pocket_area_missing",
        4: "pocket_area_beyond_world",
        5: "pocket_area_outside",
        6: "pocket_area_beyond_world",
    }
    assert edition.areas.get().is_repaired
    assert edition.areas.get().area.valid
    assert world.pockets(edition) == "A"
    assert all("None" not in text and "%(" not in text for text in said(edition))


def test_a_list_says_each_row_that_names_no_village_and_takes_the_others(tmp_path):
    rows = [
        [CODES["A"], "Ampel"],
        [CODES["B"].replace(".", ""), "Beji"],
        ["97.01.02.2999", "Tak Ada"],
        [CODES["A"], "Ampel"],
        ["", "Jumlah"],
        ["", ""],
        ["", "Kenari"],
    ]
    path = world.write_list(tmp_path / "desa.csv", rows)
    edition = world.imported(path)
    assert world.pockets(edition) == "ABK"
    found = [(one["params"]["line"], one["code"]) for one in edition.summary["listed"]]
    assert found == [
        (4, "village_code_unknown"),
        (5, "pocket_village_twice"),
        (6, "village_name_unknown_here"),
    ]
    assert (edition.summary["read"], edition.summary["refused"]) == (6, 2)
    assert "97.01.02.2999" in said(edition)[0]


def test_a_list_of_other_codes_is_refused_whole_and_the_edition_in_force_stays(tmp_path):
    first = world.listed(tmp_path, "AB")
    world.in_force(first)
    rows = [[f"32.01.01.{2001 + n}", "Lain"] for n in range(30)]
    path = world.write_list(tmp_path / "lain.csv", rows)
    edition, job = world.receive(path, "BIG 2026-08")
    with world.as_role("worker"):
        world.do(job)
    assert "lain.csv" in why(job)
    edition.refresh_from_db()
    assert edition.status == Status.FAILED
    assert not edition.villages.exists()
    first.refresh_from_db()
    assert first.status == Status.ACTIVE
    # the name of a failed edition may be used again
    again = world.listed(tmp_path, "CD", "BIG 2026-08")
    assert again.pk == edition.pk
    assert (again.status, world.pockets(again)) == (Status.READY, "CD")


def test_a_file_without_polygons_and_one_that_is_no_file_of_pockets_are_refused_in_words(tmp_path):
    point = {"type": "Point", "coordinates": list(country.at("B"))}
    _edition, job = world.receive(world.write_polygons(tmp_path / "titik.geojson", [point]), "t")
    with world.as_role("worker"):
        world.do(job)
    assert "titik.geojson" in why(job)
    noise = tmp_path / "kantong.gpkg"
    noise.write_bytes(b"\x00\x01" * 500)
    with pytest.raises(DomainError) as refused:
        world.receive(noise, "noise")
    assert "kantong.gpkg" in refused.value.text


def test_the_same_file_under_the_same_name_is_the_same_edition_and_another_one_is_refused(tmp_path):
    first = world.listed(tmp_path, "AB")
    assert world.listed(tmp_path, "AB").pk == first.pk
    with pytest.raises(DomainError) as refused:
        world.listed(tmp_path, "C")
    assert refused.value.code == "pocket_name_taken"
    assert world.pockets(first) == "AB"


def test_the_same_file_with_another_day_is_refused_and_the_day_can_be_corrected(
    tmp_path, signed_in
):
    edition = world.listed(tmp_path, "AB")
    path = tmp_path / f"{edition.name}.csv"
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    form = {"name": edition.name, "code_system": "kemendagri", "least_share": "10"}
    for day, words in (("02-07-2026", "correct it on the page"), ("03-07-2062", "a day to come")):
        with path.open("rb") as file:
            sent = browser.post(
                "/indicators/pockets/editions/upload/",
                form | {"file": file, "published_date": day},
            )
        assert words in str(sent.context["form"].errors["published_date"])
    address = f"/indicators/pockets/editions/{edition.pk}/"
    assert f'action="{address}day/"' in browser.get(address).content.decode()
    for day in ("03-07-2062", "x"):
        browser.post(f"{address}day/", {"published_date": day})
        edition.refresh_from_db()
        assert edition.published_date == world.DAY
    browser.post(f"{address}day/", {"published_date": "02-07-2026"})
    edition.refresh_from_db()
    assert edition.published_date == date(2026, 7, 2)
    [entry] = Entry.objects.filter(details__step="day")
    assert entry.details["former"] == "2026-07-01"
    assert entry.details["published"] == "2026-07-02"
    # the same file with the right day is the edition now
    with path.open("rb") as file:
        sent = browser.post(
            "/indicators/pockets/editions/upload/",
            form | {"file": file, "published_date": "02-07-2026"},
        )
    assert sent.headers["Location"] == address


def test_the_day_of_a_computed_edition_is_not_corrected():
    world.families("A", 8, programme="PKH")
    edition = world.computed()
    with pytest.raises(DomainError) as refused:
        reception.correct_day(edition=edition, published_date=world.DAY, by=world.BY, now=NOW)
    assert refused.value.code == "pocket_day_computed"


def test_an_edition_replaces_the_one_in_force_which_stays_and_can_return(tmp_path):
    first, second = (world.listed(tmp_path, letters, letters) for letters in ("AB", "BC"))
    world.in_force(first, second)
    states = dict(PocketEdition.objects.values_list("name", "status"))
    assert states == {"AB": "superseded", "BC": "active"}
    assert world.pockets(first) == "AB"
    world.in_force(first)
    states = dict(PocketEdition.objects.values_list("name", "status"))
    assert states == {"AB": "active", "BC": "superseded"}


def test_an_edition_that_is_not_ready_cannot_be_put_in_force(tmp_path):
    path = world.write_list(tmp_path / "desa.csv", [[CODES["A"], "Ampel"]])
    edition, _job = world.receive(path, "BIG 2026-07")
    with pytest.raises(DomainError) as refused:
        activation.activate_edition(edition=edition, by=world.BY, now=NOW)
    assert refused.value.code == "pocket_not_ready"


def test_the_command_puts_in_force_and_refuses_in_words(tmp_path):
    path = world.write_list(tmp_path / "desa.csv", [[CODES["A"], "Ampel"]])
    known = {"edition": "BIG", "published": date(2026, 7, 1), "stdout": StringIO()}
    with world.as_role("worker"):
        call_command("import_pockets", path, activate=True, **known)
    assert PocketEdition.objects.get(name="BIG").status == Status.ACTIVE
    path.write_text("Kode Desa,Nama Desa\n99.99.99.9999,Lain\n")
    with (
        world.as_role("worker"),
        pytest.raises(CommandError, match="names no village") as refused,
    ):
        call_command("import_pockets", path, **known | {"edition": "other"})
    assert refused.value.returncode == 2


def test_a_planner_sends_a_file_and_puts_it_in_force(tmp_path, signed_in):
    path = world.write_list(tmp_path / "desa.csv", [[CODES["A"], "Ampel"], ["x", "x"]])
    browser = signed_in("planner")
    form = {
        "name": "BIG 2026-07",
        "published_date": "01-07-2026",
        "code_system": "kemendagri",
        "least_share": "10",
    }
    with path.open("rb") as file:
        sent = browser.post("/indicators/pockets/editions/upload/", form | {"file": file})
    edition = PocketEdition.objects.get()
    address = f"/indicators/pockets/editions/{edition.pk}/"
    assert sent.headers["Location"] == address
    with world.as_role("worker"):
        world.do(Job.objects.get())
    page = browser.get(address).content.decode()
    assert "desa.csv" in page
    assert "Baris 3" in page
    browser.post(f"{address}activate/")
    edition.refresh_from_db()
    assert edition.status == Status.ACTIVE


def test_a_form_that_is_not_filled_says_what_is_missing(signed_in):
    page = signed_in("planner").post("/indicators/pockets/editions/upload/", {}).content.decode()
    assert page.count('class="wrong"') >= 3
    assert not PocketEdition.objects.exists()
