"""What a made-up batch says about its rows is true: checked by shapely, pyproj and plain rules."""

import csv
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
import python_calamine
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.geometry import Point

from apps.demo import batches, boundaries, country, regency
from apps.demo.batches import DEFAULT_SHARES, Truth
from apps.demo.faults import CATALOGUE
from apps.demo.population import people
from apps.demo.sheets import PORTAL, SIKSNG

ROWS = 3000
SEED = 11
GEOD = Geod(ellps="WGS84")
VILLAGES = regency.villages()
NAMES = {region.code: region.name for region in regency.regions()}
REGISTER = list(people.people(VILLAGES, 800, seed=2))

Row = dict[str, str]


def read(path: Path, columns: dict[str, str] = PORTAL, delimiter: str = ",") -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file, delimiter=delimiter))
    assert lines[0] == list(columns.values())
    return [dict(zip(columns, line, strict=True)) for line in lines[1:]]


@pytest.fixture(scope="module")
def batch(tmp_path_factory) -> list[tuple[Row, Truth]]:
    path = tmp_path_factory.mktemp("batch") / "usulan.csv"
    truths = batches.write_batch(path, VILLAGES, ROWS, SEED, register=REGISTER)
    return list(zip(read(path), truths, strict=True))


def with_fault(batch: list[tuple[Row, Truth]], fault: str) -> list[tuple[Row, Truth]]:
    chosen = [(row, truth) for row, truth in batch if fault in truth.faults]
    assert chosen, fault
    return chosen


@cache
def metres_to(code: str, longitude: float, latitude: float) -> float:
    """Geodesic metres: laid flat around the point itself, distances from it are exact."""
    flat = CRS.from_proj4(f"+proj=aeqd +lon_0={longitude} +lat_0={latitude} +ellps=WGS84")
    to_flat = Transformer.from_crs("EPSG:4326", flat, always_xy=True)
    laid = shapely.transform(VILLAGES[code], to_flat.transform, interleaved=False)
    return laid.distance(Point(0, 0))


def degrees(text: str) -> float:
    """A coordinate in any of the forms that a batch may hold."""
    sexagesimal = re.fullmatch(r"(\d+)°(\d\d)'(\d\d\.\d\d)\" (S|N|W|E|LS|LU|BB|BT)", text)
    if sexagesimal:
        size = sum(float(sexagesimal[i]) / 60 ** (i - 1) for i in (1, 2, 3))
        return -size if sexagesimal[4] in ("S", "W", "LS", "BB") else size
    return float(text.replace(",", "."))


def located(claimed: str, longitude: float, latitude: float) -> str:
    """The rules of the location check, said once more and slowly."""
    if claimed not in VILLAGES:
        return "no_polygon"
    if abs(latitude) > 90:
        return "unmapped"
    point = Point(longitude, latitude)
    around = [code for code, polygon in VILLAGES.items() if polygon.intersects(point)]
    if claimed in around:
        return "inside"
    if metres_to(claimed, longitude, latitude) <= 50:
        return "near_border"
    if not around:
        return "unmapped"
    return "neighbour" if around[0][:8] == claimed[:8] else "elsewhere"


def test_every_row_of_the_file_has_its_truth_in_order(batch):
    assert [truth.row for _, truth in batch] == list(range(1, ROWS + 1))


def test_about_nine_of_ten_rows_are_good_and_every_fault_is_there(batch):
    counts = Counter(fault for _, truth in batch for fault in truth.faults)
    siksng_only = {code for code, fault in CATALOGUE.items() if fault.templates == "siksng"}
    assert set(counts) == set(DEFAULT_SHARES) - siksng_only
    assert 0.85 < sum(not truth.faults for _, truth in batch) / ROWS < 0.92


@pytest.mark.long
def test_verdicts_and_owners_are_those_that_shapely_finds(batch):
    for row, truth in batch:
        if truth.verdict in ("", "no_point"):
            continue
        longitude, latitude = degrees(row["longitude"]), degrees(row["latitude"])
        assert truth.verdict == located(truth.claimed, longitude, latitude), truth
        if truth.actual:
            assert VILLAGES[truth.actual].intersects(Point(longitude, latitude)), truth


