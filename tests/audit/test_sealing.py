"""Sealing committed entries, and the anchors outside the database."""

import json
import stat
import sys
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.audit import anchors, record, restores, verify
from apps.audit.models import Action, Entry, Seal
from apps.audit.seal import seal_entries
from apps.audit.subjects import Subject
from apps.common.errors import DomainError
from portal import tasks
from tests.accounts.races import race
from tests.audit.conftest import anchor_as_worker


@pytest.mark.django_db
def test_each_entry_has_one_place_without_gaps(write, seal):
    write(7)
    assert seal() == 7
    assert seal() == 0
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [
        *range(1, 8)
    ]


@pytest.mark.django_db
def test_more_than_one_round_is_sealed_whole(write, seal, monkeypatch):
    monkeypatch.setattr("apps.audit.seal.AT_A_TIME", 3)
    write(10)
    assert seal() == 10


@pytest.mark.django_db
def test_an_entry_that_commits_late_with_a_lower_id_is_sealed_last(write, seal, role):
    """As a long transaction does: its id is older than others that were sealed before it."""
    ids = [entry.pk for entry in write(3)]
    with role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT setval('audit_entry_id_seq', %s)", [ids[-1] + 50])
    write(2)
    seal()
    late = Entry.objects.create(
        id=ids[-1] + 1, at=timezone.now(), action=Action.RUN, actor="system"
    )
    assert seal() == 1
    assert Seal.objects.order_by("position").last().entry_id == late.pk
    with role("worker"):
        assert verify.verify(now=timezone.now()).is_sound


@pytest.mark.django_db
def test_entries_with_every_kind_of_text_verify(seal, role):
    record.entry(Action.READ, reason="a\nb\tc", number=1.5, nested={"b": [1, None, True], "a": "é"})
    with record.acting(address="2001:db8::1", request_id="r" * 64):
        record.entry(Action.READ)
    seal()
    with role("worker"):
        assert verify.verify(now=timezone.now()).is_sound


