"""The demo's preparation: minimum levels, flood-prone zones, how far villages are from stock.

Everything is found again at a second run. The zones are made up; the file says so.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from shapely.geometry import mapping

from apps.audit.subjects import command
from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.models import Facility, Good
from apps.commandcentre.resources import minimum_levels
from apps.commandcentre.states import HazardKind
from apps.commandcentre.zones import zone_files
from apps.commandcentre.zones.zone_files import ZoneFile
from apps.common import tabular
from apps.demo import working
from apps.demo.stage import Stage

BY: Final = command("demo")
ZONES: Final = "Rawan banjir (contoh, dibuat untuk demo)"
# Reference of a store, good, least quantity: some are reached, some are not.
MINIMUMS: Final = (
    ("demo-lumbung-1", "rice", 5_000),
    ("demo-lumbung-1", "blanket", 400),
    ("demo-lumbung-2", "family_kit", 100),
    ("demo-gudang", "water", 50_000),
)
# Every so many villages is prone, with these classes in turn.
EVERY: Final = 4
CLASSES: Final = ("tinggi", "sedang", "rendah")


def prepare(stage: Stage, *, show: Any = None) -> None:
    """Set minimum levels, store zones, compute the coverage."""
    now = timezone.now()
    goods = {good.code: good for good in Good.objects.all()}
    stores = {store.reference: store for store in Facility.objects.exclude(reference="")}
    for reference, good, quantity in MINIMUMS:
        minimum_levels.set_minimum(
            facility=stores[reference], good=goods[good], quantity=quantity, by=BY, now=now
        )
    path = stage.folder / "rawan-banjir.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": mapping(shape),
            "properties": {"kelas": CLASSES[number % len(CLASSES)]},
        }
        for number, (_code, shape) in enumerate(sorted(stage.own.items())[::EVERY])
    ]
    with path.open("wb") as file:
        tabular.write_geojson(features, file)
    zones = ZoneFile(path, path.name, kind=HazardKind.FLOOD, name=ZONES)
    if zone_files.import_zones(zones, by=BY, now=now).is_new:
        working.done(village_coverage.enqueue_refresh(by=BY), show=show)
