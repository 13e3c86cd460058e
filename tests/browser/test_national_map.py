"""The review workspace over the real national layer: country, province, regency, village.

Nothing is empty, nothing runs over the edge, and what is counted and drawn is what the list has, at
any scale. Pictures are taken where SHOTS is set,
as for all tests of this folder. It needs PORTAL_REAL_DATA; the outlines of 83,402 villages are made
in some minutes, so all scales, sizes and languages are one test.
"""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.gis.geos import Polygon
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Page

from apps.jobs.models import Job
from apps.proposals.maps import Box
from apps.proposals.models import Proposal
from apps.regions.models import Boundary, BoundaryEdition
from bench import _national
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.map_tools import CLOSER, DRAWN, POINTS, drawn
from tests.browser.test_chain import too_wide
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scale]

LIST = "/proposals/review/?status=submitted"
REGENCY = "34.04"
# Two families in every village of the country, forty in those of the regency; names, birth dates
# and numbers are made up. One of 25 is in another village, one near the border. The owner fills
# the table: no policy looks at 166,000 rows.
PROPOSE = """
INSERT INTO proposals_proposal (id, batch_id, row_number, kind, status, nik, kk, name, title,
    birth_place, birth_date, sex, mother_name, relation, occupation, marital_status, address, rt,
    rw, village_id, programme_id, disability_kind, is_pregnant, ppks, location, verdict, distance_m,
    actual_village_id, flags, severity, step_at)
SELECT nextval('proposals_proposal_id_seq'), %(batch)s, row_number() OVER (), 'new', 'submitted',
       district || 40 + extract(day FROM born)::int || to_char(born, 'MMYY') || serial,
       district || '010120' || serial, first || ' ' || last, '', '', born, 'P', '', '', '', '',
       'JL. CONTOH ' || nth %% 40, '001', '002', code, 'PKH', '', false, '{}',
       ST_Transform(ST_SetSRID(ST_MakePoint(
           ST_X(label) + (random() - 0.5) * label_radius_m * spread,
           ST_Y(label) + (random() - 0.5) * label_radius_m * spread), 3857), 4326),
       verdict,
       CASE verdict WHEN 'elsewhere' THEN 900 + nth %% 4000 WHEN 'inside' THEN 0 ELSE 20 END,
       CASE verdict WHEN 'elsewhere' THEN coalesce(following, code) ELSE code END, '{}', 0, now()
  FROM (SELECT v.code, label, label_radius_m, following, v.nth + n AS nth,
               replace(left(v.code, 8), '.', '') AS district,
               date '1960-01-01' + ((v.nth * 7919 + n * 104729) %% 15000)::int AS born,
               (9000 + (v.nth + n) %% 1000)::text AS serial,
               (ARRAY['SITI','SRI','DEWI','NUR','TRI','WAYAN'])[1 + (v.nth + n) %% 6] AS first,
               (ARRAY['AMINAH','LESTARI','RAHAYU','UTAMI','SARI'])[1 + (v.nth + n) %% 5] AS last,
               CASE (v.nth + n) %% 25 WHEN 0 THEN 9 ELSE 1.4 END AS spread,
               CASE (v.nth + n) %% 25 WHEN 0 THEN 'elsewhere' WHEN 1 THEN 'near_border'
                    ELSE 'inside' END AS verdict
          FROM (SELECT *, row_number() OVER (ORDER BY code) AS nth,
                       lead(code) OVER (ORDER BY code) AS following
                  FROM regions_boundaryshape WHERE zoom = 11 AND level = 'village') AS v,
               LATERAL generate_series(1, CASE WHEN v.code LIKE %(regency)s THEN 40 ELSE 2 END) AS n
       ) AS made;
ANALYZE proposals_proposal;
"""
# scale → whose names are in sight, latitude and longitude, zoom
SCALES = {
    "country": ("province", (-2.5, 118.0), 4.5),
    "province": ("regency", (-7.85, 110.4), 9),
    "regency": ("district", (-7.70, 110.38), 10.75),
    "village": ("village", (-7.745, 110.36), 14.5),
}
NAMES = """level => new Set(window.vectorMap.gl.queryRenderedFeatures({layers: [level + "-name"]})
    .map(one => one.properties.name)).size"""
# [code, number] of each count in the tiles of the view and around it.
COUNTS = """() => Object.entries(Object.fromEntries(
    window.vectorMap.gl.querySourceFeatures("proposals", {sourceLayer: "count"})
        .map(one => [one.properties.code, one.properties.n])))"""
