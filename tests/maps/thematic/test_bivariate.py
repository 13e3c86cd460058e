"""Two rates on one map: classes, colours, hidden regions, table and files."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from PIL import Image

from apps.audit.models import Action, Entry
from apps.demo.country import CODES
from apps.indicators.measures.region_figures import State
from apps.maps.thematic.bivariate import SHADES
from apps.maps.thematic.theme import Scale
from tests.indicators.measures.registered import counted, registered
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db
BOTH = "measure=enrolled_share&other=located_share&compare=bivariate"
VILLAGES = f"{BOTH}&within=97.01&level=village"
COUNTRY = f"{BOTH}&within=ID&level=regency"
# How readers without red, green or blue cones see linear RGB (Machado et al., 2009, severity 1).
CONES = {
    "all": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "no green": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "no blue": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


@pytest.fixture(scope="module", autouse=True)
def _counted(lasting):
    with lasting():
        outlined()
        for letter, families, enrolled, located in (
            ("A", 40, 10, 10), ("B", 40, 20, 30), ("C", 3, 0, 0), ("D", 50, 25, 25),
            ("E", 40, 30, 10), ("F", 40, 30, 10), ("I", 60, 12, 50), ("J", 60, 12, 50),
            ("M", 45, 40, 40), ("N", 45, 20, 8),
        ):  # fmt: skip
            registered(letter, families, enrolled=enrolled, located=located,
                       elderly=2 if letter == "A" else 20)  # fmt: skip
        counted()


@pytest.fixture
def planner(signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def page(browser, query):
    answer = browser.get(f"/maps/?{query}")
    assert answer.status_code == 200
    return answer


def test_each_region_has_the_classes_of_both_values(planner):
    """Against numpy, over all regencies."""
    theme = page(planner, COUNTRY).context["theme"]
    first = {row.code: row.value for row in theme.rows}
    second = {row.code: row.value for row in theme.other.rows}
    assert None not in {*first.values(), *second.values()}
    inner = [sorted(set(bounds[1:-1])) for bounds in (theme.bounds, theme.other.bounds)]
    for row in theme.rows:
        wanted = np.searchsorted(inner[0], first[row.code], "right") + 3 * np.searchsorted(
            inner[1], second[row.code], "right"
        )
        assert theme.class_of(row) == wanted
    assert len({theme.class_of(row) for row in theme.rows}) >= 3
    assert sum(cell.count for line in theme.grid() for cell in line["cells"]) == len(theme.rows)


def test_of_two_classes_the_upper_one_is_high(planner):
    theme = page(planner, COUNTRY).context["theme"]
    low, high = theme.bounds[0], theme.bounds[-1]
    two = replace(theme, scale=Scale([low, (low + high) / 2, high]))
    highest = max(two.rows, key=lambda row: row.value or 0)
    lowest = min(two.rows, key=lambda row: row.value or 0)
    assert (two.pair_of(lowest)[0], two.pair_of(highest)[0]) == (0, 2)
    assert two.class_words(highest).startswith("high")
    assert two.columns[1] == "–"
    assert sum(cell.count for line in two.grid() for cell in line["cells"]) == len(two.rows)


def test_a_region_is_hidden_where_one_of_both_values_is(planner):
    query = VILLAGES.replace("located_share", "elderly_share")
    theme = page(planner, query).context["theme"]
    classes = {row.name: theme.class_of(row) for row in theme.rows}
    assert classes["Ampel"] == -1  # 25 % are enrolled, and its elderly are two
    assert classes["Cemara"] == classes["Duku"] == -1
    hidden = sum(number == -1 for number in classes.values())
    assert theme.count_of(State.HIDDEN) == hidden
    by_name = {row.name: row for row in theme.rows}
    assert theme.words_of(by_name["Ampel"]) == "25.0 % · suppressed"
    assert theme.class_words(by_name["Ampel"]) == ""


def test_the_script_gets_one_class_and_nine_shades(planner):
    [pane] = page(planner, VILLAGES).context["panes"]
    found = planner.get(pane["values_address"]).json()
    assert found["shades"] == list(SHADES)
    classes = dict(zip(found["names"], found["classes"], strict=True))
    assert classes == {"Ampel": 0, "Beji": 8, "Cemara": -1, "Duku": -1}
    texts = dict(zip(found["names"], found["texts"], strict=True))
    assert texts["Beji"] == "50.0 % · 75.0 %"


def test_the_legend_names_both_axes_with_their_limits_and_counts(planner):
    answer = page(planner, VILLAGES)
    text = answer.content.decode()
    assert "Upwards: Families with a point" in text
    assert "To the right: Families in a programme" in text
    assert "Second measure: Families with a point" in text
    assert "Denominator of the second measure: registered families" in text
    assert [line.partition(":")[0] for line in answer.context["panes"][0]["ways"]] == [
        one.name
        for one in (answer.context["theme"].measure, answer.context["theme"].other.measure)
        if one.method
    ]
    theme = answer.context["theme"]
    assert theme.columns[0] == "25.0 – 50.0"
    assert "both high: " in answer.context["panes"][0]["summary"]


def test_table_and_files_follow(planner):
    rows = page(planner, f"{VILLAGES}&view=table").context["rows"]
    table = {one["row"].name: (one["words"], one["other"], one["class"]) for one in rows}
    assert table["Ampel"] == ("25.0 %", "25.0 %", "low · low")
    assert table["Cemara"] == ("suppressed", "suppressed", "")
    text = planner.get(f"/maps/figures.csv?{VILLAGES}").content.decode("utf-8-sig")
    rows = {row["wilayah"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows["Beji"]["nilai"], rows["Beji"]["nilai_2"]) == ("50.0", "75.0")
    assert rows["Beji"]["ukuran_2"] == "Families with a point"
    assert (rows["Beji"]["pembilang_2"], rows["Beji"]["penyebut_2"]) == ("30", "40")
    assert "Denominator of the second measure" in rows["Beji"]["catatan"]
    assert (rows["Duku"]["nilai"], rows["Duku"]["nilai_2"]) == ("", "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "two.gpkg"
        path.write_bytes(planner.get(f"/maps/figures.gpkg?{VILLAGES}").content)
        meta, _ids, _wkb, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"].tolist(), fields, strict=True))
    known = dict(zip(columns["kode"], columns["nilai_2"], strict=True))
    assert known[CODES["B"]] == 75
    assert dict(zip(columns["kode"], columns["penyebut_2"], strict=True))[CODES["B"]] == 40
    assert np.isnan(known[CODES["C"]])
    entry = Entry.objects.filter(action=Action.EXPORT).latest("pk")
    assert entry.details["other"] == "located_share"


def test_picture_and_pdf_have_the_square_of_nine_colours(planner):
    picture = Image.open(io.BytesIO(planner.get(f"/maps/figures.png?{VILLAGES}").content))
    colours = {colour for _count, colour in picture.convert("RGB").getcolors(1 << 24)}
    wanted = {tuple(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in SHADES}
    assert wanted <= colours
    assert planner.get(f"/maps/figures.pdf?{VILLAGES}").content.startswith(b"%PDF")


@pytest.mark.parametrize("more", ["other=families", "other=located_share&against=2025-01"])
def test_a_count_is_never_coloured_with_a_rate(planner, more):
    query = f"measure=enrolled_share&{more}&compare=bivariate&within=97.01&level=village"
    answer = page(planner, query)
    if "families" in more:
        assert len(answer.context["panes"]) == 2
        assert "these are shown side by side" in answer.content.decode()


def test_values_have_another_etag_when_the_second_measure_is_another(planner):
    first = planner.get(f"/maps/values.json?{VILLAGES}")["ETag"]
    other = VILLAGES.replace("located_share", "elderly_share")
    assert planner.get(f"/maps/values.json?{other}")["ETag"] != first


def lightness(shade: str, cones: list[list[float]]) -> np.ndarray:
    """A colour in CIELAB as it is seen with these cones."""
    code = np.array([int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(cones) @ linear, 0, 1)
    xyz = np.array(TO_XYZ) @ seen / np.array([0.9505, 1, 1.0888])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("cones", CONES.values(), ids=CONES)
def test_the_nine_colours_differ_for_every_reader(cones):
    seen = [lightness(shade, cones) for shade in SHADES]
    least = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
    assert least >= 12
