"""Twenty-five kinds of headings are read without a hand on their columns, in every format."""

import pytest

from apps.common import tabular
from apps.proposals import columns
from apps.proposals.models import Batch, Fix
from tests.proposals import heading_kinds
from tests.proposals.heading_kinds import KINDS, Kind, people
from tests.proposals.sending import check, findings, receive

pytestmark = pytest.mark.django_db
TABLES = {
    "comma": lambda table: heading_kinds.csv_file(table),
    "semicolon": lambda table: heading_kinds.csv_file(table, ";", "utf-8-sig"),
    "tab": lambda table: heading_kinds.csv_file(table, "\t", "utf-16"),
    "windows": lambda table: heading_kinds.csv_file(table, ";", "cp1252"),
    "workbook": heading_kinds.xlsx_file,
}


@pytest.fixture
def officer(person):
    return person("regency_officer")


def test_there_are_twenty_five_kinds():
    assert len({kind.name for kind in KINDS}) == 25


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_headings_is_read_without_a_hand(officer, kind: Kind):
    number = KINDS.index(kind)
    write = list(TABLES.values())[number % len(TABLES)]
    persons = people()
    batch = check(receive(write(kind.table(persons)), officer, code_system=kind.system))
    assert findings(batch) == {}
    assert (batch.counts["ready"], batch.counts["held"]) == (len(persons), 0)
    verdicts = {"inside": len(persons)} if kind.has_points else {"no_point": len(persons)}
    assert batch.counts["verdicts"] == verdicts
    assert batch.header_line == kind.header_line
    used = set(batch.mapping.values())
    assert tuple(columns.left_out(batch.header, used)) == kind.unused


def test_the_real_template_is_read_without_a_question_and_every_column_used(real_data):
    path = real_data / "formats" / "siksng_usulan_template_columns.csv"
    header = path.read_text().strip().split(",")
    assert sorted(columns.match(header).values()) == list(range(len(header)))
    assert columns.missing(columns.settled(columns.recognise(header, []))) == []


@pytest.mark.parametrize("format_", [*TABLES, "geojson", "geopackage", "shapefile"])
def test_every_format_goes_from_file_to_verdict(officer, format_):
    batch = check(receive(content_of(format_), officer, name="usulan"))
    assert findings(batch) == {}
    assert batch.counts["verdicts"] == {"inside": 12}


def content_of(format_: str) -> bytes:
    kind = next(kind for kind in KINDS if kind.name == "siksng_with_point")
    persons = people()
    if format_ in TABLES:
        return TABLES[format_](kind.table(persons))
    names, rows = list(kind.columns)[:-2], [row[:-2] for row in kind.rows(persons)]
    points = [(one["longitude"], one["latitude"]) for one in persons]
    if format_ == "geojson":
        return heading_kinds.geojson_file(names, rows, points)
    return heading_kinds.spatial_file(names, rows, points, zipped=format_ == "shapefile")


def test_the_longest_name_of_a_format_fits_its_column():
    longest = max(len(f"{one.value}+zip") for one in tabular.Format)
    for model in (Batch, Fix):
        assert model._meta.get_field("file_kind").max_length >= longest
