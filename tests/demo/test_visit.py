"""The demo signs in as a browser does, and says which page it saw."""

import socket

import pytest

from apps.demo import visit
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_officers_pages_are_named(live_server, person, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    officer = person("regency_officer")
    seen = visit.titles(live_server.url, officer.username, PASSWORD, ["/", "/proposals/batches/"])
    assert all(title.endswith("Portal DTKS") for title in seen.values())
    assert seen["/proposals/batches/"].startswith("Berkas")


def test_a_wrong_password_is_said(live_server, person):
    with pytest.raises(visit.NoWayIn, match="is held at"):
        visit.titles(live_server.url, person("regency_officer").username, "wrong", ["/"])


def test_where_no_portal_runs_nothing_was_seen():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert visit.titles(f"http://127.0.0.1:{port}", "nobody", "wrong", ["/"]) == {}
