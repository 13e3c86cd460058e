"""Three regencies with one object of every kind, and the visitors who ask for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from apps.accounts.models import Client
from apps.accounts.roles import Role
from tests.access.objects import made_in, sent_by
from tests.access.visitors import ANONYMOUS, REGIONS, Visitor, token_of
from tests.conftest import as_role
from tests.maps.tiles import outlined
from tests.personas import CLIENT_SECRET, OWN, persona

Objects = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def objects(lasting: Callable[[], AbstractContextManager[None]]) -> Objects:
    """Regency → kind → key."""
    with lasting():
        made = {region: made_in(region) for region in REGIONS}
        layer = f"boundaries-{outlined()}"
        for kinds in made.values():
            kinds["layer"] = layer
            kinds["sent"] = sent_by(Client.objects.get(pk=kinds["client"])).pk
    return made


@pytest.fixture
def visitor(objects: Objects) -> Callable[[str], Visitor]:
    """`visitor("verifier")`: that persona of the own regency."""

    def make(name: str) -> Visitor:
        if name == ANONYMOUS:
            return Visitor()
        if name == Role.AGENCY:
            client = Client.objects.get(pk=objects[OWN]["client"])
            return Visitor(token=token_of(client, CLIENT_SECRET))
        with as_role("owner"):
            user = persona(name)
        return Visitor(user)

    return make
