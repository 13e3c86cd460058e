"""The thematic map in a real browser: areas joined to their values, drilled into, compared, and
without WebGL2.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.demo import country
from apps.demo.country import CODES
from apps.indicators.measures.definitions import ALL_TABLES
from apps.indicators.models import CountState, RegionCount, Service, ServiceHost
from apps.maps.thematic.bivariate import SHADES as SHADES_OF_TWO
from tests.base import NOW
from tests.browser.conftest import PHONE, settled
from tests.browser.map_tools import CLOSER, PLACE, WITHOUT_WEBGL2, drawn
from tests.browser.test_pages import serious
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.indicators.pockets import world
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db(transaction=True)
VILLAGES = "within=97.01&level=village"
# Feature id → its colour, or nothing, of every area that is drawn.
SHADES = """() => Object.fromEntries(
    window.vectorMap.gl.queryRenderedFeatures({layers: ["theme-area"]})
    .map(one => [one.id, one.state.known ? one.state.shade : ""]))"""
SHADES_IN = """id => Object.fromEntries(document.getElementById(id).vectorMap.gl
    .queryRenderedFeatures({layers: ["theme-area"]}).map(one => [one.id, one.state.shade]))"""
# Moves the slider of time to the newest period without letting it go; returns the period.
SLIDE = """() => {
    const slider = document.getElementById("theme-slider");
    slider.value = slider.max;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    return slider.dataset.periods.split(" ")[Number(slider.max)];
}"""
HATCHED = """() => window.vectorMap.gl.queryRenderedFeatures({layers: ["theme-hidden"]})
    .map(one => one.id)"""


def number(letter: str) -> int:
    return int(CODES[letter].replace(".", ""))


@pytest.fixture
def counts():
    outlined()
    with as_role("owner"):
        for letter, families, enrolled in (
            ("A", 40, 10), ("B", 30, 12), ("C", 3, 0), ("D", 50, 25), ("I", 60, 30), ("M", 45, 6),
        ):  # fmt: skip
            registered(letter, families, enrolled=enrolled, located=families // 2)
    counted()


@pytest.fixture
def a_year_ago(counts):
    """Half of the families of each village were in a programme then."""
    with as_role("owner"):
        for row in RegionCount.objects.all():
            row.pk, row.period_start = None, row.period_start.replace(year=2025)
            row.families_enrolled = row.families // 2
            row.save()
        CountState.objects.update(versions=dict.fromkeys(ALL_TABLES, 99))
    return f"2025-{RegionCount.objects.latest('period_start').period_start:%m}"


def opened(page: Page, query: str) -> Page:
    page.goto(f"/maps/?{query}")
    expect(page.locator("#vector-map[data-drawn]")).to_be_attached(timeout=20_000)
    return drawn(page)


@pytest.mark.long
def test_each_region_has_the_colour_of_its_class_and_hidden_ones_are_hatched(
    counts, as_person, shot
):
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}")
    shot(page, "villages")
    shades = page.evaluate(SHADES)
    assert shades[str(number("A"))] != shades[str(number("B"))]
    assert shades[str(number("C"))] == ""
    assert set(page.evaluate(HATCHED)) == {number("C"), number("D")}


@pytest.mark.long
def test_the_country_is_drawn_by_provinces(counts, as_person, shot):
    page = opened(as_person("planner"), "measure=enrolled_share")
    shot(page, "country")
    assert page.evaluate(SHADES).keys() == {"97", "98"}


@pytest.mark.long
def test_counts_are_circles(counts, as_person, shot):
    page = opened(as_person("verifier"), f"measure=families&{VILLAGES}")
    shot(page, "circles")
    circles = page.evaluate(
        "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['theme-circle']})"
        ".map(one => one.id)"
    )
    assert set(circles) == {number("A"), number("B")}


@pytest.mark.parametrize("more", ["", "&other=enrolled_share"])
@pytest.mark.long
def test_a_click_on_a_region_opens_its_parts(counts, as_person, more):
    page = opened(as_person("verifier"), f"within=97&level=regency&measure=families{more}")
    x, y = page.evaluate(PLACE, country.at("A"))
    page.mouse.move(x, y)
    expect(page.locator(".leaflet-tooltip")).to_contain_text("123")
    page.mouse.click(x, y)
    page.wait_for_url("**within=97.01**")
    assert more in page.url


def test_a_choice_is_shown_at_once_and_the_legend_follows(counts, as_person):
    page = opened(as_person("verifier"), VILLAGES)
    page.select_option("select[name=measure]", "families")
    page.wait_for_url("**measure=families**")
    settled(page)
    expect(page.locator(".theme-legend h2")).to_have_text("Registered families")


@pytest.mark.long
def test_the_address_keeps_middle_and_zoom(counts, as_person):
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}")
    lng, lat = country.at("D")
    page.evaluate(CLOSER, [lng, lat, 14.25])
    page.wait_for_function("() => location.hash.startsWith('#map=14.25/')")
    page.reload()
    expect(page.locator("#vector-map[data-drawn]")).to_be_attached(timeout=20_000)
    found = page.evaluate(
        "() => [window.leafletMap.getCenter().lng, window.leafletMap.getCenter().lat,"
        " window.leafletMap.getZoom()]"
    )
    assert found == pytest.approx([lng, lat, 14.25], abs=1e-4)
    assert "level=village" in page.url


@pytest.mark.long
def test_what_is_chosen_for_the_same_region_is_shown_at_the_same_place(counts, as_person):
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}")
    page.evaluate(CLOSER, [*country.at("D"), 14.25])
    page.wait_for_function("() => location.hash.startsWith('#map=14.25/')")
    place = page.url.partition("#")[2]
    page.select_option("select[name=measure]", "families")
    page.wait_for_url("**measure=families**")
    assert page.url.partition("#")[2] == place
    page.click(".theme-tabs a >> nth=1")
    page.wait_for_url("**view=table**")
    page.click(".theme-tabs a >> nth=0")
    page.wait_for_url("**view=map**")
    assert page.url.partition("#")[2] == place
    page.select_option("select[name=within]", "97")
    page.wait_for_url("**within=97&**")
    assert page.url.partition("#")[2] != place


@pytest.mark.long
def test_villages_that_failed_to_load_come_when_the_map_is_moved(counts, as_person, watch):
    watch.expected += ["ERR_FAILED"]
    page = as_person("planner")
    failed = []

    def refuse(route):
        failed.append(route.request.url)
        route.abort()

    page.route("**/maps/values.json*level=village*", refuse)
    page.goto("/maps/?measure=enrolled_share&within=ID&level=district")
    page.wait_for_function(
        "() => document.querySelector('.theme-told').textContent.includes('move the map')",
        timeout=20_000,
    )
    settled(page)
    asked = len(failed)
    page.wait_for_timeout(1_500)
    assert len(failed) == asked  # not again and again while nothing moves
    page.unroute("**/maps/values.json*level=village*")
    page.evaluate("() => window.leafletMap.panBy([3, 3], {animate: false})")
    page.wait_for_function(
        "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['theme-village-area']})"
        ".some(one => one.state.known)",
        timeout=20_000,
    )


@pytest.mark.long
def test_first_values_that_failed_to_load_come_when_the_map_is_moved(counts, as_person, watch):
    watch.expected += ["ERR_FAILED"]
    page = as_person("verifier")
    page.route("**/maps/values.json*", lambda route: route.abort())
    page.goto(f"/maps/?measure=enrolled_share&{VILLAGES}")
    expect(page.locator(".theme-told")).to_contain_text("move the map", timeout=20_000)
    page.unroute("**/maps/values.json*")
    page.evaluate("() => window.leafletMap.panBy([3, 3], {animate: false})")
    expect(page.locator("#vector-map[data-drawn]")).to_be_attached(timeout=20_000)
    assert str(number("A")) in drawn(page).evaluate(SHADES)


@pytest.mark.long
def test_an_answer_about_a_former_period_is_not_shown(a_year_ago, as_person):
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}")
    shades = page.evaluate(SHADES)
    late = []
    page.route(f"**/maps/values.json*period={a_year_ago}*", lambda route: late.append(route))
    send = "at => window.dispatchEvent(new CustomEvent('theme:period', {detail: at}))"
    newest = page.evaluate("() => document.getElementById('theme-slider').dataset.periods").split()
    page.evaluate(send, a_year_ago)
    page.evaluate(send, newest[-1])
    expect(page.locator(f"#vector-map[data-period='{newest[-1]}']")).to_be_attached(timeout=10_000)
    late[0].continue_()
    page.wait_for_timeout(1_000)
    drawn(page)
    assert page.get_attribute("#vector-map", "data-period") == newest[-1]
    assert page.evaluate(SHADES) == shades


@pytest.mark.long
def test_one_region_is_said_to_be_one(counts, as_person):
    page = opened(as_person("verifier"), "measure=enrolled_share&within=97&level=regency")
    expect(page.locator(".theme-told")).to_have_text("1 region is drawn.")
    expect(page.locator(".theme-sources")).to_contain_text(": 0 regions.")


@pytest.mark.long
def test_two_measures_are_linked_maps(counts, as_person, shot):
    page = opened(as_person("verifier"), f"measure=enrolled_share&other=families&{VILLAGES}")
    expect(page.locator("#vector-map-1[data-drawn]")).to_be_attached(timeout=20_000)
    shot(page, "two")
    assert page.locator(".theme-map").count() == 2


@pytest.mark.long
def test_a_filter_leaves_regions_out_of_the_map_and_says_so(counts, as_person, shot):
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}&least=30")
    shot(page, "filter")
    shades = page.evaluate(SHADES)
    assert {one for one, shade in shades.items() if shade} == {str(number("B"))}
    assert page.evaluate(HATCHED) == []
    expect(page.locator(".theme-filter summary")).to_contain_text("3 regions are not in it")
    expect(page.locator(".theme-sources")).to_contain_text("value from 30 on")
    assert serious(page) == []


@pytest.mark.long
def test_the_slider_takes_the_colour_of_a_region_that_the_filter_leaves_out(a_year_ago, as_person):
    """A had 50 per cent a year ago and has 25 now; from 30 on B alone is on the map."""
    query = f"measure=enrolled_share&{VILLAGES}&least=30&period={a_year_ago}"
    page = opened(as_person("verifier"), query)
    assert {one for one, shade in page.evaluate(SHADES).items() if shade} == {
        str(number("A")),
        str(number("B")),
    }
    newest = page.evaluate(SLIDE)
    expect(page.locator(f"#vector-map[data-period='{newest}']")).to_be_attached(timeout=10_000)
    drawn(page)
    assert {one for one, shade in page.evaluate(SHADES).items() if shade} == {str(number("B"))}


@pytest.mark.long
def test_two_rates_are_one_map_with_a_square_of_nine_colours(counts, as_person, shot):
    both = f"measure=enrolled_share&other=located_share&compare=bivariate&{VILLAGES}"
    page = opened(as_person("verifier"), both)
    shot(page, "bivariate")
    shades = page.evaluate(SHADES)
    assert shades[str(number("A"))] == SHADES_OF_TWO[0]
    assert set(page.evaluate(HATCHED)) == {number("C"), number("D")}
    expect(page.locator(".theme-scheme svg")).to_have_count(9)
    assert page.locator(".theme-map").count() == 1
    assert serious(page) == []


@pytest.mark.long
def test_two_periods_are_swiped_by_the_keys_and_by_dragging(a_year_ago, as_person, shot):
    page = opened(
        as_person("verifier"),
        f"measure=enrolled_share&{VILLAGES}&against={a_year_ago}&compare=swipe",
    )
    over = page.locator("#vector-map-1")
    expect(page.locator("#vector-map-1[data-drawn]")).to_be_attached(timeout=20_000)
    shot(page, "swipe")
    shades = [page.evaluate(SHADES_IN, element) for element in ("vector-map", "vector-map-1")]
    # 40 % now and 50 % a year ago
    assert shades[0][str(number("B"))] != shades[1][str(number("B"))]
    seen = f"""at => {{
        const [x, y] = ({PLACE})(at);
        return document.elementFromPoint(x, y).closest(".theme-map").id;
    }}"""
    assert page.evaluate(seen, country.at("A", 0.1)) == "vector-map"
    assert page.evaluate(seen, country.at("I", 0.9)) == "vector-map-1"
    slider = page.locator("#theme-swipe")
    cut = "() => document.getElementById('vector-map-1').style.clipPath"
    assert page.evaluate(cut) == "inset(0px 0px 0px 50%)"
    slider.focus()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(cut) == "inset(0px 0px 0px 55%)"
    assert "55 per cent" in (slider.get_attribute("aria-valuetext") or "")
    line, box = page.locator(".theme-swipe-line"), over.bounding_box()
    assert box is not None
    line.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 100)
    page.mouse.up()
    assert page.evaluate(cut) == "inset(0px 0px 0px 25%)"
    assert serious(page) == []
    page.get_by_role("link", name="Both periods as a table", exact=True).click()
    expect(page.locator(".theme-table")).to_contain_text("50.0 %")


@pytest.mark.long
def test_the_country_is_drawn_by_regencies_districts_and_villages(counts, as_person, shot):
    page = opened(as_person("planner"), "measure=enrolled_share&within=ID&level=district")
    known = """layer => window.vectorMap.gl.queryRenderedFeatures({layers: [layer]})
        .filter(one => one.state.known).map(one => one.id)"""
    # the toy country is so small that it opens with its villages
    page.wait_for_function(
        "() => Number(document.getElementById('vector-map').dataset.near) >= 4", timeout=20_000
    )
    drawn(page)
    shot(page, "near")
    assert number("A") in page.evaluate(known, "theme-village-area")
    assert page.evaluate(known, "theme-area") == []
    for zoom, layer, digits in ((8, "theme-area", 6), (6, "theme-regency-area", 4)):
        page.evaluate(CLOSER, [*country.at("A"), zoom])
        drawn(page)
        found = page.evaluate(known, layer)
        assert found
        assert {len(str(one)) for one in found} == {digits}
    shot(page, "far")
    expect(page.locator(".theme-told")).to_contain_text("Regencies are drawn")
    assert serious(page) == []


@pytest.mark.parametrize(
    "query",
    [
        f"measure=enrolled_share&other=located_share&compare=bivariate&{VILLAGES}",
        f"measure=enrolled_share&{VILLAGES}&least=30&view=table",
        "measure=enrolled_share&within=ID&level=district&view=table",
    ],
)
@pytest.mark.long
def test_on_a_phone_nothing_runs_over_the_edge(counts, as_person, shot, query):
    page = as_person("planner", PHONE)
    page.goto(f"/maps/?{query}")
    settled(page)
    shot(page, f"phone-{query[-12:]}")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    assert serious(page) == []


@pytest.mark.long
def test_on_a_phone_map_and_legend_fit(counts, as_person, shot):
    page = opened(as_person("verifier", PHONE), VILLAGES)
    shot(page, "phone")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.long
def test_without_webgl2_there_are_outlines_and_the_table(counts, as_person, shot):
    page = as_person("verifier")
    page.add_init_script(WITHOUT_WEBGL2)
    page.goto(f"/maps/?{VILLAGES}")
    expect(page.locator(".map-plain")).to_contain_text("WebGL2")
    expect(page.locator("#vector-map path").first).to_be_attached()
    shot(page, "plain")
    page.click(".theme-tabs a >> nth=1")
    expect(page.locator(".theme-table")).to_contain_text("suppressed")
    page.goto(f"/maps/?measure=families&{VILLAGES}")
    expect(page.locator("#vector-map path.theme-plain-circle")).to_have_count(2)
    shot(page, "plain-circles")


TAP = """([x, y]) => document.elementFromPoint(x, y).dispatchEvent(new PointerEvent("click",
    {bubbles: true, pointerType: "touch", clientX: x, clientY: y}))"""


@pytest.mark.long
def test_a_finger_reads_the_value_of_a_region_before_it_opens_its_parts(counts, as_person, shot):
    page = opened(as_person("verifier", PHONE), "within=97&level=regency&measure=families")
    page.locator("#vector-map").scroll_into_view_if_needed()
    page.evaluate(TAP, page.evaluate(PLACE, country.at("A")))
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("123")
    expect(popup).to_have_css("opacity", "1")
    page.wait_for_timeout(500)  # the map makes room for it
    shot(page, "finger")
    assert serious(page) == []
    popup.locator("a.theme-parts-link").click()
    expect(page.locator(".crumbs [aria-current]")).to_contain_text("Barat Lor")


@pytest.mark.long
def test_the_key_enter_reads_the_region_in_the_middle(counts, as_person):
    page = opened(as_person("verifier"), f"measure=families&{VILLAGES}")
    longitude, latitude = country.at("A")
    page.evaluate(
        "([x, y]) => window.leafletMap.setView([y, x], undefined, {animate: false})",
        [longitude, latitude],
    )
    drawn(page).locator("#vector-map").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_contain_text("Ampel")


@pytest.mark.long
def test_a_period_that_failed_to_load_is_taken_off_and_comes_when_the_map_is_moved(
    a_year_ago, as_person, watch
):
    watch.expected += ["ERR_FAILED"]
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}")
    page.route(f"**/maps/values.json*period={a_year_ago}*", lambda route: route.abort())
    page.evaluate(
        "at => window.dispatchEvent(new CustomEvent('theme:period', {detail: at}))", a_year_ago
    )
    expect(page.locator(".theme-told")).to_contain_text("move the map", timeout=10_000)
    assert set(drawn(page).evaluate(SHADES).values()) <= {"", None}
    page.unroute(f"**/maps/values.json*period={a_year_ago}*")
    page.evaluate("() => window.leafletMap.panBy([3, 3], {animate: false})")
    expect(page.locator(f"#vector-map[data-period='{a_year_ago}']")).to_be_attached(timeout=10_000)
    assert any(drawn(page).evaluate(SHADES).values())


@pytest.mark.long
def test_on_a_phone_the_slider_of_a_swipe_has_room_beside_long_names(
    counts, as_person, shot, tmp_path
):
    world.in_force(world.listed(tmp_path, "AD"), world.computed(percent=40))
    page = opened(
        as_person("verifier", PHONE), f"measure=enrolled_share&{VILLAGES}&against=pockets"
    )
    shot(page, "phone-pockets")
    box = page.locator("#theme-swipe").bounding_box()
    assert box is not None and box["width"] > 200
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.long
def test_on_a_phone_the_address_of_a_service_breaks(as_person, shot):
    with as_role("owner"):
        host, _is_new = ServiceHost.objects.get_or_create(
            name="geo.example", defaults={"status": "waiting", "asked_by": "tests", "asked_at": NOW}
        )
        Service.objects.create(
            name="layanan", kind="arcgis", source="BPS", period="2021", host=host,
            url=f"https://geo.example/{'arcgis' * 12}/rest/services/kemiskinan/FeatureServer",
        )  # fmt: skip
    page = as_person("planner", PHONE)
    for address in ("/indicators/services/", "/indicators/services/layanan/"):
        page.goto(address)
        shot(page, f"phone-{address.count('/')}")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