def test_metres_are_those_of_the_ellipsoid(batch):
    outside = [(row, truth) for row, truth in batch if truth.distance_m]
    assert len(outside) > 50
    for row, truth in outside:
        exact = metres_to(truth.claimed, degrees(row["longitude"]), degrees(row["latitude"]))
        assert truth.distance_m == pytest.approx(exact, rel=0.001, abs=0.05)


def test_near_the_border_means_five_to_forty_metres_outside(batch):
    for row, truth in with_fault(batch, "near_border"):
        assert 5 <= metres_to(truth.claimed, float(row["longitude"]), float(row["latitude"])) <= 40
        assert truth.verdict == "near_border"


def test_other_verdicts_stand_clear_of_the_tolerance(batch):
    for fault in ("neighbour", "elsewhere", "unmapped"):
        for row, truth in with_fault(batch, fault):
            metres = metres_to(truth.claimed, float(row["longitude"]), float(row["latitude"]))
            assert metres > 60 and truth.verdict == fault


def test_elsewhere_names_the_level_at_which_the_village_differs(batch):
    levels = Counter()
    for _, truth in with_fault(batch, "elsewhere"):
        levels[truth.level] += 1
        length = {"district": 5, "regency": 2}[truth.level]
        assert truth.claimed[:length] == truth.actual[:length]
        assert truth.claimed[: length + 3] != truth.actual[: length + 3]
    assert len(levels) == 2


def test_swapped_axes_and_flipped_signs_are_inside_once_corrected(batch):
    for row, truth in with_fault(batch, "axes_swapped"):
        corrected = Point(float(row["latitude"]), float(row["longitude"]))
        assert VILLAGES[truth.claimed].contains(corrected)
    for row, truth in with_fault(batch, "sign_flipped"):
        corrected = Point(float(row["longitude"]), -float(row["latitude"]))
        assert VILLAGES[truth.claimed].contains(corrected)


def test_twenty_families_are_on_a_shared_point_and_few_on_any_other(batch):
    families: dict[tuple[str, str], set[str]] = {}
    for row, truth in batch:
        if truth.verdict != "no_point":
            families.setdefault((row["longitude"], row["latitude"]), set()).add(row["kk"])
    shared = {(row["longitude"], row["latitude"]) for row, _ in with_fault(batch, "shared_point")}
    assert {len(families[point]) for point in shared} == {20}
    assert max(len(kks) for point, kks in families.items() if point not in shared) <= 3


def test_coarse_points_have_three_decimals_and_others_more(batch):
    for row, truth in batch:
        if truth.verdict == "no_point" or "dms" in truth.faults:
            continue
        decimals = [
            len(row[axis].replace(",", ".").partition(".")[2].rstrip("0"))
            for axis in ("latitude", "longitude")
        ]
        assert (max(decimals) <= 3) == ("coarse" in truth.faults) == ("coarse" in truth.flags)


def test_office_points_are_the_offices(batch):
    offices = regency.offices()
    for row, truth in with_fault(batch, "office_point"):
        office = offices[truth.claimed]
        assert GEOD.inv(float(row["longitude"]), float(row["latitude"]), office.x, office.y)[2] < 1


def test_good_rows_are_consistent_with_themselves(batch):
    seen = set()
    for row, truth in batch:
        if truth.faults:
            continue
        born = datetime.strptime(row["birth_date"], "%d/%m/%Y").date()
        day = born.day + (40 if row["sex"] == "P" else 0)
        assert row["nik"][6:12] == f"{day:02d}{born:%m%y}" and len(row["nik"]) == 16
        assert row["nik"] != row["kk"] and len(row["kk"]) == 16
        assert row["village_name"] == NAMES[row["village_code"]].upper()
        assert (row["pregnant"] == "YA") == bool(row["pregnancy_date"])
        assert row["sex"] == "P" or row["pregnant"] == "TIDAK"
        assert (row["disability"] == "YA") == bool(row["disability_kind"])
        assert row["rt"].isdigit() and row["rw"].isdigit()
        assert (row["nik"], row["programme"]) not in seen
        seen.add((row["nik"], row["programme"]))


def test_a_person_may_be_proposed_for_two_programmes_without_fault(batch):
    good = Counter(row["nik"] for row, truth in batch if not truth.faults)
    assert 2 in good.values()


def test_made_up_niks_have_serials_from_9000_but_for_the_fault_itself(batch):
    exempt = {"nik_serial_zero", "nik_filler", "nik_float", "nik_short", "nik_long"}
    for row, truth in batch:
        if not exempt & set(truth.faults):
            assert int(row["nik"].lstrip("'")[12:]) >= 9000


