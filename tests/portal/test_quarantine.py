"""A database that is not the folder's own, or suspiciously many files without a row: nothing goes.

What goes waits 30 days, and comes back when a row names it.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.audit import ownership, record
from apps.audit.models import Action, Entry, Installation
from apps.audit.seal import seal_entries
from apps.common.files import quarantine
from apps.proposals.models import Batch
from apps.proposals.upload import upload_parts
from portal.operations import leftovers
from portal.tasks import tidy
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db
AGO = timedelta(hours=25)


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def worker():
    with as_role("worker"):
        yield


def put(media: Path, name: str) -> Path:
    path = media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"berkas")
    written = (timezone.now() - AGO).timestamp()
    os.utime(path, (written, written))
    return path


@pytest.fixture
def evidence(media, person):
    """Eighteen protected files, seventeen of which rows name; a day old."""
    officer = person("regency_officer")
    for _number in range(17):
        batch = factory.batch(officer)
        batch.file.save("usulan.csv", ContentFile(b"berkas"))
        put(media, batch.file.name)
    put(media, "batches/" + "0" * 32)
    return media


def files_in_place(media: Path) -> int:
    return sum(path.is_file() for path in (media / "batches").iterdir())


def put_aside(media: Path) -> int:
    folder = media / "quarantine"
    return sum(path.is_file() for path in folder.rglob("*")) if folder.exists() else 0


def emptied() -> None:
    """As a database that was made anew: it names no file, and has an identity of its own."""
    with as_role("owner"):
        Batch.objects.all().delete()
        Installation.objects.all().delete()


def test_one_of_eighteen_goes_to_the_quarantine(evidence):
    tidy()
    assert (files_in_place(evidence), put_aside(evidence)) == (17, 1)
    assert leftovers.stop() is None


def test_an_empty_database_moves_nothing(evidence):
    tidy()
    emptied()
    tidy()
    assert files_in_place(evidence) == 17
    assert leftovers.stop().code == "other_database"


def test_an_empty_database_moves_nothing_out_of_a_folder_that_says_not_whose_it_is(evidence):
    emptied()
    tidy()
    assert (files_in_place(evidence), put_aside(evidence)) == (18, 0)
    assert leftovers.stop().code == "unclaimed"
    assert ownership.read() is None


def test_a_database_older_than_the_files_moves_nothing(evidence):
    record.entry(Action.RUN)
    seal_entries()
    tidy()
    with as_role("owner"), connection.cursor() as cursor:
        for table in ("audit_seal", "audit_entry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        Batch.objects.all().delete()
    tidy()
    assert files_in_place(evidence) == 17
    assert leftovers.stop().code == "older_database"


def test_a_copy_on_another_server_moves_nothing(evidence):
    tidy()
    mark = json.loads(ownership.path().read_text())
    ownership.path().write_text(json.dumps(mark | {"place": "7000000000000000000/00000001/5"}))
    Batch.objects.filter(pk=Batch.objects.first().pk).update(file="")
    tidy()
    assert files_in_place(evidence) == 17
    assert leftovers.stop().code == "other_place"


def test_a_mark_that_cannot_be_read_moves_nothing(evidence):
    ownership.path().write_text("{")
    tidy()
    assert files_in_place(evidence) == 18
    assert leftovers.stop().code == "mark_unreadable"


def test_more_than_a_fifth_at_once_moves_nothing(evidence):
    tidy()
    Batch.objects.filter(pk__in=Batch.objects.values("pk")[:11]).update(file="")
    tidy()
    assert files_in_place(evidence) == 17
    assert leftovers.stop().params == {"going": 11, "whole": 17}


def test_uploads_in_parts_are_safe_from_a_strange_database(media):
    ownership.claim(now=timezone.now())
    stray = put(media, "uploads/" + "f" * 32)
    with as_role("owner"):
        Installation.objects.all().delete()
    assert upload_parts.sweep(now=timezone.now()) == 0
    assert stray.exists()


def test_the_status_page_tells_of_the_stop_until_a_round_goes_through(evidence, signed_in):
    browser = signed_in("administrator")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "files-alarm" not in browser.get("/status/").content.decode()
    named = list(Batch.objects.values_list("pk", "file"))
    tidy()
    Batch.objects.update(file="")
    tidy()
    assert "No row names 17 of 17 files" in browser.get("/status/").content.decode()
    for pk, file in named:
        Batch.objects.filter(pk=pk).update(file=file)
    tidy()
    assert "files-alarm" not in browser.get("/status/").content.decode()


def test_a_file_that_a_row_names_again_is_restored(evidence):
    tidy()
    one = Batch.objects.order_by("pk").last()
    name = one.file.name
    Batch.objects.filter(pk=one.pk).update(file="")
    tidy()
    assert not (evidence / name).exists()
    Batch.objects.filter(pk=one.pk).update(file=name)
    tidy()
    assert (evidence / name).read_bytes() == b"berkas"


def test_the_quarantine_ends_after_thirty_days(evidence):
    tidy()
    now = timezone.now()
    leftovers.files(now=now + timedelta(days=30))
    assert put_aside(evidence) == 1
    leftovers.files(now=now + timedelta(days=31))
    assert put_aside(evidence) == 0


def test_a_strange_database_does_not_end_the_quarantine(evidence):
    tidy()
    emptied()
    leftovers.files(now=timezone.now() + timedelta(days=40))
    assert put_aside(evidence) == 1


def test_two_files_of_one_name_on_one_day_are_both_kept(media):
    for _time in range(2):
        quarantine.put_aside(put(media, "returned/a.csv"), now=timezone.now())
    assert put_aside(media) == 2


def told(**options: object) -> str:
    out = StringIO()
    call_command("tidy", stdout=out, **options)
    return out.getvalue()


def test_an_operators_confirmation_is_recorded(evidence):
    emptied()
    tidy()
    assert "18 files, 18 that no row names" in told()
    assert "does not say whose" in told()
    with pytest.raises(CommandError, match="--by"):
        told(confirm=True)
    assert files_in_place(evidence) == 18
    assert "18 put aside" in told(confirm=True, by="Sri Operator", reason="dipasang ulang")
    assert (files_in_place(evidence), put_aside(evidence)) == (0, 18)
    assert leftovers.stop() is None
    entry = Entry.objects.get(action=Action.CHANGE, subject="audit.Installation:1")
    assert (entry.actor_name, entry.reason) == ("Sri Operator", "dipasang ulang")