def write_and_seal_at_once(role, writers, each):
    """Many writers while two sealers run; returns the seconds until everything was sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_web")

    def write():
        for number in range(each):
            record.entry(Action.READ, about=Subject(f"registry.Person:{number}"))

    def seal():
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE portal_worker")
        for _ in range(20):
            seal_entries()

    started = time.perf_counter()
    results = race([write] * writers + [seal] * 2)
    assert results == [None] * (writers + 2)
    with role("worker"):
        seal_entries()
        seconds = time.perf_counter() - started
        report = verify.verify(now=timezone.now())
    assert report.problems == []
    assert (report.entries, report.unsealed) == (writers * each, 0)
    return seconds


def test_eight_writers_at_once_make_one_chain_without_a_fork(transactional_db, role):
    """Entries commit in any order while they are sealed."""
    write_and_seal_at_once(role, writers=8, each=200)


@pytest.mark.scale
def test_thirty_two_writers_write_five_hundred_entries_a_second(transactional_db, role, capsys):
    seconds = write_and_seal_at_once(role, writers=32, each=1_000)
    with capsys.disabled():
        sys.stdout.write(f"audit: 32 x 1,000 entries written and sealed in {seconds:.1f} s\n")
    assert 32_000 / seconds >= 500


# --- anchors ---


@pytest.mark.django_db
def test_an_anchor_holds_the_head_of_the_chain(trail):
    lines = anchors.read()
    assert [(line.position, line.entries) for line in lines] == [(10, 10), (20, 20)]
    assert lines[1].digest == bytes(Seal.objects.get(position=20).digest).hex()
    assert lines[1].previous == lines[0].code
    assert anchors.first_false(lines) is None


@pytest.mark.django_db
def test_the_anchors_are_readable_to_their_owner_alone(trail):
    assert stat.S_IMODE(anchors.path().stat().st_mode) == 0o600
    assert stat.S_IMODE(anchors.path().parent.stat().st_mode) == 0o700


@pytest.mark.django_db
def test_an_unchanged_head_is_anchored_once(trail, role):
    assert anchor_as_worker(role) is None
    assert len(anchors.read()) == 2


@pytest.mark.django_db
def test_an_empty_trail_has_no_anchor_and_is_sound(role):
    assert anchor_as_worker(role) is None
    with role("worker"):
        assert verify.verify(now=timezone.now()).is_sound


@pytest.mark.django_db
def test_old_anchors_verify_after_the_key_was_changed(trail, settings, write, seal, role):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50
    write(1)
    seal()
    anchor_as_worker(role)
    assert anchors.first_false(anchors.read()) is None
    settings.SECRET_KEY_FALLBACKS = []
    assert anchors.first_false(anchors.read()) == 0


@pytest.mark.django_db
def test_the_tasks_seal_and_anchor_and_do_nothing_the_second_time(write, role):
    write(3)
    with role("worker"):
        for _ in range(2):
            tasks.seal()
            tasks.anchor()
    assert Seal.objects.count() == 3
    assert [line.position for line in anchors.read()] == [3]


@pytest.mark.django_db
@pytest.mark.parametrize("action", [Action.DECIDE, Action.GRANT, Action.REVOKE, Action.EXPORT])
def test_a_decision_a_grant_or_an_export_is_anchored_with_its_sealing(trail, role, action, write):
    write(2)
    record.entry(action)
    with role("worker"):
        tasks.seal_at_once()
        tasks.seal_at_once()
    assert [line.position for line in anchors.read()] == [10, 20, 23]
    write(2)
    with role("worker"):
        tasks.seal()
    assert len(anchors.read()) == 3, "what was only read waits for the next anchor"
    assert anchors.read_head().position == 25


@pytest.mark.django_db
def test_the_sealer_is_rung_once_after_the_commit_of_decisions(
    monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(record, "at_once", [lambda: rung.append(1)])
    with django_capture_on_commit_callbacks(execute=True):
        record.entry(Action.DECIDE)
        record.entries(Action.DECIDE, [(Subject("a.B:1"), {})])
        record.entry(Action.READ)
        assert rung == []
    assert rung == [1]
    with django_capture_on_commit_callbacks(execute=True):
        record.entry(Action.READ)
    assert rung == [1]


# --- a restore, acknowledged ---


def older_copy(malice, trail):
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[11]}",
        "DELETE FROM audit_seal WHERE position > 12",
    )


@pytest.mark.django_db
def test_an_acknowledged_restore_is_reported_and_raises_no_alarm(
    trail, malice, role, write, seal, capsys
):
    older_copy(malice, trail)
    write(15)
    seal()
    with role("worker"):
        with pytest.raises(CommandError, match="recomputed, or an older copy"):
            call_command("verify_audit")
        with pytest.raises(CommandError, match="--by"):
            call_command("verify_audit", restored="20261128-F")
        call_command("verify_audit", restored="20261128-F", by="Sri", reason="cakram rusak")
        said = capsys.readouterr().out
        assert "Restored from 20261128-F" in said
        assert "Sri" in said
        write(1)
        tasks.anchor()
        call_command("verify_audit", "--json")
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["ok"], result["restores"]) == (True, 1)
    entry = Entry.objects.get(subject="audit.Restore")
    assert (entry.actor_name, entry.reason) == ("Sri", "cakram rusak")


@pytest.mark.django_db
def test_a_backup_with_unsealed_entries_can_be_acknowledged(trail, malice, role, write):
    """The restore may come hours after the backup."""
    older_copy(malice, trail)
    write(2)
    later = timezone.now() + timedelta(hours=2)
    with role("worker"):
        restores.acknowledge(by="Sri", reason="cakram rusak", backup="20261128-F", now=later)
        assert verify.verify(now=later).is_sound


@pytest.mark.django_db
def test_a_backup_whose_head_is_not_in_the_chain_is_not_acknowledged(trail, malice, role):
    older_copy(malice, trail)
    with role("worker"), pytest.raises(DomainError, match="^chain_rewritten$"):
        restores.acknowledge(
            by="Sri",
            reason="cakram rusak",
            backup="20261128-F",
            now=timezone.now(),
            head=restores.Head(11, "0" * 64),
        )


@pytest.mark.django_db
def test_an_acknowledged_restore_covers_no_later_cut(trail, malice, role, write, capsys):
    older_copy(malice, trail)
    with role("worker"):
        call_command("verify_audit", restored="20261128-F", by="Sri", reason="cakram rusak")
        write(3)
        tasks.seal()
    malice(
        f"DELETE FROM audit_entry WHERE id = {Entry.objects.latest('id').pk}",
        "DELETE FROM audit_seal WHERE position = (SELECT max(position) FROM audit_seal)",
    )
    with role("worker"), pytest.raises(CommandError, match="missing"):
        call_command("verify_audit")


@pytest.mark.django_db
def test_damage_that_a_restore_does_not_explain_is_not_acknowledged(trail, malice, role, capsys):
    older_copy(malice, trail)
    malice(f"UPDATE audit_entry SET actor = 'user:77' WHERE id = {trail[6]}")
    with role("worker"), pytest.raises(CommandError, match="does not come from a restore"):
        call_command("verify_audit", restored="20261128-F", by="Sri", reason="cakram rusak")
    assert len(anchors.read()) == 2


# --- the command ---


@pytest.mark.django_db
def test_the_command_reports_an_unchanged_trail(trail, role, capsys):
    with role("worker"):
        call_command("verify_audit", "--json")
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["ok"], result["sealed"], result["anchors"]) == (True, 20, 2)
    assert result["first_bad"] is None


@pytest.mark.django_db
def test_the_command_exits_with_2_and_names_the_first_bad_entry(trail, malice, role, capsys):
    malice(f"UPDATE audit_entry SET actor = 'user:77' WHERE id = {trail[6]}")
    with role("worker"), pytest.raises(CommandError) as refused:
        call_command("verify_audit", "--json")
    assert refused.value.returncode == 2
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["ok"] is False
    assert result["first_bad"]["entry"] == trail[6]
    assert str(trail[6]) in result["first_bad"]["text"]
