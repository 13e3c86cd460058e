"""Matched or not: who is found under the NIK, by the same name, of the same day, and alive."""

from __future__ import annotations

from datetime import date

import pytest

from apps.civilregister.comparison import Person, judge
from apps.registry.likeness import is_one_name

DAY = date(1988, 1, 12)
PROPOSED = Person("SITI AMINAH", DAY, "P", "97.01.01.2001")


def person(**other):
    return PROPOSED._replace(**other)


@pytest.mark.parametrize(
    ("known", "status", "differs"),
    [
        ([], "not_matched", ("nik",)),
        ([person()], "matched", ()),
        ([person(name="Hj. Siti Aminah, S.Pd")], "matched", ()),
        ([person(name="SITI AMINA")], "matched", ()),
        ([person(name="SITI")], "matched", ()),
        ([person(name="WARSINI")], "not_matched", ("name",)),
        ([person(name="   ")], "not_matched", ("name",)),
        ([person(birth_date=date(1988, 12, 1))], "not_matched", ("birth_date",)),
        ([person(birth_date=None)], "not_matched", ("birth_date",)),
        ([person(is_deceased=True)], "not_matched", ("deceased",)),
        ([person(sex="L")], "matched", ("sex",)),
        ([person(village_code="97.02.01.2001")], "matched", ("village",)),
        ([person(sex="", village_code="")], "matched", ()),
        (
            [person(is_deceased=True, name="WARSINI", birth_date=None, sex="L", village_code="x")],
            "not_matched",
            ("deceased", "name", "birth_date", "sex", "village"),
        ),
        # one NIK on two people at the civil register: the one who fits counts
        ([person(name="WARSINI"), person(village_code="x")], "matched", ("village",)),
        ([person(name="WARSINI", sex="L"), person(name="WARSINI")], "not_matched", ("name",)),
    ],
)
def test_each_answer_has_its_status_and_says_what_differs(known, status, differs):
    assert judge(PROPOSED, known) == (status, differs)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("MOH. YUSUF", "MUHAMMAD JUSUF", True),
        ("ABDUL RAHMAN", "ABDURRAHMAN", True),
        ("SRI RAHAYU NINGSIH", "SRI NINGSIH", True),
        ("SRI RAHAYU", "SRI LESTARI", False),
        ("BUDI", "BUDIMAN", False),
        ("", "BUDI", False),
        ("BUDI", "", False),
    ],
)
def test_spellings_of_one_name_are_one_and_two_names_are_two(ours, theirs, same):
    assert is_one_name(ours, theirs) is same