SPOILT = {
    "nik_short": lambda row: len(row["nik"]) == 15 and row["nik"].isdigit(),
    "nik_long": lambda row: len(row["nik"]) == 17 and row["nik"].isdigit(),
    "nik_letter": lambda row: len(row["nik"]) == 16 and not row["nik"].isdigit(),
    "nik_float": lambda row: re.fullmatch(r"\d,\d{5}E\+15", row["nik"]),
    "nik_apostrophe": lambda row: re.fullmatch(r"'\d{16}", row["nik"]),
    "nik_serial_zero": lambda row: re.fullmatch(r"\d{12}0000", row["nik"]),
    "nik_filler": lambda row: len(set(row["nik"])) == 1 or row["nik"] == "1234567890123456",
    "nik_sex": lambda row: row["sex"] == "P" and int(row["nik"][6:8]) <= 31,
    "nik_birth_date": lambda row: (
        row["nik"][8:12] != row["birth_date"][3:5] + row["birth_date"][8:]
        or int(row["nik"][6:8]) % 40 != int(row["birth_date"][:2])
    ),
    "nik_is_kk": lambda row: row["nik"] == row["kk"],
    "kk_short": lambda row: len(row["kk"]) == 15,
    "date_impossible": lambda row: not is_date(row["birth_date"]),
    "date_future": lambda row: int(row["birth_date"][-4:]) > people.AS_OF.year,
    "date_dashes": lambda row: re.fullmatch(r"\d\d-\d\d-\d{4}", row["birth_date"]),
    "date_iso": lambda row: date.fromisoformat(row["birth_date"]),
    "date_serial": lambda row: (
        f"{date(1899, 12, 30) + timedelta(days=int(row['birth_date'])):%m%y}" == row["nik"][8:12]
    ),
    "village_plain": lambda row: re.fullmatch(r"9705\d{6}", row["village_code"]),
    "village_lost_zeros": lambda row: re.fullmatch(r"97\.5\.\d\.2\d{3}", row["village_code"]),
    "village_bps": lambda row: (
        row["village_code"] in {boundaries.bps_code(code) for code in VILLAGES}
    ),
    "village_unknown": lambda row: row["village_code"] not in NAMES,
    "village_outside_scope": lambda row: row["village_code"].startswith("97.06."),
    "programme_misspelt": lambda row: (
        row["programme"]
        not in ("PKH", "SEMBAKO", "BPNT", "BSP", "PBI-JK", "PBI", "BST", "NON-BANSOS")
    ),
    "programme_synonym": lambda row: row["programme"] in ("BPNT", "BSP", "PBI"),
    "rt_not_number": lambda row: not row["rt"].isdigit(),
    "ppks_unknown": lambda row: not set(row["ppks"].split(";")) <= {"", *map(str, range(1, 27))},
    "pregnant_man": lambda row: row["sex"] == "L" and row["pregnant"] == "YA",
    "disability_without_kind": lambda row: row["disability"] == "YA" and not row["disability_kind"],
    "name_titled": lambda row: (
        ", " in row["name"] or row["name"].split()[0] in ("H.", "HJ.", "DRS.", "DRA.", "IR.")
    ),
    "name_digits": lambda row: re.search(r"\d", row["name"]),
    "formula_text": lambda row: row["address"][0] in "=@+",
    "long_cell": lambda row: len(row["address"]) >= 6000,
    "multiline_cell": lambda row: "\n" in row["address"] and '"' in row["address"],
    "spaced_cell": lambda row: row["name"] != " ".join(row["name"].split()),
    "decimal_comma": lambda row: "," in row["latitude"] and "," in row["longitude"],
    "dms": lambda row: "°" in row["latitude"] and "°" in row["longitude"],
    "no_point": lambda row: not row["latitude"] and not row["longitude"],
    "no_polygon": lambda row: row["village_code"] == regency.WITHOUT_POLYGON,
}


def is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%d/%m/%Y")
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("fault", sorted(SPOILT))
def test_a_row_shows_its_fault_and_a_good_row_does_not(batch, fault):
    assert all(SPOILT[fault](row) for row, _ in with_fault(batch, fault))
    good = [row for row, truth in batch if not truth.faults]
    if fault not in ("date_iso", "date_serial"):
        assert not any(SPOILT[fault](row) for row in good)


