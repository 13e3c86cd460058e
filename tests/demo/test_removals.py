"""The demo's file of removals and corrections tells what became of each row."""

from __future__ import annotations

import pytest

from apps.accounts.roles import Role
from apps.demo import country, removals
from apps.demo.stage import Stage
from apps.proposals.models import Batch, Proposal
from apps.regions.models import Region
from tests import workers
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals.registered import registered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.long
def test_what_is_proved_is_submitted_and_what_is_not_is_held(person, tmp_path):
    for serial in range(9001, 9001 + removals.AFTER + len(removals.REQUESTS)):
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
        first = removals.leave(stage, say=said.append, show=None)
        again = removals.leave(stage, say=lambda _words: None, show=None)
    assert again == first
    died, moved, able, place, address, unproved, unchanged = said[1:]
    assert "submitted: removal, deceased" in died
    assert "submitted: removal, moved" in moved
    assert "submitted: removal, able" in able
    assert "submitted: correction, birth_place, occupation" in place
    assert "submitted: correction, address, rt" in address
    assert "held: evidence_missing, reason_date_missing" in unproved
    assert "held: nothing_changes" in unchanged
    with as_role("owner"):
        assert Batch.objects.get().counts["held"] == 2
        assert set(Proposal.objects.values_list("status", flat=True)) == {"submitted"}
