"""`manage.py grant`, as an operator at the machine runs it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Grant, User
from apps.audit.models import Action, Entry

pytestmark = pytest.mark.django_db
NIK = "9701010101779001"


@pytest.fixture
def run(role):
    def call(*args):
        out = StringIO()
        with role("worker"):
            call_command("grant", *args, "--nik", NIK, stdout=out)
        return out.getvalue()

    return call


def test_the_command_creates_the_user_and_shows_the_password_once(run):
    shown = json.loads(run("budi", "verifier", "97.01", "--create", "--json").splitlines()[-1])
    assert User.objects.get(username="budi").check_password(shown["password"])
    assert (shown["role"], shown["region"]) == ("verifier", "97.01")


def test_a_user_who_exists_keeps_the_password(run):
    run("budi", "determiner", "ID", "--create")
    before = User.objects.get(username="budi").password
    assert "Password" not in run("budi", "steward", "ID", "--create")
    assert User.objects.get(username="budi").password == before


def test_the_last_day_is_a_whole_day_in_the_portals_zone(run):
    run("budi", "verifier", "97.01", "--create", "--until", "2027-03-31")
    assert Grant.objects.get().active_until.isoformat() == "2027-03-31T17:00:00+00:00"


@pytest.mark.parametrize(
    "args",
    [("nobody", "verifier", "97.01"), ("budi", "king", "97.01", "--create")]
    + [("budi", "verifier", "97.99", "--create"), ("budi", "verifier", "97", "--create")],
)
def test_a_refusal_exits_with_2_and_changes_nothing(run, args):
    with pytest.raises(CommandError) as refused:
        run(*args)
    assert refused.value.returncode == 2
    assert len(str(refused.value)) > 20
    assert not User.objects.exists()


def test_the_entry_says_that_it_came_from_the_machine(run):
    run("budi", "verifier", "97.01", "--create")
    entry = Entry.objects.get(action=Action.GRANT)
    assert (entry.actor, entry.actor_name) == ("system", "manage.py grant")
