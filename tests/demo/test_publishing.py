"""The demo's published figures are in force for two periods, at every level of the province."""

from __future__ import annotations

import threading
from http.server import ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from apps.demo import country, feature_layer, publishing
from apps.indicators.models import Release
from apps.regions.models import Region
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


def test_the_made_up_tables_are_in_force_and_imported_once(tmp_path):
    regions = [region for region in country.regions() if region.code.startswith("97")]
    stage: Any = SimpleNamespace(
        folder=tmp_path, regency=Region.objects.get(pk="97.01"), regions=regions
    )
    with as_role("worker"):
        found = publishing.publish(stage, say=lambda _text: None)
        again = publishing.publish(stage, say=lambda _text: None)
    told = {(one.indicator_id, one.period, one.values_count) for one in found}
    assert told == {
        (code, period, len(regions))
        for code in ("poverty_rate", "poor_people")
        for period in ("2025", "2026")
    }
    assert [one.pk for one in again] == [one.pk for one in found]
    assert Release.objects.count() == 4


def test_the_stand_in_of_a_layer_is_read_in_pages(tmp_path, settings, monkeypatch):
    settings.SERVICE_STAND_IN_ALLOWED = True
    regions = [region for region in country.regions() if region.code.startswith("97")]
    stage: Any = SimpleNamespace(folder=tmp_path, regions=regions)
    monkeypatch.setattr(feature_layer.LayerHandler, "table", tmp_path / "layer.csv", raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), feature_layer.LayerHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("FEATURES_STANDIN", str(server.server_address[1]))
    try:
        with as_role("worker"):
            said = publishing.serve(stage, say=lambda _text: None)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert said == "8 rows in 1 pages"
    assert Release.objects.get(is_current=True).values_count == 8
