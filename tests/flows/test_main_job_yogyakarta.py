"""The same way by commands, on the real villages of Yogyakarta: layer, batch, decree, register."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from apps.accounts.models import User
from apps.demo import batches
from apps.demo import boundaries as layout
from apps.proposals.models import Batch, Decree, HeldRow, Proposal, Verdict
from apps.proposals.review import decisions
from apps.proposals.selection import Selection
from apps.proposals.steps import Step
from apps.regions.models import Boundary, BoundaryEdition, Region
from apps.regions.tree import PACKAGE
from apps.registry.models import Person
from tests import base
from tests.conftest import as_role
from tests.flows.steps import events_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SLEMAN, VILLAGES_OF_SLEMAN = "34.04", 86
ROWS, SEED = 500, 34
EDITION, NUMBER = "RBI Yogyakarta", "34/HUK/2026"


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """Run a command as the worker's role, with nobody else to do its job; its JSON."""

    def run(*arguments: Any, **options: Any) -> dict[str, Any]:
        out = io.StringIO()
        with as_role("worker"):
            call_command(*arguments, "--json", stdout=out, **options)
        answer: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
        return answer

    return run


@pytest.fixture
def no_toys() -> Iterator[None]:
    """The toy country lies where Yogyakarta is: its boundaries are out of force."""
    with as_role("owner"):
        Boundary.objects.update(is_current=False)
        BoundaryEdition.objects.update(status=BoundaryEdition.Status.SUPERSEDED)
    yield


@pytest.fixture
def villages(run, no_toys, real_data) -> dict[str, shapely.Geometry]:
    """The tree of the whole country, the layer in force; the polygons as they were stored."""
    if not (Path(settings.BASE_DIR) / PACKAGE).is_dir():
        pytest.skip("the package with the region codes is not installed (make setup)")
    tree = run("import_regions")
    assert tree["regions"] > 90_000
    layer = real_data / "boundaries" / "batas_desa_34.gdb.zip"
    told = run(
        "import_boundaries", layer, "--activate", "--edition", EDITION, published="2023-09-28"
    )
    assert told["read"] == told["stored"] + told["refused"] + told["unknown_codes"]
    assert told["changed"] == told["stored"]
    with as_role("owner"):
        rows = Boundary.objects.filter(is_current=True).values_list("region_id", "boundary")
        return {code: shapely.from_wkb(bytes(shape.wkb)) for code, shape in rows}


@pytest.fixture
def people(villages, person) -> dict[str, User]:
    chain = ("regency_officer", "verifier", "head_of_office", "pusdatin_verifier", "determiner")
    with as_role("owner"):
        base.evidence([code for code in villages if code.startswith(SLEMAN)])
    return {role: person(role, SLEMAN) for role in chain}


def written(folder: Path, villages: dict[str, shapely.Geometry]) -> tuple[Path, list[Any]]:
    with as_role("owner"):
        tree = Region.objects.under("34").filter(valid_until__isnull=True).order_by("code")
        regions = [layout.region(row.code, row.name) for row in tree]
    path = folder / "usulan_sleman.csv"
    truth = batches.write_batch(
        path, villages, ROWS, SEED, regions=regions, offices={}, scope=SLEMAN
    )
    return path, truth


def decide(step: Step, by: User, batch: Batch) -> int:
    """Everything of a batch that is open to a step, as the bulk page does it."""
    chosen = Selection(batch=batch.pk)
    with as_role("worker"):
        shown = decisions.preview(selection=chosen, step=step, by=by)
        done = decisions.decide_many(
            selection=chosen, step=step, by=by, now=timezone.now(), expected=shown.total
        )
    assert done.decided == shown.decidable
    return done.decided


@pytest.mark.long
def test_a_file_of_sleman_becomes_register_by_commands(run, villages, people, tmp_path):
    assert sum(code.startswith(SLEMAN) for code in villages) == VILLAGES_OF_SLEMAN
    path, truth = written(tmp_path, villages)
    officer = people["regency_officer"].username
    told = run("import_batch", path, "--as", officer, "--submit")
    wrong = sum(one.is_wrong for one in truth)
    assert (told["rows"], told["ready"], told["held"]) == (ROWS, ROWS - wrong, wrong)
    assert run("import_batch", path, "--as", officer)["batch"] == told["batch"]
    with as_role("owner"):
        batch = Batch.objects.get(pk=told["batch"])
    agrees_with_shapely(batch, villages, truth)
    the_result_has_every_row(run, batch, truth, tmp_path)
    passed = decide(Step.VERIFY, people["verifier"], batch)
    assert passed > ROWS / 2
    assert decide(Step.ENDORSE, people["head_of_office"], batch) == passed
    assert decide(Step.ACCEPT, people["pusdatin_verifier"], batch) == passed
    answer = run(
        *("determine", "--as", people["determiner"].username, "--decree", NUMBER),
        *("--reason", "Dukcapil belum dapat ditanya."),
        date="2026-11-24",
        region=SLEMAN,
    )
    assert answer["determined"] == passed
    the_register_has_them(passed)


def agrees_with_shapely(
    batch: Batch, villages: dict[str, shapely.Geometry], truth: list[Any]
) -> None:
    """Every stored point against the polygons by another library; every verdict as planned."""
    with as_role("owner"):
        rows: list[Any] = [*Proposal.objects.filter(batch=batch).exclude(location=None)]
        rows += HeldRow.objects.filter(batch=batch).exclude(location=None)
    planned = {one.row: one for one in truth}
    looked_at = Counter[str]()
    for row in rows:
        claimed = getattr(row, "village_id", None) or row.village_code
        if claimed not in villages or not row.verdict:
            continue
        point = shapely.Point(row.location.x, row.location.y)
        is_inside = villages[claimed].covers(point)
        assert (row.verdict == Verdict.INSIDE) == is_inside, (row, claimed)
        if planned[row.row_number].verdict and "village_bps" not in planned[row.row_number].faults:
            assert row.verdict == planned[row.row_number].verdict, (row, claimed)
        looked_at[row.verdict] += 1
    assert sum(looked_at.values()) > ROWS * 0.9
    assert {"inside", "near_border", "neighbour", "elsewhere"} <= set(looked_at)


def the_result_has_every_row(
    run: Callable[..., Any], batch: Batch, truth: list[Any], folder: Path
) -> None:
    path = folder / "hasil.csv"
    assert run("export_batch", batch.pk, out=path)["rows"] == ROWS
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["row"]) for line in lines] == [one.row for one in truth]
    held = {int(line["row"]) for line in lines if line["status"] == "held"}
    assert held == {one.row for one in truth if one.is_wrong}


def the_register_has_them(passed: int) -> None:
    with as_role("owner"):
        decree = Decree.objects.get(number=NUMBER)
        niks = set(Proposal.objects.filter(decree=decree).values_list("nik", flat=True))
        persons = Person.objects.filter(change=decree.change)
        assert set(persons.values_list("nik", flat=True)) == niks
        assert {code[:5] for code in persons.values_list("village_id", flat=True)} == {SLEMAN}
        numbers = persons.values_list("pk", flat=True)
        assert sorted(events_of("person")) == sorted((pk, decree.change_id) for pk in numbers)
        content = (Path(settings.MEDIA_ROOT) / decree.annex_csv.name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == decree.annex_csv_sha256
    assert len(content.splitlines()) == passed + 1
