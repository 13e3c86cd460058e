"""Villages by code and by name, as rows of files write them."""

from __future__ import annotations

from datetime import date

import pytest

from apps.demo.country import CODES
from apps.imports import villages

pytestmark = pytest.mark.django_db
NAMES = ("village_code", "village_name", "district_name", "regency_name", "province_name")
TODAY = date(2026, 11, 10)


def row(**texts: str) -> dict[str, str]:
    return {name: texts.get(name.removeprefix("village_"), texts.get(name, "")) for name in NAMES}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"code": CODES["A"]}, (CODES["A"], "")),
        ({"code": CODES["A"].replace(".", "")}, (CODES["A"], "")),
        ({"code": CODES["A"].replace(".", "") + ".0"}, (CODES["A"], "")),
        ({"name": "Kelurahan AMPEL"}, (CODES["A"], "")),
        ({"name": "ampel", "regency_name": "Kab. Barat Lor"}, (CODES["A"], "")),
        ({"name": "Ampel", "regency_name": "Timur Lor"}, ("", "village_name_unknown_here")),
        ({"code": "97.01.01.2999"}, ("", "village_code_unknown")),
        ({"code": "97.01.01.2999", "name": "Ampel"}, (CODES["A"], "village_code_unknown")),
        ({}, ("", "")),
    ],
)
def test_a_village_is_found_by_its_code_else_by_its_names(texts, found):
    assert villages.resolve([row(**texts)], system="kemendagri", today=TODAY) == [found]


def test_the_column_of_a_finding_is_named():
    assert villages.column_of("village_code_unknown") == "village_code"
    assert villages.column_of("village_name_ambiguous") == "village_name"