def test_the_future_birth_date_agrees_with_its_nik_so_that_only_one_thing_is_wrong(batch):
    for row, _ in with_fault(batch, "date_future"):
        assert row["nik"][8:12] == row["birth_date"][3:5] + row["birth_date"][8:]


def test_a_duplicate_repeats_an_earlier_good_row(batch):
    for row, truth in with_fault(batch, "duplicate_in_file"):
        first, first_truth = batch[truth.duplicate_of - 1]
        assert truth.duplicate_of < truth.row
        assert first == row and not first_truth.faults


def test_a_registered_person_is_proposed_for_a_programme_that_they_have(batch):
    registered = {person.nik: person for person in REGISTER}
    for row, truth in batch:
        is_again = truth.faults == ("already_registered",)
        assert (row["nik"] in registered) == is_again
        if is_again:
            person = registered[row["nik"]]
            assert row["programme"] in person.programmes
            assert row["name"] == person.name
    assert with_fault(batch, "already_registered")


def test_rows_claim_villages_of_the_officers_regency_alone(batch):
    for row, truth in batch:
        if not {"village_outside_scope", "village_bps"} & set(truth.faults):
            code = row["village_code"].replace(".", "").replace("975", "9705", 1)
            assert code.startswith("9705")


def test_no_verdict_is_due_where_the_village_cannot_be_known(batch):
    for _, truth in batch:
        assert (truth.verdict == "") == (truth.claimed == "")
        assert (truth.verdict == "") == ("village_unknown" in truth.faults)


def test_wrong_rows_are_those_whose_fault_someone_must_correct(batch):
    wrong = {fault for _, truth in batch if truth.is_wrong for fault in truth.faults}
    assert {"nik_short", "date_impossible", "duplicate_in_file", "already_registered"} <= wrong
    assert not wrong & {"near_border", "shared_point", "nik_apostrophe", "date_iso", "coarse"}


@pytest.mark.slow
@pytest.mark.long
def test_the_same_seed_writes_the_same_bytes_in_every_kind(tmp_path):
    for kind in ("csv", "xlsx", "geojson"):
        for name in ("one", "two"):
            path = tmp_path / f"{name}.{kind}"
            batches.write_batch(path, VILLAGES, 450, SEED, register=iter(REGISTER))
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
        batches.write_batch(tmp_path / f"three.{kind}", VILLAGES, 450, SEED + 1)
        assert (tmp_path / f"one.{kind}").read_bytes() != (tmp_path / f"three.{kind}").read_bytes()


@pytest.mark.slow
def test_batches_of_different_seeds_share_no_nik(tmp_path):
    niks = []
    for seed in (1, 2, 3):
        path = tmp_path / f"{seed}.csv"
        batches.write_batch(path, VILLAGES, 2000, seed, faults={})
        niks.append({row["nik"] for row in read(path)})
    assert not niks[0] & niks[1] and not niks[1] & niks[2] and not niks[0] & niks[2]


def test_a_batch_and_a_register_of_one_seed_are_other_people_in_other_places(tmp_path):
    registered = list(people.people(VILLAGES, 500, seed=SEED))
    batches.write_batch(tmp_path / "usulan.csv", VILLAGES, 500, SEED, faults={})
    rows = read(tmp_path / "usulan.csv")
    assert not {row["nik"] for row in rows} & {person.nik for person in registered}
    points = {(person.longitude, person.latitude) for person in registered}
    assert not {(float(row["longitude"]), float(row["latitude"])) for row in rows} & points


def test_a_batch_can_be_of_one_fault_or_of_none(tmp_path):
    path = tmp_path / "usulan.csv"
    truths = batches.write_batch(path, VILLAGES, 60, SEED, faults={"near_border": 1.0})
    assert {truth.verdict for truth in truths} == {"near_border"}
    assert len(read(path)) == len(truths) == 60
    clean = batches.write_batch(path, VILLAGES, 60, SEED, faults={})
    assert {(truth.faults, truth.verdict) for truth in clean} == {((), "inside")}


