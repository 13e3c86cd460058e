"""Responders from files: a person who can be called and is found in a village."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from apps.commandcentre.models import Responder
from apps.commandcentre.resources.responder_files import FILE
from apps.demo.country import CODES
from tests.commandcentre.resources.office_files import codes, run, write
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
GOOD = {
    "Nama": "Relawan Satu", "Jenis PSKS": "Tagana", "No HP": "0812-3456-7890",
    "Kode Desa": CODES["A"], "Lintang": "", "Bujur": "",
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    def imported(*rows, **options):
        return run(FILE.apply, write(tmp_path, rows, GOOD), **options)

    return imported


def people() -> list[Responder]:
    with as_role("worker"):
        return list(Responder.objects.order_by("pk"))


def test_a_row_becomes_a_responder(load):
    done = load({}, {"No HP": "62812999", "Jenis PSKS": "Pendamping PKH", "Lintang": "-7.765",
                     "Bujur": "110.005", "Kode Desa": ""})  # fmt: skip
    assert done.counts == {"new": 2, "changed": 0, "unchanged": 0}
    first, second = people()
    assert (first.kind, first.phone, first.location) == ("tagana", "081234567890", None)
    assert (second.kind, second.village_id) == ("pkh", CODES["A"])
    assert second.location.coords == (110.005, -7.765)


def test_a_later_file_moves_a_responder_and_adds_nobody(load):
    load({})
    assert load({}).counts == {"new": 0, "changed": 0, "unchanged": 1}
    assert load({"Kode Desa": CODES["B"]}).counts == {"new": 0, "changed": 1, "unchanged": 0}
    assert [one.village_id for one in people()] == [CODES["B"]]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("cell_missing", {"Nama": ""}),
        ("cell_missing", {"No HP": ""}),
        ("cell_phone", {"No HP": "tidak ada"}),
        ("responder_kind", {"Jenis PSKS": "Karang Taruna"}),
        ("responder_twice", {"Nama": "Relawan Dua", "No HP": "+62 812 3456 7890"}),
        ("responder_no_village", {"Kode Desa": ""}),
        ("point_swapped", {"Lintang": "110.005", "Bujur": "-7.765"}),
    ],
)
@pytest.mark.long
def test_a_row_that_cannot_be_taken_is_said(load, code, fields):
    done = load({}, {"No HP": "0812000000"} | fields)
    assert codes(done) == {3: {code}}
    assert len(people()) == 1


def test_the_command_keeps_what_cells_hold_off_the_terminal(tmp_path):
    path = write(tmp_path, [{}, {"Nama": "Nama Rahasia", "No HP": "12-rahasia"}], GOOD)
    out = StringIO()
    with as_role("worker"):
        call_command("import_responders", path, stdout=out)
    assert "rahasia" not in out.getvalue().lower()
    assert "1 rows were not taken" in out.getvalue()
    assert "12-rahasia" not in (path.with_suffix(".refused.csv")).read_text("utf-8-sig")
