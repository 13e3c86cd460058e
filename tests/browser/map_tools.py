"""What tests ask a map of vector tiles in the browser: `window.vectorMap`, `window.leafletMap`."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import settled

# Wait for the map itself: what it fetched is drawn in a later frame.
DRAWN = """() => new Promise(done => {
    const look = () => window.vectorMap && window.vectorMap.gl && window.vectorMap.gl.loaded()
        ? done(true) : setTimeout(look, 50);
    look();
})"""
# The ids of all points that are drawn, in the order of drawing.
POINTS = """() => window.vectorMap.gl.queryRenderedFeatures({layers: ["points"]})
    .map(one => one.id)"""
# Where a place is on the page.
PLACE = """([lng, lat]) => {
    const map = document.getElementById("vector-map"), box = map.getBoundingClientRect();
    const at = window.leafletMap.latLngToContainerPoint([lat, lng]);
    return [box.x + at.x, box.y + at.y];
}"""
WITHOUT_WEBGL2 = (
    "HTMLCanvasElement.prototype.getContext = (plain => function (kind, ...more) {"
    " return kind === 'webgl2' ? null : plain.call(this, kind, ...more); })"
    "(HTMLCanvasElement.prototype.getContext);"
)
CLOSER = "([lng, lat, zoom]) => window.leafletMap.setView([lat, lng], zoom, {animate: false})"


def drawn(page: Page) -> Page:
    """Wait until the tiles of the view are there and drawn."""
    for _frame in range(2):
        settled(page)
        page.evaluate(DRAWN)
    return page
