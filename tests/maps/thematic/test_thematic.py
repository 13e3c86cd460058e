"""The thematic map: page, values, tiles, table and files, all with the same figures."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import tempfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyogrio
import pytest
import time_machine
from django.utils import timezone
from PIL import Image

from apps.audit.models import Action, Entry
from apps.demo.country import CODES
from apps.indicators.measures.definitions import ALL_TABLES
from apps.indicators.models import CountState, Indicator, MonthCount, RegionCount
from apps.regions.models import TreeVersion
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.maps.thematic.forms import links, parameters, unchanged
from tests.maps.tiles import fetched, outlined, over, read

pytestmark = pytest.mark.django_db
VILLAGES = "within=97.01&level=village"
COUNTED = datetime(2026, 11, 29, 3, 14, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _counted(lasting):
    with lasting():
        outlined()
        for letter, families, enrolled in (
            ("A", 40, 10), ("B", 30, 12), ("C", 3, 0), ("D", 50, 25), ("E", 20, 9), ("F", 25, 9),
            ("I", 60, 30), ("M", 45, 6),
        ):  # fmt: skip
            registered(letter, families, enrolled=enrolled)
        counted()


@pytest.fixture
def planner(signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def page(browser, query=""):
    answer = browser.get(f"/maps/?{query}")
    assert answer.status_code == 200
    return answer


def values(browser, query=""):
    return browser.get(f"/maps/values.json?{query}").json()


def test_a_planner_begins_with_the_provinces_and_an_officer_with_the_own_region(planner, signed_in):
    asked = page(planner).context["asked"]
    assert (asked.within, asked.level) == ("ID", "province")
    asked = page(signed_in("verifier")).context["asked"]
    assert (asked.within, asked.level) == ("97.01", "district")


def test_the_address_keeps_the_whole_state(planner):
    query = f"measure=families&{VILLAGES}&method=equal&view=table"
    asked = page(planner, query).context["asked"]
    assert (asked.measure.code, asked.level, asked.within) == ("families", "village", "97.01")
    again = page(planner, asked.query()).context["asked"]
    assert again == replace(asked, wanted_period=asked.period.label)


def test_a_level_that_is_too_low_for_the_region_offers_its_parts(planner):
    answer = page(planner, "level=village&within=ID")
    assert answer.context["asked"].level == "district"
    assert {one["name"] for one in answer.context["places"]} == {"Nusa Barat", "Nusa Timur"}
    assert "is too large for the level" in answer.content.decode()


def test_a_period_without_values_shows_the_nearest_one(planner):
    answer = page(planner, "period=2020-01")
    assert "the nearest period" in answer.content.decode()


def test_the_legend_has_unit_denominator_source_day_edition_and_counts(planner):
    text = page(planner, f"measure=enrolled_share&{VILLAGES}").content.decode()
    for words in (
        "Denominator: registered families",
        "Source: DTKS register, Pusdatin Kesos",
        "Counted: ",
        "edition Toy 2026-01",
        "suppressed",
        "no data",
    ):
        assert words in text
    theme = page(planner, f"measure=enrolled_share&{VILLAGES}").context["theme"]
    assert sum(one.count for one in theme.legend()) == len(theme.values)


@pytest.fixture
def a_year_ago():
    """Half of the families of each village were in a programme then."""
    with as_role("owner"):
        for row in RegionCount.objects.all():
            row.pk, row.period_start = None, row.period_start.replace(year=2025)
            row.families_enrolled = row.families // 2
            row.save()
        CountState.objects.update(versions=dict.fromkeys(ALL_TABLES, 99))


def test_classes_are_the_same_for_all_periods(planner, a_year_ago):
    """Their bounds come from all periods of the level and region."""
    query = f"measure=enrolled_share&{VILLAGES}&method=equal"
    now = page(planner, query).context["theme"]
    then = page(planner, f"{query}&period=2025-{now.asked.period.start:%m}").context["theme"]
    assert then.asked.period != now.asked.period
    assert then.bounds == now.bounds
    assert then.values != now.values


OWN = "measure=enrolled_share&method=fixed&bounds="


def test_own_breaks_stay_the_same_in_every_region(planner):
    """Those that no value of the region lies between, too, in address and field."""
    answer = page(planner, f"{OWN}10;30;90,5&within=97.01&level=village")
    theme = answer.context["theme"]
    assert theme.bounds[1:-1] == [10, 30, 90.5]
    assert [one.words for one in theme.legend()] == [
        "below 10.0", "10.0 – 30.0", "30.0 – 90.5", "90.5 and above",
    ]  # fmt: skip
    assert sum(one.count for one in theme.legend()) == len(theme.values)
    assert answer.context["own_breaks"] == "10; 30; 90.5"
    other = page(planner, theme.asked.query(within="98", level="regency")).context["theme"]
    assert (other.bounds[1:-1], other.shades) == (theme.bounds[1:-1], theme.shades)


def test_own_breaks_change_no_circles(planner):
    query = f"measure=families&{VILLAGES}"
    wide = values(planner, f"{query}&method=fixed&bounds=999999")
    assert wide["radii"] == values(planner, query)["radii"]


def test_long_breaks_keep_their_digits_in_the_address(planner):
    asked = page(planner, f"{OWN}1234567;0,000001").context["asked"]
    assert asked.bounds == (0.000001, 1234567)
    assert page(planner, asked.query()).context["asked"].bounds == asked.bounds


def test_breaks_that_cannot_be_read_are_said_and_the_others_used(planner):
    answer = page(planner, f"{OWN}10;abc;1.000.000;20")
    assert answer.context["asked"].bounds == (10, 20)
    assert "Not used as breaks: abc; 1.000.000." in answer.content.decode()
    assert "Quantiles are shown." not in answer.content.decode()
    assert "Quantiles are shown." in page(planner, f"{OWN}abc").content.decode()
    many = page(planner, f"{OWN}1;2;3;4;5;6;7;8")
    assert many.context["asked"].bounds == (1, 2, 3, 4, 5, 6)
    assert "Not used as breaks: 7; 8." in many.content.decode()
    assert "Not used" not in page(planner, f"{OWN}10").content.decode()


def test_an_older_period_is_within_the_limits_of_the_legend(planner, a_year_ago, monkeypatch):
    """Classes are made of so many periods as can be read; those of others may lie beyond."""
    monkeypatch.setattr("apps.maps.thematic.theme.MOST_PERIODS", 1)
    with as_role("owner"):  # what is kept of all periods is of another version
        CountState.objects.update(versions=dict.fromkeys(ALL_TABLES, 98))
    query = f"measure=enrolled_share&{VILLAGES}&method=equal"
    now = page(planner, query).context["theme"]
    [pane] = page(planner, f"{query}&period=2025-{now.asked.period.start:%m}").context["panes"]
    then = pane["theme"]
    assert max(now.values) < max(then.values)
    assert then.bounds[1:-1] == now.bounds[1:-1]
    assert then.bounds[0] <= min(then.values)
    assert max(then.values) <= then.bounds[-1]
    assert sum(then.histogram()) == len(then.values)
    words = [one.words for one in now.legend()]
    assert words == [one.words for one in then.legend()]
    assert words[0] == f"below {now.number(now.bounds[1])}"
    assert words[-1] == f"{now.number(now.bounds[-2])} and above"


def test_all_periods_are_within_limits_that_are_closed(planner, a_year_ago):
    theme = page(planner, f"measure=enrolled_share&{VILLAGES}&method=equal").context["theme"]
    words = [one.words for one in theme.legend()]
    assert words[0] == f"{theme.number(theme.bounds[0])} – {theme.number(theme.bounds[1])}"
    assert theme.bounds[-1] == 50  # of the year before


def test_each_month_says_when_it_was_counted(planner, a_year_ago):
    """Not when the register was counted last: of both months of a change, each its own."""
    start = page(planner).context["asked"].period.start
    former = start.replace(year=2025)
    with as_role("owner"):
        MonthCount.objects.filter(period_start=start).update(counted_at=COUNTED)
    now = f"Counted: 29 Nov 2026, 10:14 WIB ({start:%Y-%m})"
    query = f"measure=enrolled_share&{VILLAGES}"
    text = page(planner, f"{query}&period={former:%Y-%m}").content.decode()
    assert "Counted: " not in text  # of a month that was counted before this was kept
    with as_role("owner"):
        MonthCount.objects.create(
            period_start=former, counted_at=COUNTED.replace(year=2025, hour=16)
        )
    then = f"Counted: 29 Nov 2025, 23:14 WIB ({former:%Y-%m})"
    for more, told in (
        ("", {now}),
        (f"&period={former:%Y-%m}", {then}),
        (f"&against={former:%Y-%m}", {now, then}),
    ):
        text = page(planner, f"{query}{more}").content.decode()
        assert {one for one in (now, then) if one in text} == told
        assert text.count("Counted: ") == len(told)
        file = planner.get(f"/maps/figures.csv?{query}{more}").content.decode()
        assert {one for one in (now, then) if one in file} == told


def test_the_change_since_another_period_is_around_zero(planner, a_year_ago):
    query = f"measure=enrolled_share&{VILLAGES}"
    now = page(planner, query).context["theme"].asked.period
    theme = page(planner, f"{query}&against=2025-{now.start:%m}").context["theme"]
    texts = {row.name: theme.words_of(row) for row in theme.rows}
    assert texts == {
        "Ampel": "-25.0",
        "Beji": "-10.0",
        "Cemara": "suppressed",
        "Duku": "suppressed",
    }
    assert theme.bounds == [-25, -15, -5, 5, 15, 25]
    assert "percentage points" in theme.unit


def test_map_table_and_files_have_the_same_figures_and_no_hidden_one(planner):
    query = f"measure=families&{VILLAGES}"
    joined = values(planner, query)
    by_id = dict(zip(joined["ids"], joined["texts"], strict=True))
    table = page(planner, f"{query}&view=table").content.decode()
    rows = {
        row["kode"]: row
        for row in csv.DictReader(
            io.StringIO(planner.get(f"/maps/figures.csv?{query}").content.decode("utf-8-sig"))
        )
    }
    shapes = json.loads(planner.get(f"/maps/figures.geojson?{query}").content)
    features = {one["properties"]["kode"]: one for one in shapes["features"]}
    for letter, families in (("A", "40"), ("B", "30"), ("C", ""), ("D", "")):
        code = CODES[letter]
        assert by_id[int(code.replace(".", ""))] == (families or "suppressed")
        assert rows[code]["nilai"].removesuffix(".0") == families
        assert rows[code]["keterangan"] == ("" if families else "disamarkan")
        assert features[code]["properties"]["nilai"] == (float(families) if families else None)
        shown = re.search(rf"{re.escape(code)}</td>\s*<td class=\"number\">([^<]*)<", table)
        assert shown and shown[1].strip() == (families or "suppressed")


def test_a_geopackage_has_the_areas_and_the_notes(planner):
    content = planner.get(f"/maps/figures.gpkg?measure=families&{VILLAGES}").content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.gpkg"
        path.write_bytes(content)
        meta, _ids, wkb, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"].tolist(), fields, strict=True))
    assert set(columns["kode"]) == {CODES[letter] for letter in "ABCD"}
    assert all(wkb)
    known = dict(zip(columns["kode"], columns["nilai"], strict=True))
    assert known[CODES["A"]] == 40
    assert known[CODES["C"]] != known[CODES["C"]]  # not a number


def test_a_picture_and_a_pdf_are_drawn_with_a_title_block(planner):
    query = f"measure=enrolled_share&{VILLAGES}"
    picture = Image.open(io.BytesIO(planner.get(f"/maps/figures.png?{query}").content))
    assert picture.size == (1684, 1190)
    colours = {colour for _count, colour in picture.getcolors(1 << 24)}
    [pane] = page(planner, query).context["panes"]
    theme = pane["theme"]
    used = {theme.shades[theme.class_of(row)] for row in theme.rows if row.value is not None}
    assert used
    assert {tuple(bytes.fromhex(shade[1:])) for shade in used} <= colours
    # title and subtitle, and the notes below the map, are written in dark ink
    for box in ((56, 56, 900, 130), (56, 1000, 900, 1180)):
        darkest = min(sum(colour) for _count, colour in picture.crop(box).getcolors(1 << 24))
        assert darkest < 200, box
    texts = texts_of(planner.get(f"/maps/figures.pdf?{query}").content)
    assert texts[0] == f"Families in a programme, {theme.region.name}"
    period = theme.asked.period.label
    assert texts[1].endswith(f" · {period} · % of registered families")
    together = " ".join(texts)
    for words in ("suppressed", "DTKS register, Pusdatin Kesos"):
        assert words in together
    assert [words for words in texts if words.endswith(" km")]


def texts_of(pdf: bytes) -> list[str]:
    """What is written on the page of a PDF, in the order of its writing."""
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [ 0 0 842 595 ]" in pdf
    [stream] = re.findall(rb"(?<!end)stream\r?\n(.*?)~>", pdf, re.DOTALL)
    content = zlib.decompress(base64.a85decode(stream, adobe=False))
    shown = re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", content, re.DOTALL)

    def plain(words: bytes) -> str:
        octal = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), words)
        return re.sub(rb"\\(.)", rb"\1", octal).decode("cp1252")

    return [plain(words) for words in shown]


def test_every_export_is_recorded(planner):
    for ending in ("csv", "geojson", "gpkg", "png", "pdf"):
        planner.get(f"/maps/figures.{ending}?measure=families&{VILLAGES}")
    entries = Entry.objects.filter(action=Action.EXPORT, subject="indicators.Measure")
    assert {one.details["format"] for one in entries} == {"csv", "geojson", "gpkg", "png", "pdf"}
    assert all(one.details["hidden"] == 2 for one in entries)


def test_another_ending_is_not_found(planner):
    assert planner.get("/maps/figures.exe").status_code == 404


def test_a_region_outside_the_scope_does_not_exist_for_counts_of_the_register(signed_in):
    browser = signed_in("verifier")
    for address in ("/maps/", "/maps/values.json", "/maps/figures.csv", "/maps/outlines.json"):
        assert browser.get(f"{address}?within=98.01&level=village").status_code == 404
    own = values(browser, "within=97&level=regency")
    assert own["ids"] == [9701]


def test_values_are_named_by_an_etag_that_changes_with_the_counts(planner):
    first = planner.get(f"/maps/values.json?{VILLAGES}")
    again = planner.get(f"/maps/values.json?{VILLAGES}", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    assert "private" in first["Cache-Control"]
    with as_role("owner"):
        registered("A", 1)
    counted()
    later = planner.get(f"/maps/values.json?{VILLAGES}", HTTP_IF_NONE_MATCH=first["ETag"])
    assert later.status_code == 200


@pytest.mark.parametrize("change", ["day", "names of regions", "indicator"])
def test_values_that_a_browser_keeps_follow_day_names_and_indicators(planner, signed_in, change):
    """Figures that are published change once a year, what is said of them may sooner."""
    address = f"/maps/values.json?{VILLAGES}"
    before = planner.get(address)["ETag"]
    if change == "day":
        with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
            later = signed_in("planner", name="planner-of-the-day-after")
            assert later.get(address, HTTP_ACCEPT_LANGUAGE="en")["ETag"] != before
        return
    with as_role("owner"):
        if change == "indicator":
            Indicator.objects.filter(pk="poverty_rate").update(decimals=1)
        else:
            TreeVersion.objects.update_or_create(number=1, defaults={"version": 7})
    assert planner.get(address, HTTP_IF_NONE_MATCH=before).status_code == 200


def test_counts_have_circles_whose_area_is_in_proportion(planner):
    found = values(planner, f"measure=families&{VILLAGES}")
    sizes = dict(zip(found["names"], found["radii"], strict=True))
    assert (sizes["Ampel"] / sizes["Beji"]) ** 2 == pytest.approx(40 / 30, rel=0.05)
    assert sizes["Cemara"] == 0
    assert all(len(place) == 2 for place in found["places"])


def test_the_legend_of_counts_has_three_circles_of_the_map(planner):
    """40, a quarter of it and a sixteenth, rounded down, in the sizes of the map."""
    answer = page(planner, f"measure=families&{VILLAGES}")
    [pane] = answer.context["panes"]
    assert [one["words"] for one in pane["circles"]] == ["40", "10", "2"]
    joined = values(planner, f"measure=families&{VILLAGES}")
    drawn = dict(zip(joined["names"], joined["radii"], strict=True))
    first, second, _third = (one["radius"] for one in pane["circles"])
    assert first == drawn["Ampel"]
    assert (first / second) ** 2 == pytest.approx(4, rel=0.05)
    text = answer.content.decode()
    assert text.count('class="theme-circle"') == 3
    # bars and controls speak of no classes that the map does not have
    assert {bar["shade"] for bar in pane["bars"]} == {"#2C7FB8"}
    assert '<select name="method">' not in text
    both = page(planner, f"measure=families&other=enrolled_share&{VILLAGES}").content.decode()
    assert '<select name="method">' in both


def test_the_circles_stand_on_the_sheet_too(planner):
    texts = texts_of(planner.get(f"/maps/figures.pdf?measure=families&{VILLAGES}").content)
    at = texts.index("Legend")
    assert texts[at + 1 : at + 4] == ["40", "10", "2"]


def test_the_tiles_of_a_level_have_an_area_for_each_value(planner, tmp_path):
    """Joined by GDAL: every region with a value is an area of the tiles."""
    [pane] = page(planner, f"measure=families&{VILLAGES}").context["panes"]
    layer = pane["areas_address"].split("/")[2]
    at = over("A", 9)
    found = read(fetched(planner, layer, at), at, tmp_path)
    ids = {int(row["mvt_id"]) for row in found["area"]}
    assert set(values(planner, f"measure=families&{VILLAGES}")["ids"]) <= ids


@pytest.mark.parametrize(
    ("level", "zoom"), [("province", 1), ("regency", 4), ("district", 6), ("village", 7)]
)
def test_areas_of_a_level_are_drawn_from_its_lowest_zoom_on(planner, tmp_path, level, zoom):
    layer = (
        page(planner).context["panes"][0]["areas_address"].split("/")[2].replace("province", level)
    )
    at = over("A", zoom)
    found = read(fetched(planner, layer, at), at, tmp_path)
    lengths = {"province": 2, "regency": 4, "district": 6, "village": 10}
    assert {len(str(int(row["mvt_id"]))) for row in found["area"]} == {lengths[level]}


def test_outlines_for_browsers_without_webgl_have_class_and_text(planner):
    found = planner.get(f"/maps/outlines.json?measure=families&{VILLAGES}").json()
    texts = {one["properties"]["name"]: one["properties"]["text"] for one in found["features"]}
    assert texts["Ampel"] == "40"
    assert texts["Cemara"] == "suppressed"
    # and the circles of the map; a hidden count has none, a share neither
    about = {one["properties"]["name"]: one["properties"] for one in found["features"]}
    joined = values(planner, f"measure=families&{VILLAGES}")
    drawn = dict(zip(joined["names"], joined["radii"], strict=True))
    assert about["Ampel"]["radius"] == drawn["Ampel"]
    assert about["Ampel"]["place"] == pytest.approx(
        joined["places"][joined["names"].index("Ampel")], abs=1e-3
    )
    assert not {"radius", "place"} & about["Cemara"].keys()
    shares = planner.get(f"/maps/outlines.json?measure=enrolled_share&{VILLAGES}").json()
    assert not any("radius" in one["properties"] for one in shares["features"])


def test_the_table_is_sorted_by_value_or_name(planner):
    query = f"measure=families&{VILLAGES}&view=table"
    names = [one["row"].name for one in page(planner, f"{query}&sort=name").context["rows"]]
    assert names == sorted(names)
    rows = page(planner, query).context["rows"]
    shown = [one["row"].value for one in rows if one["row"].value is not None]
    assert shown == sorted(shown, reverse=True)
    assert rows[-1]["row"].value is None


def test_every_link_and_the_form_of_a_sorted_table_keep_its_order_and_filter(planner, a_year_ago):
    query = "measure=enrolled_share&within=97&level=district&view=table&sort=name&least=1.5"
    answer = page(planner, query)
    html = answer.content.decode()
    assert len(links(html)) > 6
    kept = [(one.get("sort"), one.get("least")) for one in links(html)]
    # by value, the order that none names, and without the filter
    assert sorted(kept, key=str) == sorted(
        [("name", "1.5")] * (len(kept) - 2) + [(None, "1.5"), ("name", None)], key=str
    )
    again = planner.get("/maps/", unchanged(html)).context["asked"]
    asked = answer.context["asked"]
    assert again == replace(asked, wanted_period=asked.period.key)


def test_a_range_of_another_measure_stays_one_when_the_form_is_sent(planner):
    answer = page(planner, f"measure=enrolled_share&{VILLAGES}&least=35&by=families")
    again = planner.get("/maps/", unchanged(answer.content.decode()))
    assert again.context["asked"].region_filter == answer.context["asked"].region_filter
    assert again.context["asked"].region_filter.ranged == "families"


def test_the_summary_names_the_highest_and_the_lowest(planner):
    [pane] = page(planner, f"measure=families&{VILLAGES}").context["panes"]
    assert pane["summary"] == "Highest: Ampel (40). Lowest: Beji (30)."


def test_two_measures_stand_side_by_side(planner):
    query = f"measure=enrolled_share&other=families&{VILLAGES}"
    answer = page(planner, query)
    first, second = answer.context["panes"]
    assert (first["theme"].measure.code, second["theme"].measure.code) == (
        "enrolled_share",
        "families",
    )
    assert first["element"] != second["element"]
    table = page(planner, f"{query}&view=table").context["rows"]
    both = {one["row"].name: (one["words"], one["other"]) for one in table}
    assert both["Ampel"] == ("25.0 %", "40")
    assert both["Cemara"] == ("suppressed", "suppressed")


@pytest.mark.parametrize(
    "more",
    ["", "&other=located_share", "&other=located_share&compare=bivariate", "&least=5&pocket=agree"],
)
def test_map_and_table_lead_to_the_same_parts_of_a_region(planner, more):
    query = f"measure=enrolled_share&within=97&level=regency{more}"
    panes = page(planner, query).context["panes"]
    [row] = [one for one in every_row(planner, query) if one["row"].code == "97.01"] or [None]
    for pane in panes:
        html = parameters(pane["inside"])
        assert (html["within"], html["view"]) == ("{code}", "map")
        assert html.get("other", "") in more
        if row is not None:
            table = parameters(row["inside"])
            assert html | {"within": "97.01", "view": "table"} == table
    assert "inside" not in values(planner, query)


def every_row(planner, query):
    return page(planner, f"{query}&view=table").context["rows"]


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg", "png", "pdf"])
def test_of_two_measures_side_by_side_each_has_its_files(planner, ending):
    answer = page(planner, f"measure=enrolled_share&other=families&{VILLAGES}&least=20")
    found = []
    for pane in answer.context["panes"]:
        query = dict(pane["files"])[ending]
        assert f"figures.{ending}?{query}".replace("&", "&amp;") in answer.content.decode()
        file = planner.get(f"/maps/figures.{ending}?{query}")
        assert file.status_code == 200
        found.append(file.headers["Content-Disposition"])
    assert "enrolled_share-97.01" in found[0]
    assert "families-97.01" in found[1]


@pytest.mark.parametrize("limit", ["1.000", "400,000", "abc", "≥5"])
def test_a_limit_that_may_be_another_number_is_said_and_not_used(planner, limit):
    """1.000 is a thousand on these pages, and one to a machine."""
    answer = page(planner, f"measure=families&{VILLAGES}&least={limit}")
    assert answer.context["asked"].region_filter.least is None
    assert f"Not used in the filter: {limit}." in answer.content.decode()
    breaks = page(planner, f"{OWN}10;{limit};20")
    assert breaks.context["asked"].bounds == (10, 20)
    assert f"Not used as breaks: {limit}." in breaks.content.decode()


def test_breaks_and_limits_with_three_decimals_are_kept_by_the_address(planner):
    query = page(planner, f"{OWN}12.3450;20&least=0.1250&most=12.3450").context["asked"].query()
    asked = page(planner, query).context["asked"]
    assert (asked.bounds, asked.unread) == ((12.345, 20), ())
    assert (asked.region_filter.least, asked.region_filter.most) == (0.125, 12.345)
    field = page(planner, query).context["own_breaks"]
    assert page(planner, f"{OWN}{field}").context["asked"].bounds == (12.345, 20)


def test_the_second_measure_has_no_breaks_of_the_first(planner):
    answer = page(planner, f"{OWN}10;20&other=located_share&{VILLAGES}")
    methods = [str(pane["asked"].method) for pane in answer.context["panes"]]
    assert methods == ["fixed", "quantile"]
    assert "the second one is shown by quantiles" in answer.content.decode()


@pytest.mark.parametrize("scale", ["village-ID", "village-97", "province-97", "district-97.01.01"])
def test_a_scale_is_that_of_a_map_that_there_is(planner, scale):
    assert (
        page(planner, f"measure=families&{VILLAGES}&scale={scale}").context["asked"].scale is None
    )
    assert page(planner, f"measure=families&{VILLAGES}&scale=village-97.01").context["asked"].scale


def test_a_geopackage_has_the_rows_of_the_table_also_without_an_area(planner):
    """H has no polygon."""
    place = "within=97.02&level=village"
    content = planner.get(f"/maps/figures.gpkg?measure=families&{place}").content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.gpkg"
        path.write_bytes(content)
        meta, _ids, wkb, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"].tolist(), fields, strict=True))
    areas = dict(zip(columns["kode"], wkb, strict=True))
    assert set(areas) == {CODES[letter] for letter in "EFGH"}
    assert {code for code, area in areas.items() if not area} == {CODES["H"]}


def test_the_slider_leaves_a_change_alone(planner, a_year_ago):
    """The classes of a change are those of its two periods."""
    base = f"measure=enrolled_share&{VILLAGES}"
    answer = page(planner, base)
    [plain] = answer.context["panes"]
    former = f"2025-{answer.context['asked'].period.start:%m}"
    [change] = page(planner, f"{base}&against={former}").context["panes"]
    assert (plain["is_fixed"], change["is_fixed"]) == (False, True)
