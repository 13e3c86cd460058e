"""The region tree from lists of codes, and the crosswalk to BPS codes."""

from __future__ import annotations

import gzip
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import Entry
from apps.demo import boundaries, country
from apps.regions.crosswalk import import_crosswalk
from apps.regions.models import ForeignCode, Region
from apps.regions.tree import Source, import_tree

DAY = date(2026, 11, 24)
ADDED = "97.01.02.2003"


@pytest.fixture
def lists(tmp_path, role):
    """Imports lists of `code,name` lines as the worker; the toy country is there already."""

    def run(lines, *, decree="", day=DAY, header="code,name"):
        path = tmp_path / "codes.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        with role("worker"):
            return import_tree(source=Source([path], decree), day=day, by="tests")

    return run


def lines(**names: str) -> list[str]:
    """The toy country's first province, some villages renamed or (empty) left out."""
    rows = {each.code: each.name for each in country.regions() if each.code.startswith("97")}
    rows |= {country.CODES[letter]: name for letter, name in names.items()}
    return [f"{code},{name}" for code, name in rows.items() if name]


def region(code: str) -> Region:
    return Region.objects.get(code=code)


pytestmark = pytest.mark.django_db


def test_a_list_equal_to_the_region_tree_changes_nothing(lists):
    counts = lists(lines())
    assert counts["regions"] == 15
    assert {key for key, count in counts.items() if count} == {"regions"}
    assert not Entry.objects.exists()


def test_names_are_updated(lists):
    assert lists(lines(A="Ampel Baru"))["renamed"] == 1
    assert region(country.CODES["A"]).name == "Ampel Baru"


def test_a_missing_village_is_ended_and_not_deleted(lists):
    assert lists(lines(A=""))["ended"] == 1
    ended = region(country.CODES["A"])
    assert (ended.valid_until, ended.successor) == (DAY, None)
    assert not Region.objects.at(DAY).filter(code=ended.code).exists()


def test_a_list_of_one_province_leaves_the_other_alone(lists):
    lists(lines())
    assert Region.objects.at(DAY).filter(code__startswith="98", level="village").count() == 8


def test_a_list_without_villages_ends_none(lists):
    assert lists([line for line in lines() if len(line.split(",")[0]) < 13])["ended"] == 0


def test_a_village_that_comes_back_is_in_force_again(lists):
    lists(lines(A=""))
    assert lists(lines())["revived"] == 1
    assert region(country.CODES["A"]).valid_until is None


def test_a_new_code_of_the_same_name_in_the_same_regency_becomes_the_successor(lists):
    counts = lists([*lines(A=""), f"{ADDED},AMPEL"], decree="Kepmendagri 1/2026")
    assert (counts["added"], counts["ended"], counts["successors"]) == (1, 1, 1)
    assert region(country.CODES["A"]).successor_id == ADDED
    assert region(ADDED).valid_from == DAY
    assert region(ADDED).decree == "Kepmendagri 1/2026"
    assert region(ADDED).parent_id == "97.01.02"


@pytest.mark.long
def test_two_villages_of_that_name_leave_the_successor_open(lists):
    lists([*lines(A=""), f"{ADDED},Ampel", "97.01.02.2004,Ampel"])
    assert region(country.CODES["A"]).successor is None


def test_the_same_name_in_another_regency_is_no_successor(lists):
    lists([*lines(A=""), "97.02.02.2003,Ampel"])
    assert region(country.CODES["A"]).successor is None


def test_a_second_run_finds_nothing_to_do(lists):
    changed = [*lines(A="", B="Beji Lor"), f"{ADDED},Ampel"]
    lists(changed)
    assert {key for key, count in lists(changed).items() if count} == {"regions"}
    assert Entry.objects.count() == 1


def test_a_list_of_several_decrees_gives_periods_and_a_successor_across_provinces(lists):
    counts = lists(
        [
            "95,PAPUA,PAPUA,Papua",
            "94,,PAPUA SELATAN,Papua Selatan",
            "95.01,KAB. MERAUKE,,",
            "94.01,,KAB. MERAUKE,Kabupaten Merauke",
            "95.01.01,Muting,,",
            "94.01.01,,Muting,Muting",
            "95.01.01.2001,Selow,,",
            "94.01.01.2001,,Selow,Selow",
        ],
        header="kode,nama_2022,nama_2023,nama_2025",
    )
    assert (counts["added"], counts["successors"]) == (8, 3)
    old, new = region("95.01.01.2001"), region("94.01.01.2001")
    assert (old.valid_from, old.valid_until) == (None, date(2023, 1, 1))
    assert (new.valid_from, new.valid_until) == (date(2023, 1, 1), None)
    assert old.successor == new
    assert old.decree == "Kepmendagri 050-145/2022"
    assert region("95.01").successor_id == "94.01"


