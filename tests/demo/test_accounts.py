"""The demo has an account for each role, each of a known, made-up person; twice adds nothing."""

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.text.identity import nik_fault
from apps.demo import country, stage
from apps.regions.models import Region
from tests.conftest import as_role
from tests.personas import OWN

pytestmark = pytest.mark.django_db


def test_each_role_has_an_account_of_a_person(tmp_path):
    play = stage.Stage(
        regency=Region.objects.get(pk=OWN),
        villages=dict.fromkeys(country.CODES.values()),
        offices={},
        folder=tmp_path,
        secrets={"password": "tangga-biru-lompat-kertas"},
    )
    roles = [role for role in Role if role != Role.AGENCY]
    with as_role("owner"):
        for _visit in range(2):
            for role in roles:
                stage._account(role, play)
        users = list(User.objects.filter(username__startswith="demo-"))
    assert len(users) == len(roles)
    assert {nik_fault(user.nik) for user in users} == {""}
    assert all(int(user.nik[-4:]) > 9000 for user in users)
    assert not connection.needs_rollback
