"""The template: what stands in it, that our own reader takes it, and how an old one is told."""

from __future__ import annotations

import io
from datetime import date

import pytest
import python_calamine

from apps.accounts.access import Scope
from apps.casework.models import Cycle
from apps.common import tabular
from apps.proposals import columns
from apps.proposals.upload import template, upload_warnings
from tests.personas import OWN
from tests.proposals.sending import A

pytestmark = pytest.mark.django_db

PAGE = "/proposals/batches/template/"


def closes() -> date:
    """The last day of the cycle for which a template of today is made."""
    return Cycle.objects.get().cutoff_date


@pytest.fixture
def fetched(signed_in):
    def fetch(kind, who="regency_officer", **query):
        return signed_in(who).get(PAGE, {"kind": kind} | query)

    return fetch


def test_the_workbook_has_our_columns_the_villages_and_the_programmes(fetched):
    answer = fetched("xlsx")
    assert answer["Content-Disposition"] == f'attachment; filename="templat-usulan-{OWN}.xlsx"'
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["DATA", "DESA", "PROGRAM", "ALASAN", "PETUNJUK"]
    header = book.get_sheet_by_name("DATA").to_python()[0]
    assert header == [*columns.TEMPLATE.values(), f"TEMPLAT DTKS 2026.2 {closes():%Y-%m}"]
    villages = book.get_sheet_by_name("DESA").to_python()
    assert villages[0] == list(template.VILLAGE_HEADER)
    assert [row[0] for row in villages[1:]] == sorted(row[0] for row in villages[1:])
    assert A in {row[0] for row in villages}
    assert all(row[0].startswith(OWN) for row in villages[1:])
    programmes = {row[0] for row in book.get_sheet_by_name("PROGRAM").to_python()}
    assert {"PKH", "SEMBAKO", "PBI-JK"} <= programmes
    guide = book.get_sheet_by_name("PETUNJUK").to_python()
    assert [row[0] for row in guide[1:]] == list(columns.TEMPLATE.values())
    assert all(row[2] for row in guide[1:])


def test_a_filled_template_is_read_as_it_is(fetched, tmp_path):
    path = tmp_path / "templat.csv"
    header = fetched("csv").content.decode("utf-8-sig").strip()
    path.write_text(f"{header}\n9701015005889001,PKH\n")
    look = tabular.peek(path, tabular.sniff(path))
    assert columns.match(look.header) == {name: at for at, name in enumerate(columns.COLUMNS)}
    assert template.mark_of(look.header) == template.TemplateMark(
        "2026.2", (closes().year, closes().month)
    )


def test_an_empty_workbook_says_that_no_row_is_there(fetched, tmp_path):
    path = tmp_path / "templat.xlsx"
    path.write_bytes(fetched("xlsx").content)
    kind = tabular.sniff(path)
    assert kind.format == tabular.Format.XLSX
    with pytest.raises(tabular.FileRefused, match="no_rows"):
        tabular.peek(path, kind)


def test_the_villages_alone_are_a_file_too(fetched):
    lines = fetched("villages", "village_officer").content.decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(template.VILLAGE_HEADER)
    assert len(lines) == 2


def test_who_has_the_whole_country_chooses_a_region(fetched):
    assert fetched("xlsx", "pusdatin_verifier")["Content-Type"].startswith("text/html")
    answer = fetched("xlsx", "pusdatin_verifier", region=OWN)
    assert answer["Content-Disposition"].endswith(f'{OWN}.xlsx"')


def test_no_village_outside_ones_scope_is_in_it(fetched):
    assert fetched("villages", region="98.01")["Content-Type"].startswith("text/html")
    rows = template.villages(Scope.of_codes([OWN]), "98.01", date(2026, 11, 10))
    assert list(rows) == []


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("usulan_okt_2026.xlsx", (2026, 10)),
        ("2026-10 desa.csv", (2026, 10)),
        ("usulan_11_2026.csv", (2026, 11)),
        ("UsulanNov2025.xlsx", (2025, 11)),
        ("nov26.csv", (None, 11)),
        ("marga mulya.csv", None),
        ("20261101.csv", None),
        ("data", None),
    ],
)
def test_the_month_of_a_files_name(name, month):
    assert upload_warnings.month_of(name) == month


def about(file_name, header=(), today=date(2026, 11, 10)):
    found = upload_warnings.find_warnings(
        file_name=file_name,
        header=list(header),
        mapping=columns.match(list(header)),
        samples=[],
        region_code=OWN,
        code_system="kemendagri",
        today=today,
    )
    return [doubt.code for doubt in found]


def test_only_another_month_makes_one_ask():
    assert about("usulan_nov_2026.csv") == []
    assert about("usulan_nov.csv") == []
    assert about("usulan.csv") == []
    assert about("usulan_okt.csv") == ["other_month"]
    assert about("usulan_nov_2025.csv") == ["other_month"]
    # the name says more than the template that was used
    assert about("usulan_nov.csv", ["NIK", "TEMPLAT DTKS 2026.2 2026-10"]) == []
    assert about("usulan.csv", ["NIK", "TEMPLAT DTKS 2026.2 2026-10"]) == ["other_month"]
    assert about("usulan.csv", ["NIK", "TEMPLAT DTKS 2025.3 2026-11"]) == ["old_template"]


def test_without_an_open_cycle_no_month_is_wrong():
    assert not Cycle.objects.open_on(date(2027, 5, 5)).exists()
    assert about("usulan_okt.csv", today=date(2027, 5, 5)) == []
