"""The demo's published figures: two made-up tables of two periods, imported as a planner would."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.utils import timezone

from apps.audit.subjects import command
from apps.demo import feature_layer
from apps.demo.stage import SEED, Say, Stage
from apps.indicators.figures import intake, reading
from apps.indicators.models import Release, Service
from apps.indicators.services import syncing

PERIODS: Final = ("2025", "2026")
SOURCE: Final = "Angka contoh, dibuat untuk demo"
HEADER: Final = ("Kode Wilayah", "P0", "Jumlah Penduduk Miskin")
# Residents of a village, made up.
RESIDENTS: Final = 3_000
VILLAGE_LENGTH: Final = 13
LAYER_FILE: Final = "layer.csv"
SERVICE: Final = "contoh-layanan"


def publish(stage: Stage, *, say: Say) -> list[Release]:
    """Import one table for each period; returns the releases in force that came of them."""
    say("Published figures of the province, made up, for two periods")
    for period in PERIODS:
        path = _write(stage, period)
        now, by = timezone.now(), command("demo")
        with path.open("rb") as file:
            kept = intake.keep(file, path.name)
        told = intake.Told(source=SOURCE, period=period, published_date=now.date())
        received = intake.receive_publication(kept, told, by=by, now=now)
        if received.is_to_be_read:
            reading.read_at_once(received.publication, by=by, now=now)
    return list(Release.objects.filter(source=SOURCE, is_current=True).order_by("pk"))


def serve(stage: Stage, *, say: Say) -> str:
    """Read made-up figures from the stand-in of an agency's feature layer, if it runs; returns what
    that gave.
    """
    port = os.environ.get("FEATURES_STANDIN", "")
    if not port:
        return ""
    say("Figures from a feature layer, by its stand-in")
    path = stage.folder / LAYER_FILE
    if not path.exists():
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("KDEPUM", "NAMOBJ", "P0E"))
            for region in stage.regions:
                share = random.Random(f"{SEED}e{region.code}").uniform(0.4, 4)  # noqa: S311
                if len(region.code) == VILLAGE_LENGTH:
                    writer.writerow((region.code, region.name, f"{share:.2f}"))
    service = Service.objects.filter(pk=SERVICE).first() or syncing.define_service(
        name=SERVICE,
        by=command("demo"),
        kind=Service.Kind.ARCGIS,
        url=f"http://127.0.0.1:{port}{feature_layer.LAYER}",
        source="Layanan contoh, dibuat untuk demo",
        period=PERIODS[-1],
        fields={"region_code": "KDEPUM", "village_name": "NAMOBJ"},
        values={"extreme_poverty_rate": "P0E"},
        page_size=50,
    )
    done = syncing.sync_service(service, by=command("demo"), now=timezone.now())
    if not done.asked and not done.code:
        return "nothing new"
    return f"{done.rows} rows in {done.asked} pages {done.code}".strip()


def _write(stage: Stage, period: str) -> Path:
    path = stage.folder / f"angka_{stage.regency.code.replace('.', '')}_{period}.csv"
    if not path.exists():
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADER)
            writer.writerows(_rows(stage, period))
    return path


def _rows(stage: Stage, period: str) -> Iterator[tuple[str, str, str]]:
    """Code, rate with a decimal comma, and people with dots, of each region of the province."""
    codes = [region.code for region in stage.regions]
    later = PERIODS.index(period)
    for code in codes:
        villages = sum(
            1 for other in codes if len(other) == VILLAGE_LENGTH and other.startswith(code)
        )
        if not villages:
            continue
        # the same region has nearly the same rate in each period
        rate = random.Random(f"{SEED}{code}").uniform(4, 26) - later * 0.8  # noqa: S311
        people = round(rate / 100 * RESIDENTS * villages)
        yield code, f"{rate:.2f}".replace(".", ","), f"{people:,}".replace(",", ".")
