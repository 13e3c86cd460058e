"""A large batch is checked and stored over two connections, with the same outcome as over one."""

import subprocess
import sys

import pytest

from apps.demo import country
from apps.proposals.models import Batch, Finding, HeldRow, Proposal
from tests.conftest import as_role
from tests.proposals.sending import as_csv, check, receive, row
from tests.workers import ROOT, environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LARGE = """
import sys
import django
django.setup()
from apps.jobs import work
from apps.proposals.checks import batch_check
batch_check.BESIDE_FROM_ROWS = batch_check.PARTITION_FROM_ROWS = 2
work.run(int(sys.argv[1]), "proposals.check_batch")
"""
PLACE = ("row_number", "nik", "village", "verdict", "distance_m", "flags", "severity")


def rows():
    """Good ones, one with a letter in its NIK, one twice, one in the neighbouring village."""
    east, north = country.at("B", 0.4, 0.6)
    return [
        *[row(9001 + number) for number in range(20)],
        row(9030, nik="97010150058890O1"),
        row(9001),
        row(9040, longitude=f"{east:.6f}", latitude=f"{north:.6f}"),
    ]


def outcome(batch: Batch):
    with as_role("owner"):
        return {
            "counts": batch.counts,
            "proposals": list(
                Proposal.objects.filter(batch=batch).order_by("row_number").values_list(*PLACE)
            ),
            "held": list(HeldRow.objects.filter(batch=batch).values_list("row_number", "values")),
            "findings": sorted(
                Finding.objects.filter(batch=batch).values_list("row_number", "code", "severity")
            ),
        }


@pytest.mark.long
def test_two_connections_leave_what_one_leaves(person):
    officer = person("regency_officer")
    received = receive(as_csv(rows()), officer)
    command = [sys.executable, "-c", LARGE, str(received.job.pk)]
    subprocess.run(command, cwd=ROOT, env=environment(), check=True, timeout=60)
    with as_role("owner"):
        batch = Batch.objects.get(pk=received.batch.pk)
        large = outcome(batch)
        Proposal.objects.all().delete()
        Finding.objects.all().delete()
        HeldRow.objects.all().delete()
    small = check(receive(as_csv([*rows(), {}]), officer))
    assert (batch.partition > 0, small.partition) == (True, 0)
    assert large == outcome(small)
    assert large["counts"]["held"] == 2
