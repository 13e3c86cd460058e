"""A kind of file: its columns are found, or asked for in the words of `--mapping`."""

from __future__ import annotations

import json

import pytest

from apps.common.errors import DomainError
from apps.common.text.column_likeness import Holds, is_name
from apps.common.text.headings import Vocabulary
from apps.imports import layouts
from apps.imports.layouts import Layout

LAYOUT = Layout(
    words=Vocabulary({"name": ("NAMA", "Nama Gudang"), "quantity": ("JUMLAH", "Stok")}),
    holds={"name": Holds(is_name, is_varied=True)},
    needed=(("name",), ("quantity",)),
    joined={},
)


@pytest.fixture
def write(tmp_path):
    def written(text: str):
        path = tmp_path / "stok.csv"
        path.write_text(text)
        return path

    return written


def test_columns_are_found_by_their_headings_and_rows_read_as_texts(write):
    path = write("Laporan stok,,\n\nNo,Nama Gudang,Stok,Ket\n1, Ampel ,7,x\n2,,8,\n")
    file = layouts.open_file(path, LAYOUT)
    assert (file.mapping, file.unused) == ({"name": 1, "quantity": 2}, ["Ket"])
    assert list(layouts.rows(file)) == [
        (1, {"name": "Ampel", "quantity": "7"}),
        (2, {"name": "", "quantity": "8"}),
    ]
    assert file.line_of(1) == 4


def test_a_needed_column_that_is_not_certain_is_asked_for_with_a_proposal(write):
    path = write("Tempat,Stok\nAmpel,7\nBeji,8\nCemara,9\n")
    with pytest.raises(DomainError) as refused:
        layouts.open_file(path, LAYOUT)
    assert refused.value.code == "import_columns_missing"
    proposal = json.loads(refused.value.params["mapping"])
    assert proposal == {"name": "Tempat"}
    file = layouts.open_file(path, LAYOUT, mapping=proposal)
    assert file.mapping == {"name": 0, "quantity": 1}


def test_a_mapping_that_names_no_column_is_refused(write):
    path = write("Nama,Stok\nAmpel,7\n")
    for mapping in ({"colour": "Nama"}, {"name": "Tempat"}, {"name": 7}):
        with pytest.raises(DomainError, match="^import_column_unknown$"):
            layouts.open_file(path, LAYOUT, mapping=mapping)


def test_a_layout_may_do_without_a_column(write):
    path = write("Stok,Ket\n7,x\n")
    assert layouts.open_file(path, LAYOUT.without("name")).mapping == {"quantity": 0}
