"""Names of files that every file system takes, and JSON that can be stored."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.text.characters import (
    MOST_NAME_BYTES,
    Unreadable,
    file_name,
    is_storable,
    read_json,
)
from tests.limits import within


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("usulan.csv", "usulan.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\r.csv\n", "ab.csv"),
        ("a\0b.csv", "ab.csv"),
        ("\ud800x.csv", "x.csv"),
        ("", ""),
    ],
)
def test_a_file_name_keeps_its_printable_characters(given_name, kept):
    assert file_name(given_name) == kept


@pytest.mark.parametrize("given_name", ["a" * 300 + ".csv", "\U0001f600" * 250 + ".csv"])
def test_a_long_name_is_cut_and_keeps_its_ending(given_name):
    kept = file_name(given_name)
    assert len(kept.encode()) <= MOST_NAME_BYTES
    assert kept.endswith(".csv")


@given(st.text(st.characters(), max_size=400))
def test_every_name_can_be_stored(given_name):
    kept = file_name(given_name)
    assert len(kept.encode()) <= MOST_NAME_BYTES
    assert is_storable(kept)


@pytest.mark.parametrize("value", [{"a": ["b", 1, None, -2.5]}, "[[[[[{", 'a"\\', {}])
def test_json_is_read(value):
    assert read_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 30_000, "deep"),
        ('{"a":' * 30_000, "deep"),
        ("[" * 21 + "]" * 21, "deep"),
        ('"\\u0000"', "characters"),
        ('{"\\ud800": 1}', "characters"),
        ("1e400", "characters"),
        ("NaN", "syntax"),
        ("9" * 5000, "syntax"),
        ("{", "syntax"),
        ("", "syntax"),
        ('"\\', "syntax"),
    ],
)
def test_json_that_cannot_be_stored_is_refused_with_a_code(text, code):
    with pytest.raises(Unreadable) as refused:
        read_json(text)
    assert str(refused.value) == code


@pytest.mark.parametrize("text", ['"' * 65_536, '"\\' * 32_768, '\\"' * 32_768, "[]" * 32_768])
@pytest.mark.timed
def test_the_depth_of_64_kb_of_json_is_counted_quickly(text):
    before = time.perf_counter()
    with pytest.raises(Unreadable):
        read_json(text)
    assert time.perf_counter() - before < within(1)
