"""Under one NIK: the same person or another, by the name and the mother's name."""

from __future__ import annotations

from datetime import date

import pytest

from apps.registry.likeness import Alike, Named, alike, judge

DAY = date(1988, 5, 10)


def named(name: str, mother: str = "", born: date | None = DAY) -> Named:
    return Named(name, mother, born)


@pytest.mark.parametrize(
    ("proposed", "registered"),
    [
        # spelling
        (named("MOH. YUSUF"), named("MUHAMMAD JUSUF")),
        (named("SITI KHOTIJAH", "NUR"), named("SITI CHOTIDJAH", "NUR")),
        (named("Hj. Siti Aminah, S.Pd"), named("SITI AMINAH")),
        # one letter
        (named("SITI AMINA", "NUR"), named("SITI AMINAH", "NUR")),
        (named("SUGENG RIYADI"), named("SUGENG RIYANDI")),
        (named("BUDO", "SUMINI"), named("BUDI", "SUMINI")),
        # a part left out
        (named("SITI"), named("SITI AMINAH")),
        (named("SRI RAHAYU NINGSIH", "WAGIYEM"), named("SRI NINGSIH", "WAGIJEM")),
        # a name taken with a marriage
        (named("RINI SUSANTI", "PARTINI"), named("RINI HARTONO", "PARTINI")),
        (named("SITI RINI HARTONO", "PARTINI"), named("SITI RINI WULANDARI", "PARTINI")),
        # an equal name decides against another mother
        (named("SITI AMINAH", "KARSIH"), named("SITI AMINAH", "WAGINI")),
    ],
)
def test_one_person_under_one_nik(proposed, registered):
    assert not judge(proposed, registered).is_other
    assert not judge(registered, proposed).is_other


@pytest.mark.parametrize(
    ("proposed", "registered"),
    [
        (named("WARSINI", "KARSIH"), named("SITI AMINAH", "NUR")),
        (named("WARSINI"), named("SITI AMINAH")),
        # twins: the mother and the day are the same, and perhaps a first word that many bear
        (named("HASAN", "SUMINI"), named("HUSEN", "SUMINI")),
        (named("MUHAMMAD HASAN", "SUMINI"), named("MUHAMMAD HUSEIN", "SUMINI")),
        (named("SRI RAHAYU", "SUMINI"), named("SRI LESTARI", "SUMINI")),
        # a part of a name, and another mother
        (named("SITI", "KARSIH"), named("SITI AMINAH", "NUR WAHYUNI")),
        # the same first name is nothing without the mother or the day
        (named("RINI SUSANTI"), named("RINI HARTONO")),
        (named("RINI SUSANTI", "PARTINI"), named("RINI HARTONO", "PARTINI", date(1990, 1, 1))),
        (named("BUDO"), named("BUDI")),
        (named("ANI", "SUMINI"), named("ANA", "SUMINI")),
        (named("   ", "NUR"), named("SITI AMINAH", "NUR")),
    ],
)
def test_another_person_under_one_nik(proposed, registered):
    assert judge(proposed, registered).is_other
    assert judge(registered, proposed).is_other


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ("MOH. YUSUF", "MUHAMMAD JUSUF", Alike.EQUAL),
        ("ABDUL RAHMAN", "ABDURRAHMAN", Alike.EQUAL),
        ("SITI AMINA", "SITI AMINAH", Alike.CLOSE),
        ("SITI", "SITI AMINAH", Alike.PART),
        ("BUDI", "BUDIMAN", Alike.OTHER),
        ("", "BUDI", Alike.NOTHING),
    ],
)
def test_how_near_two_names_are(ours, theirs, said):
    assert alike(ours, theirs) == said
    assert alike(theirs, ours) == said
