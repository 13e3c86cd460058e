"""The demo's file about identity tells what the comparison with the register found."""

from __future__ import annotations

import pytest

from apps.accounts.roles import Role
from apps.demo import country, identities
from apps.demo.stage import Stage
from apps.proposals.models import Batch, Proposal
from apps.regions.models import Region
from tests import workers
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals.registered import registered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.long
def test_a_stranger_is_held_an_explained_one_waits_a_slip_and_a_move_are_told(person, tmp_path):
    for serial in range(9001, 9005):
        registered(serial, programme="PKH")
    villages = {code: place for code, place in country.villages().items() if code.startswith(OWN)}
    stage = Stage(
        regency=Region.objects.get(pk=OWN),
        villages=villages,
        offices={},
        folder=tmp_path,
        secrets={},
        people={Role.REGENCY_OFFICER: person("regency_officer")},
    )
    said: list[str] = []
    with workers.worker(), as_role("worker"):
        first = identities.leave(stage, say=said.append, show=None)
        again = identities.leave(stage, say=lambda _words: None, show=None)
    assert again == first
    held, explained, slip, moved = said[1:]
    assert "held: somebody else is registered" in held
    assert "probably another person, decided by itself; differs: name, mother_name" in explained
    assert "the same person; differs: name" in slip
    assert "the same person; differs: village, address, location" in moved
    with as_role("owner"):
        assert Batch.objects.get().counts["held"] == 1
        assert set(Proposal.objects.values_list("status", flat=True)) == {"submitted"}
