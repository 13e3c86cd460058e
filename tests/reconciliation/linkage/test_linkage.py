"""What Splink makes of a fixed handful of people: which pairs, and how much they weigh."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from apps.reconciliation.linkage import comparisons, linkage_session
from apps.reconciliation.linkage.comparisons import Model
from apps.reconciliation.linkage.linkage_session import LinkageSession, open_session

# id, nik, kk, name_key, mother_key, born, sex, village, birth_place
LEFT = """\
1|9701012101889001|9701010101209401|CONTOH SATU|IBU SATU|1988-01-21|L|97.01.01.2001|AMPEL
2||9701010101209402|CONTOH DUA LAMA|IBU DUA|1990-03-04|P|97.01.01.2001|AMPEL
3||9701010101209403|CONTOH TIGA|IBU TIGA|1975-07-09|L|97.01.02.2001|BEJI
4|9701015505609004||CONTOH EMPAT||1960-05-15|P|97.01.02.2001|BEJI
5|9701010101709005|9701010101209405|LAIN SEKALI|IBU LAIN|1949-12-30|L|98.01.01.2001|ILALANG
6||||||||
"""
RIGHT = """\
11|9701012101889001|9701010101209401|CONTOH SATU|IBU SATU|1988-01-21|L|97.01.01.2001|AMPEL
12|9701014403909002|9701010101209402|CONTOH DUA|IBU DUA|1990-04-03|P|97.01.01.2001|AMPEL
13|9701010907759003|9701010101209403|CONTOH TIGAA|IBU TIGA|1975-07-09|L|97.01.02.2001|BEJI
14|9701015505609004|9701010101209404|CONTOH EMPAT|IBU EMPAT|1960-05-15|P|97.01.02.2001|BEJI
15|9701010101709005|9701010101209406|CONTOH LIMA|IBU LIMA|1970-01-01|L|97.01.01.2002|CEMARA
16||||||||
"""
# (left, right): (weight, levels), with the model that is shipped.
GOLDEN = {
    ("1", "11"): (74.769, [2, 5, 4, 5, 2, 3, 1, 1]),
    ("2", "12"): (50.379, [-1, 3, 3, 5, 2, 3, 1, 1]),
    ("3", "13"): (54.688, [-1, 3, 4, 5, 2, 3, 1, 1]),
    ("4", "14"): (50.118, [2, 5, 4, -1, -1, 3, 1, 1]),
    ("5", "15"): (-28.458, [2, 0, 0, 1, 0, 0, 1, 0]),
}
TOLERANCE = 0.02


@pytest.fixture
def session(tmp_path: Path) -> Iterator[LinkageSession]:
    for side, rows in (("a", LEFT), ("b", RIGHT)):
        (tmp_path / f"{side}.tsv").write_text(rows.replace("|", "\t"))
    with open_session(tmp_path, seed=1) as opened:
        for side in "ab":
            opened.load_side(side, tmp_path / f"{side}.tsv")
        yield opened


def _pairs(session: LinkageSession) -> dict[tuple[str, str], tuple[float, list[int], list[float]]]:
    rows = session.run("SELECT left_id, right_id, weight, levels, rarity FROM pairs")
    return {(left, right): (weight, levels, rare) for left, right, weight, levels, rare in rows}


def test_the_shipped_model_gives_these_pairs_and_weights(session: LinkageSession):
    session.compare(
        linkage_session.started(linkage_session.first_model(), 0.01), floor=-40, is_within=False
    )
    found = _pairs(session)
    assert set(found) == set(GOLDEN)
    for pair, (weight, levels) in GOLDEN.items():
        assert found[pair][1] == levels, pair
        assert found[pair][0] == pytest.approx(weight, abs=TOLERANCE), pair


def test_the_bars_of_a_pair_add_up_to_its_weight(session: LinkageSession):
    stored = linkage_session.started(linkage_session.first_model(), 0.01)
    session.compare(stored, floor=-40, is_within=False)
    model = Model.of(stored)
    for weight, levels, rarity in _pairs(session).values():
        bars = model.bars(levels, rarity)
        total = model.start + sum(bar.weight + bar.rarity for bar in bars)
        assert total == pytest.approx(weight, abs=0.01)


def test_a_record_without_anything_is_compared_with_nobody(session: LinkageSession):
    session.compare(
        linkage_session.started(linkage_session.first_model(), 0.5), floor=-100, is_within=False
    )
    assert not {"6", "16"} & {one for pair in _pairs(session) for one in pair}


def test_records_near_the_left_side_give_the_same_pairs_as_all(
    session: LinkageSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With the rareness of all of them, although the others are left out."""
    monkeypatch.setattr(linkage_session, "FEW_TO_BE_RARE", 2)
    stored = linkage_session.started(linkage_session.first_model(), 0.01)
    path = tmp_path / "b.tsv"
    path.write_text(
        path.read_text() + "17\t\t\tKETUT SAMUEL\t\t1900-01-01\tL\t97.01.09.2001\tBEJI\n"
    )
    session.load_side("b", path)
    session.keep_rareness("b")
    session.compare(stored, floor=-40, is_within=False)
    among_all = _pairs(session)
    assert any(rare != 0 for _weight, _levels, rarity in among_all.values() for rare in rarity)
    assert session.load_blocked_side("b", path, comparisons.BLOCKS) == 7
    assert session.scalar("SELECT count(*) FROM b") == 5
    assert session.records(is_within=False) == 13
    session.compare(stored, floor=-40, is_within=False)
    assert _pairs(session) == among_all


def test_too_few_records_take_the_shipped_model_with_a_start_of_their_own(session: LinkageSession):
    learnt = session.train(is_within=False)
    assert learnt["comparisons"] == linkage_session.first_model()["comparisons"]
    assert learnt["start"] != linkage_session.first_model()["start"]


def test_blocks_are_counted_without_making_their_pairs(session: LinkageSession):
    counts = session.count_blocks(comparisons.BLOCKS, is_within=False)
    assert counts["nik"] == 3
    assert counts["village + year + day_or_month"] == 4


def test_every_level_of_the_shipped_model_is_known_to_the_comparisons():
    named = {one["name"]: one for one in linkage_session.first_model()["comparisons"]}
    for comparison in comparisons.COMPARISONS:
        codes = [level["code"] for level in named[comparison.name]["levels"]]
        assert codes == [level.code for level in comparison.levels]


def test_the_workshop_reads_no_file_outside_its_folder(session: LinkageSession, tmp_path: Path):
    outside = tmp_path.parent / "outside.tsv"
    outside.write_text("1\t2\n")
    with pytest.raises(duckdb.Error):
        session.run("SELECT * FROM read_csv(?)", [str(outside)])
    with pytest.raises(duckdb.Error):
        session.run("SET enable_external_access = true")
    with pytest.raises(duckdb.Error):
        session.run("INSTALL httpfs")
