"""The demo is started again on what people did with it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from apps.demo import story
from apps.demo.stage import SEED
from apps.proposals.models import Decree
from tests.base import NOW
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["in_force", "annulled"])
def test_a_decree_that_took_effect_is_not_determined_again(status, person):
    with as_role("owner"):
        known = Decree.objects.create(
            number=f"9701/DEMO/{SEED}",
            date=date(2026, 1, 31),
            region_id="97.01",
            status=status,
            user=person("determiner"),
            created_at=NOW,
        )
    stage = SimpleNamespace(regency=SimpleNamespace(code="97.01"))
    with as_role("owner"):
        assert story._determine(stage, pytest.fail, None) == known