def test_plain_digits_and_own_periods_are_read(lists):
    lists(
        [*(f"{line},," for line in lines()), "9701022003,Baru,2026-02-01,2026-09-01"],
        header="kode;nama;valid_from;valid_until".replace(";", ","),
    )
    assert region(ADDED).valid_from == date(2026, 2, 1)
    assert region(ADDED).valid_until == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["97.1,Satu"], "97.1"),
        (["97.09.01.2001,Yatim"], "97.09.01.2001"),
        (["97,Nusa Lain"], "Nusa"),
        (["97.01.02.2009,"], "97.01.02.2009"),
    ],
)
@pytest.mark.long
def test_an_invalid_line_is_named_and_nothing_changes(tmp_path, role, extra, words):
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(["code,name", *lines(A="Lain"), *extra]), encoding="utf-8")
    with role("worker"), pytest.raises(CommandError, match=words) as refusal:
        call_command("import_regions", path)
    assert refusal.value.returncode == 2
    assert region(country.CODES["A"]).name == "Ampel"


def test_a_list_without_codes_is_refused_with_its_header(tmp_path, role):
    path = tmp_path / "codes.csv"
    path.write_text("desa,camat\nA,B\n", encoding="utf-8")
    with role("worker"), pytest.raises(CommandError, match="desa, camat"):
        call_command("import_regions", path)


def test_an_invalid_date_is_refused(lists):
    with pytest.raises(Exception, match="tree_dates"):
        lists(["97.01.02.2003,Baru,2026-02-30"], header="code,name,valid_from")


def crosswalk(tmp_path: Path, name: str = "bps_2024.csv") -> Path:
    boundaries.write_crosswalk(tmp_path / name, country.regions())
    return tmp_path / name


@pytest.mark.long
def test_the_crosswalk_joins_bps_codes_once(tmp_path, role):
    with role("worker"):
        first = import_crosswalk(path=crosswalk(tmp_path), by="tests")
        second = import_crosswalk(path=crosswalk(tmp_path), by="tests")
    assert first == {
        "vintage": "2024", "rows": 16, "joined": 16, "added": 16, "removed": 0, "unknown": 0
    }  # fmt: skip
    assert (second["added"], second["removed"]) == (0, 0)
    code = ForeignCode.objects.get(region_id=country.CODES["A"])
    assert code.code == boundaries.bps_code(country.CODES["A"])


def test_a_second_vintage_of_codes_is_kept_beside_the_first(tmp_path, role):
    with role("worker"):
        import_crosswalk(path=crosswalk(tmp_path), by="tests")
        import_crosswalk(path=crosswalk(tmp_path, "bps_2025.csv"), by="tests")
    assert ForeignCode.objects.filter(region_id=country.CODES["A"]).count() == 2


def test_rows_that_left_the_table_leave_the_crosswalk(tmp_path, role):
    path = crosswalk(tmp_path)
    with role("worker"):
        import_crosswalk(path=path, by="tests")
        path.write_text("\n".join(path.read_text().splitlines()[:3]) + "\n")
        counts = import_crosswalk(path=path, by="tests")
    assert (counts["rows"], counts["removed"]) == (2, 14)


def test_a_crosswalk_of_other_regions_is_refused(tmp_path, role):
    path = tmp_path / "bps.csv"
    path.write_text("kode_bps,kode_kemendagri\n3401010001,34.01.01.2001\n")
    with role("worker"), pytest.raises(Exception, match="crosswalk_empty"):
        import_crosswalk(path=path, by="tests")


@pytest.mark.scale
def test_the_whole_country_and_its_five_decrees(tmp_path, real_data, role):
    decrees = tmp_path / "decrees.csv"
    packed = real_data / "codes" / "kemendagri_codes_2018_2025.csv.gz"
    decrees.write_bytes(gzip.decompress(packed.read_bytes()))
    bridge = real_data / "codes" / "bps_kemendagri_bridge_2024.csv"
    with role("worker"):
        package = answer("import_regions", "--json")
        history = answer("import_regions", decrees, "--crosswalk", bridge, "--json")
        again = answer("import_regions", decrees, "--crosswalk", bridge, "--json")
    assert package["added"] == package["regions"] == 38 + 514 + 7_285 + 83_762
    assert history["added"] == 7_009
    assert history["successors"] > 6_700
    assert history["crosswalk"]["joined"] > 90_000
    assert region("91.01").successor_id == "93.01"
    assert region("92.01").successor_id == "96.01"
    assert [again[key] for key in ("added", "renamed", "ended", "revived", "successors")] == [0] * 5
    assert again["crosswalk"]["added"] == again["crosswalk"]["removed"] == 0


def answer(*arguments):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])
