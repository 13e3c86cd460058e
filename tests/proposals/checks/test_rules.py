"""The rules in SQL against their statement in Python, on thousands of made-up rows."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common import sql
from apps.proposals import columns, rules
from apps.proposals.checks.finding_texts import MESSAGES
from tests.conftest import as_role
from tests.proposals import oracle
from tests.proposals.sending import PREFIX, A, B, fields, point, row, send

ROWS = 3_000
TODAY = timezone.localdate()
# Findings that need more than the row itself: other rows, the register, the boundaries.
OF_OTHERS = {"duplicate_in_file", "kk_two_villages", "coordinate_range", "near_border", "no_point"}
OF_OTHERS |= {"neighbour", "elsewhere", "unmapped", "no_polygon", "village_name_differs"}
OF_OTHERS |= {"axes_swapped", "sign_flipped", "shared_point", "office_point", "coarse"}
OF_OTHERS |= {"already_proposed", "already_registered", "registered_without_programme"}
OF_OTHERS |= {"register_birth_date_differs", "not_registered", "not_enrolled", "extra_cells"}
OF_OTHERS |= {"registered_other", "registered_other_explained", "registered_other_corrected"}
OF_OTHERS |= {"registered_differs", "registered_spelling", "registered_moved", "family_moved"}
OF_OTHERS |= {"village_ambiguous", "village_name_unknown", "village_bps", "village_ended"}
OF_OTHERS |= {"village_ended_without_successor", "nothing_changes", "card_needed"}
OF_OTHERS |= {"photo_far", "photo_abroad"}
OF_OTHERS |= {"registered_outside_scope", "removed_already", "died_before", "person_in_review"}

SPOILT: dict[str, list[str]] = {
    "nik": [
        "",
        f"'{PREFIX}5005889001",
        f"{PREFIX} 500588 9002",
        f"{PREFIX}.500588.9003",
        "970101500588900",
        "97010150058890011",
        f"{PREFIX}5005889O01",
        f"{PREFIX}50058890l1",
        "9,70101E+15",
        "9.70101E+15",
        "9701010000000000",
        "9999999999999999",
        "1234567890123456",
        f"{PREFIX}5005880000",
        f"{PREFIX}1005889001",
        f"{PREFIX}5105889001",
        f"{PREFIX}3205889001",
        f"{PREFIX}7205889001",
        f"{PREFIX}5013889001",
        "3506085005889001",
        "abc",
    ],
    "kk": [
        "",
        f"'{PREFIX}0101209001",
        "970101",
        "97010101012O9001",
        "9,7E+15",
        "0" * 16,
        "4444444444444444",
        "3506080101209001",
        "the NIK",
    ],
    "name": [
        "",
        "H. SALEH",
        "Hj. Siti Aminah, S.Pd",
        "DRS. H. BUDI",
        "ALM. SLAMET",
        "S1TI",
        "SITI*",
        "=SUM(A1)",
        "X",
        "I WAYAN ARTA",
        "MA'RUF",
        "NUR-AINI",
        "siti  aminah",
        "M. ALI",
        "BUDI, SH",
        "SITI_A",
        "JOSÉ",
        "A B",
    ],
    "birth_date": [
        "",
        "10-05-1988",
        "1988-05-10",
        "10.05.1988",
        "10/5/1988",
        "1/2/1988",
        "32273",
        "60",
        "99999",
        "31/02/1988",
        "15/13/1988",
        "10/05/88",
        "10 Mei 1988",
        "1-Agt-1988",
        "31 JANUARI 1988",
        "31 Foo 1988",
        "10/05/1888",
        "10/05/1903",
        "10/05/2101",
        (TODAY + timedelta(days=3)).strftime("%d/%m/%Y"),
        TODAY.strftime("%d/%m/%Y"),
        "29/02/2000",
        "29/02/1900",
    ],
    "sex": ["", "L", "perempuan", "Laki-laki", "X", "1", "2", "Pria"],
    "programme": ["", "pkh", "BPNT", "PBI", "PKHH", "P K H", "SEMBAKO", "BST"],
    "kind": ["", "BARU", "baru", "TAMBAH"],
    "rt": ["", "1", "12", "RT 3", "rt.04", "1234", "III", "-", "?"],
    "rw": ["", "7", "RW 07", "A1", "00001"],
    "village_code": [
        "",
        B,
        A.replace(".", ""),
        "97.1.1.2001",
        "97 01 01 2001",
        "97-01-01-2001",
        "97.01.01.2999",
        "9701012999",
        "98.01.01.2001",
        "97.01.01",
        "97.01",
        "9701",
        "desa",
    ],
    "latitude": ["", "-7,765", "7°45'50.5\" LS", "abc", "7°75'50\" LS", "-7", "7.7654 S", "-7.7.7"],
    "longitude": ["", "110,0123", "110°00'44.3\" BT", "x", "110.0123 E"],
    "accuracy_m": ["", "8", "8,5", "8 m", "jauh", "-3"],
    "ppks": ["", "1", "26", "27", "8;24", "8, 24", "0", "delapan", "-"],
    "disability": ["", "YA", "TIDAK", "ya", "MUNGKIN", "-"],
    "disability_kind": ["", "3", "0", "-", "x" * 41],
    "pregnant": ["", "YA", "TIDAK", "ya", "HM"],
    "pregnancy_date": [
        "",
        (TODAY - timedelta(days=90)).strftime("%d/%m/%Y"),
        (TODAY - timedelta(days=400)).strftime("%d/%m/%Y"),
        (TODAY + timedelta(days=20)).strftime("%d/%m/%Y"),
        "31/02/2026",
        "kemarin",
    ],
    "address": ["", "=1+1", "@A1", "-", "x" * 301, "JL. A\nRT 1", "+62"],
    "birth_place": ["", "y" * 121, "=A"],
    "mother_name": ["", "z" * 201, "@B"],
    "occupation": ["", "w" * 121, "+C"],
    "marital_status": ["", "v" * 41],
    "relation": ["", "ANAK", "u" * 41],
    "evidence_number": ["", "t" * 121],
}
ASKED: dict[str, list[str]] = {
    "kind": ["HAPUS", "HAPUS", "PERBAIKAN", "BARU"],
    "reason": ["", "MENINGGAL", "pindah", "MAMPU", "BOSAN", "-"],
    "reason_date": ["", "01-11-2026", "31/02/2026", "32273", "1/2/26", "kemarin", "01-01-2046"],
    "evidence_kind": ["", "akta kematian", "KTP", "BERITA ACARA", "GOSIP", "-"],
    "evidence_number": ["", "12/2026", "-"],
}
# Cells that a row need not have, because the register has them.
REGISTERED = ("kk", "birth_date", "sex", "programme")

PREGNANT = [
    {"birth_date": "10/05/1960"},
    {"birth_date": "10/05/2020"},
    {"sex": "L"},
    {"pregnancy_date": (TODAY - timedelta(days=299)).strftime("%d/%m/%Y")},
    {"pregnancy_date": (TODAY - timedelta(days=301)).strftime("%d/%m/%Y")},
]


def spoilt_rows(seed: int) -> list[dict[str, str]]:
    """Good rows of which some cells are odd; none of two rows is the same person."""
    rng = random.Random(seed)
    rows = []
    for number in range(ROWS):
        one = row(1 + number, kk=f"{PREFIX}010120{1 + number:04d}", **point("A", rng.random()))
        for field in rng.sample(sorted(SPOILT), rng.choice([0, 1, 1, 2, 3])):
            one[field] = rng.choice(SPOILT[field])
        if rng.random() < 0.05:
            one |= {"pregnant": "YA"} | rng.choice(PREGNANT)
        if rng.random() < 0.2:
            one |= {name: rng.choice(texts) for name, texts in ASKED.items()}
            one |= dict.fromkeys(rng.sample(REGISTERED, rng.choice([0, 1, 4])), "")
        if one["kk"] == "the NIK":
            one["kk"] = one["nik"]
        rows.append(one)
    return rows


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.long
def test_every_rule_in_sql_says_what_its_oracle_says(person, seed):
    rows = spoilt_rows(seed)
    batch = send(rows, person("regency_officer"))
    found = fields(batch)
    seen: Counter[str] = Counter()
    for number, one in enumerate(rows, 1):
        expected = oracle.findings(one, scope="97.01", today=TODAY)
        actual = {pair for pair in found[number] if pair[0] not in OF_OTHERS}
        assert actual == expected, (number, {name: one[name] for name in SPOILT if name in one})
        seen.update(code for code, _field in expected)
    missed = set(rules.RULES) - OF_OTHERS - set(seen)
    assert not missed, "rules that no row of this test ever met"


@pytest.mark.django_db
def test_a_row_is_held_exactly_when_something_must_be_fixed(person):
    rows = spoilt_rows(3)[:500]
    batch = send(rows, person("regency_officer"))
    held = sum(
        any(rules.RULES[code].severity == rules.ERROR for code, _ in found)
        for found in fields(batch).values()
    )
    assert batch.counts["held"] == held
    assert batch.counts["ready"] == len(rows) - held


def test_every_rule_has_its_words_and_every_text_its_rule():
    assert set(MESSAGES) == set(rules.RULES)


def test_every_rule_points_at_a_column_of_ours():
    assert {rule.field for rule in rules.RULES.values()} <= {*columns.COLUMNS, ""}


def test_every_bound_of_a_rule_reaches_the_statement():
    statement = sql.text("proposals/checks/find_faults")
    assert [name for name in rules.bounds(TODAY) if f"%({name})s" not in statement] == []


@pytest.mark.django_db
def test_the_statement_has_no_bound_of_its_own(person, monkeypatch):
    """Bounds that are changed in the catalogue are the ones that rows are judged by."""
    monkeypatch.setitem(rules.LONGEST, "address", 4)
    monkeypatch.setattr(rules, "PPKS_KINDS", 7)
    monkeypatch.setattr(rules, "OLDEST_YEARS", 1)
    batch = send([row(9001, address="JL. KENANGA 7", ppks="8")], person("regency_officer"))
    with as_role("owner"):
        found = {one.code: one.params for one in batch.findings.all()}
    assert found["too_long"]["limit"] == 4
    assert found["ppks_unknown"]["kinds"] == "8"
    assert "date_too_old" in found