def test_what_a_country_cannot_show_stays_good_and_the_number_of_rows_holds(tmp_path):
    faults = {"already_registered": 0.3, "no_polygon": 0.3, "sign_flipped": 0.1}
    truths = batches.write_batch(
        tmp_path / "usulan.csv", country.villages(), 200, SEED, faults, scope="97.01"
    )
    assert len(truths) == 200
    counts = Counter(fault for truth in truths for fault in truth.faults)
    assert counts == {"sign_flipped": 20}


def test_shares_above_one_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"add up to 1\.200"):
        batches.write_batch(
            tmp_path / "usulan.csv", VILLAGES, 10, SEED, {"coarse": 0.6, "dms": 0.6}
        )


def test_in_the_toy_country_all_three_levels_of_elsewhere_occur(tmp_path):
    truths = batches.write_batch(
        tmp_path / "usulan.csv", country.villages(), 60, SEED, faults={"elsewhere": 1.0}
    )
    assert {truth.level for truth in truths} == {"district", "regency", "province"}


def test_the_siksng_template_has_21_columns_no_point_and_names_that_may_be_ambiguous(tmp_path):
    path = tmp_path / "siksng.csv"
    truths = batches.write_batch(path, VILLAGES, 1000, SEED, template="siksng", delimiter=";")
    rows = read(path, SIKSNG, ";")
    assert len(SIKSNG) == 21
    ambiguous = {NAMES["97.05.04.2002"].upper()}
    for row, truth in zip(rows, truths, strict=True):
        is_ambiguous = row["village_name"] in ambiguous and row["district_name"] == "KALIPUSPA"
        assert is_ambiguous == ("village_ambiguous" in truth.faults)
        assert truth.verdict == ("no_point" if truth.claimed else "")
        assert not truth.flags
    assert Counter(truth.verdict for truth in truths)[""] > 0


def test_a_spreadsheet_holds_numbers_where_a_spreadsheet_would(tmp_path):
    path = tmp_path / "usulan.xlsx"
    truths = batches.write_batch(path, VILLAGES, 500, SEED)
    sheet = python_calamine.load_workbook(path).get_sheet_by_name("DATA").to_python()
    assert sheet[0] == list(PORTAL.values())
    assert len(sheet) == 501
    for line, truth in zip(sheet[1:], truths, strict=True):
        row = dict(zip(PORTAL, line, strict=True))
        assert isinstance(row["nik"], str)
        if not truth.faults:
            assert located(truth.claimed, row["longitude"], row["latitude"]) == "inside"
        if "date_serial" in truth.faults:
            assert isinstance(row["birth_date"], float)
        if "formula_text" in truth.faults:
            assert row["address"][0] in "=@+"


def test_geojson_carries_the_point_as_geometry_and_no_written_forms_of_it(tmp_path):
    path = tmp_path / "usulan.geojson"
    truths = batches.write_batch(path, VILLAGES, 800, SEED)
    features = json.loads(path.read_text())["features"]
    assert len(features) == 800
    assert not {"dms", "decimal_comma"} & {fault for t in truths for fault in t.faults}
    for feature, truth in zip(features, truths, strict=True):
        assert "LINTANG" not in feature["properties"]
        if truth.verdict == "no_point":
            assert feature["geometry"] is None
        elif truth.verdict:
            assert located(truth.claimed, *feature["geometry"]["coordinates"]) == truth.verdict


def test_the_truth_is_written_one_line_per_row(tmp_path):
    truths = batches.write_batch(
        tmp_path / "usulan.csv", VILLAGES, 500, SEED, truth=tmp_path / "truth.csv"
    )
    with (tmp_path / "truth.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["row"] for line in lines] == [str(truth.row) for truth in truths]
    assert [line["faults"] for line in lines] == [" ".join(truth.faults) for truth in truths]
    assert [line["verdict"] for line in lines] == [truth.verdict for truth in truths]


@pytest.mark.slow
def test_only_as_much_of_the_register_is_read_as_is_needed(tmp_path):
    register = iter(people.people(VILLAGES, 10_000, seed=2))
    batches.write_batch(tmp_path / "usulan.csv", VILLAGES, 500, SEED, register=register)
    assert len(list(islice(register, 10_000))) == 10_000


@pytest.mark.scale
def test_a_hundred_thousand_rows_have_as_many_truths(tmp_path):
    truths = batches.write_batch(tmp_path / "usulan.csv", VILLAGES, 100_000, SEED)
    assert len(truths) == len(read(tmp_path / "usulan.csv")) == 100_000
