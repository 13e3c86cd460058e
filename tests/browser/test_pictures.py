"""The picture of the README: the demo on the map. Made only where PICTURES names a folder."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from django.core.management import call_command

from apps.casework.models import Cycle, Document
from apps.proposals.models import Batch
from apps.regions.models import Boundary, BoundaryEdition
from tests import workers
from tests.browser.map_tools import drawn
from tests.conftest import as_role

PICTURES = os.environ.get("PICTURES", "")
SIZE = {"width": 1366, "height": 860}
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not PICTURES, reason="PICTURES names no folder (make pictures)"),
]


def test_the_map_of_the_demo_is_the_picture_of_the_readme(as_person):
    with as_role("owner"):
        # the toy country's lines and month would be drawn beside the demo's
        for model in (Boundary, BoundaryEdition, Document, Cycle):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        with workers.worker():
            call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
        batch = Batch.objects.latest("rows_read")
    page = as_person("pusdatin_verifier", SIZE, "id")
    page.goto(f"/admin/proposals/proposal/?batch={batch.pk}")
    drawn(page)
    page.screenshot(path=Path(PICTURES) / "proposals-map.png")