BOUNDS = """() => {
    const box = window.leafletMap.getBounds();
    return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
}"""
# A symbol is drawn as soon as a part of it is in the view. Units: degrees, at the nearest scale.
EDGE = 0.001
# The whole country is in the tiles of this view, on a laptop.
WHOLE = [118.0, -2.5, 4]

VIEWS = (
    ("pusdatin_verifier", LAPTOP, "id", {}),
    ("verifier", LAPTOP, "en", {"region": REGENCY}),
    ("pusdatin_verifier", PHONE, "id", {}),
    ("verifier", PHONE, "en", {"region": REGENCY}),
)


@pytest.fixture
def country(real_data, person) -> None:
    """The national layer in force, with its outlines, and proposals all over it."""
    cache.clear()
    with as_role("owner"):
        for model in (Boundary, BoundaryEdition):  # the toy country lies in the same place
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        path = real_data / "boundaries" / "batas_desa_nasional.gpkg.zip"
        edition = _national.load_boundaries(path, "BIG 2026-01")
        job = _national.build_outlines(edition)
        assert job.status == Job.Status.DONE, (job.message_code, job.message_params)
    officer = person("regency_officer", region=REGENCY)
    batch = factory.batch(officer, region="ID", status="submitted", file_name="usulan_nov.csv")
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(PROPOSE, {"batch": batch.pk, "regency": f"{REGENCY}.%"})


def test_every_scale_shows_names_and_proposals_and_fits(country, as_person, shot, figure):
    wrong = []
    for role, size, language, where in VIEWS:
        page = as_person(role, size, language, **where)
        name = f"{role}-{'laptop' if size is LAPTOP else 'phone'}"
        began = time.monotonic()
        page.goto(f"{LIST}&view=map" if size is PHONE else LIST)
        page.evaluate(DRAWN)
        seconds = time.monotonic() - began
        figure(f"map and list drawn by software, nothing cached, {name}", seconds, "s")
        drawn(page)
        page.locator("#vector-map").scroll_into_view_if_needed()  # on a phone it begins far below
        shot(page, f"{name}-0-opened")
        wrong += _missing(page, size, f"{name} opened", "")
        for number, (scale, (level, (lat, lng), zoom)) in enumerate(SCALES.items(), 1):
            page.evaluate(CLOSER, [lng, lat, zoom])
            page.wait_for_timeout(300)
            drawn(page)
            shot(page, f"{name}-{number}-{scale}")
            wrong += _missing(page, size, f"{name} {scale}", level)
        if size is LAPTOP:
            wrong += _sum_of_counts(page, name)
            page.locator("#ws-rows tbody th a").first.click()
            settled(page)
            drawn(page)
            shot(page, f"{name}-4-evidence")
        page.context.close()
    assert wrong == []


def _missing(page: Page, size: dict[str, int], view: str, level: str) -> list[str]:
    """What a view lacks: names of its regions, proposals; or what runs over its edge."""
    found = [f"{view}: {one}" for one in too_wide(page, size)]
    if level and not page.evaluate(NAMES, level):
        found.append(f"{view}: no names")
    counts, points = page.evaluate(COUNTS), set(page.evaluate(POINTS))
    if not counts and not points:
        found.append(f"{view}: no proposals")
    region = REGENCY if " opened" not in view and not view.startswith("pusdatin") else ""
    for code, number in counts:
        if (listed := _listed(village__code__startswith=code)) != number:
            found.append(f"{view}: {number} counted in {code}, {listed} in the list")
    if points:
        west, south, east, north = page.evaluate(BOUNDS)
        edge = Box(west + EDGE, south + EDGE, east - EDGE, north - EDGE).polygon()
        around = Box(west - EDGE, south - EDGE, east + EDGE, north + EDGE).polygon()
        found += [f"{view}: a point is not drawn"] * (not _ids(region, edge) <= points)
        found += [f"{view}: a point too many"] * (not points <= _ids(region, around))
    return found


def _sum_of_counts(page: Page, view: str) -> list[str]:
    """The country's counts are all that the list says to have a point."""
    page.evaluate(CLOSER, WHOLE)
    page.wait_for_timeout(300)
    drawn(page)
    counted = sum(number for _code, number in page.evaluate(COUNTS))
    said = re.sub("[.,]", "", page.locator(".ws-legend .shown b").first.inner_text())
    return [] if counted == int(said) else [f"{view}: {counted} counted, {said} in the list"]


def _listed(**region: str) -> int:
    with as_role("owner"):
        return Proposal.objects.filter(location__isnull=False, **region).count()


def _ids(region: str, within: Polygon) -> set[int]:
    with as_role("owner"):
        rows = Proposal.objects.filter(village__code__startswith=region, location__within=within)
        return set(rows.values_list("pk", flat=True))
