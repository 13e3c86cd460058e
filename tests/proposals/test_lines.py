"""People find a row under the line of their spreadsheet; groups of findings name no values."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest

from apps.proposals import lines
from apps.proposals.checks import finding_texts, findings
from apps.proposals.columns import TEMPLATE
from apps.proposals.fixes import rows
from apps.proposals.models import Batch
from apps.proposals.rules import RULES
from tests.conftest import as_role
from tests.proposals.sending import as_csv, check, finding, point, receive, row, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


def twice():
    nik = row(9001)["nik"]
    return [row(9001), row(9002, nik=nik)]


def workbook(of, above):
    """A sheet with empty lines above its headings."""
    book = openpyxl.Workbook()
    names = list(of[0])
    for at, cells in enumerate([[TEMPLATE[name] for name in names], *(one.values() for one in of)]):
        for column, cell in enumerate(cells, 1):
            book.active.cell(above + 1 + at, column).value = cell
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_first_row_under_the_headings_is_line_two(officer):
    batch = send(twice(), officer)
    assert lines.above(batch) == 1
    told = findings.words(finding(batch, "duplicate_in_file"), lines.above(batch))
    assert (re.findall(r"\d+", told.title), re.findall(r"\d+", told.detail)[0]) == (["2"], "3")


@pytest.mark.parametrize("above", [0, 1, 3])
@pytest.mark.long
def test_empty_lines_above_the_headings_count_in_a_workbook(officer, above):
    batch = check(receive(workbook(twice(), above), officer, name="usulan.xlsx"))
    assert (batch.header_line, lines.line_of(batch, 1)) == (above + 1, above + 2)
    with as_role("worker"):
        shown = rows.rows_of(batch, [2])
    assert [(one.number, one.line) for one in shown] == [(2, above + 3)]


def test_empty_lines_above_the_headings_count_in_a_csv(officer):
    batch = check(receive(b"\n\n" + as_csv(twice()), officer))
    assert lines.line_of(batch, 1) == 4


def test_features_and_typed_rows_have_their_own_number(officer):
    cells = {TEMPLATE[name]: cell for name, cell in row(9001).items() if "tude" not in name}
    spot = point("A")
    feature = {
        "type": "Feature",
        "properties": cells,
        "geometry": {
            "type": "Point",
            "coordinates": [float(spot["longitude"]), float(spot["latitude"])],
        },
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    batch = check(receive(content, officer, name="usulan.geojson"))
    assert (batch.rows_read, lines.line_of(batch, 1)) == (1, 1)
    assert lines.line_of(Batch(row_values=[{}]), 1) == 1


def test_a_proposal_names_its_line_to_those_who_do_not_see_its_file(officer, person, gate):
    batch = send([row(9001)], officer)
    proposal = batch.proposals.get()
    assert str(proposal).endswith(" 2")
    gate(person("village_officer"))
    assert not Batch.objects.filter(pk=batch.pk).exists()
    del proposal.line
    assert proposal.line == 2


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_kind_of_finding_is_told_without_the_values_of_a_row(code):
    """A missing value is a dash; a code without words of its kind would show one."""
    told = findings.kind(code)
    for part in (told.title, told.remedy):
        assert part
        assert "–" not in part
        assert "%(" not in part
    assert told.detail == ""


def test_words_of_kinds_belong_to_findings():
    assert set(finding_texts.KINDS) <= set(finding_texts.MESSAGES)
    assert set(finding_texts.REMEDIES) <= set(finding_texts.MESSAGES)


def test_groups_name_their_kind_and_where_the_first_row_is(officer):
    batch = send([row(9001), row(9002, nik="12"), row(9003, nik="13")], officer)
    (group,) = findings.groups(batch)
    assert (group.code, group.count) == ("nik_length", 2)
    assert "16" in group.message.title
    assert "12" not in group.message.title
    assert re.search(r"\b3\b", group.first)
