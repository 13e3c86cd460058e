"""The trail is changed in every way that its owner could; each one is found and named."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from apps.audit import anchors, verify
from apps.audit.models import Entry, Seal
from portal import tasks
from portal.operations import readiness
from tests.audit.conftest import RECOMPUTE, anchor_as_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(role):
    def run(**later):
        with role("worker"):
            return verify.verify(now=timezone.now() + timedelta(**later))

    return run


def first(report):
    assert report.first_bad is not None
    assert report.first_bad.text
    return report.first_bad.code, report.first_bad.position, report.first_bad.entry


def test_an_untouched_trail_is_sound(trail, check):
    report = check()
    assert report.problems == []
    assert (report.entries, report.unsealed, report.anchors) == (20, 0, 2)


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'lain'",
        "actor = 'user:99'",
        "actor_name = 'Orang lain'",
        "at = at - interval '1 second'",
        "at = at + interval '1 microsecond'",
        "action = 'search'",
        "subject = 'registry.Person:99'",
        "subject_name = 'x'",
        "region_code = '97.02'",
        "address = '10.9.9.9'",
        "request_id = 'x'",
        "details = '{\"a\": 1}'",
    ],
)
def test_1_an_edited_field_is_found(trail, malice, check, change):
    malice(f"UPDATE audit_entry SET {change} WHERE id = {trail[6]}")
    assert first(check()) == ("entry_changed", 7, trail[6])
    assert len(check().problems) == 1


def test_2_an_entry_deleted_in_the_middle_is_found(trail, malice, check):
    malice(f"DELETE FROM audit_entry WHERE id = {trail[6]}")
    assert first(check()) == ("entry_missing", 7, trail[6])


def test_2_an_entry_deleted_with_its_seal_is_found(trail, malice, check):
    malice(
        f"DELETE FROM audit_entry WHERE id = {trail[6]}",
        "DELETE FROM audit_seal WHERE position = 7",
    )
    assert first(check()) == ("seal_missing", 7, None)


def test_3_a_tail_cut_off_is_found(trail, malice, check):
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[15]}",
        "DELETE FROM audit_seal WHERE position > 16",
    )
    assert first(check()) == ("tail_cut", 17, None)


def test_3_a_cut_of_what_was_sealed_after_the_last_anchor_is_found(
    trail, malice, write, role, check
):
    write(5)
    with role("worker"):
        tasks.seal()
    assert len(anchors.read()) == 2
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[-1] + 2}",
        "DELETE FROM audit_seal WHERE position > 22",
    )
    assert first(check()) == ("tail_cut", 23, None)
    with role("worker"):
        tasks.seal()  # the next round does not hide it
    assert first(check()) == ("tail_cut", 23, None)


def test_3_a_cut_that_has_grown_again_is_found(trail, malice, write, role, check):
    write(5)
    with role("worker"):
        tasks.seal()
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[-1] + 2}",
        "DELETE FROM audit_seal WHERE position > 22",
    )
    write(9)
    with role("worker"):
        tasks.seal()
    code, position, _entry = first(check())
    assert (code, position) == ("chain_rewritten", 25)


def test_3_a_forged_head_is_found(trail, check):
    text = anchors.head_path().read_text()
    anchors.head_path().write_text(text.replace('"position": 20', '"position": 19'))
    assert check().first_bad == verify.Problem("anchor_false", what="head.json")


def test_4_everything_deleted_is_found(trail, malice, check):
    malice("DELETE FROM audit_entry", "DELETE FROM audit_seal")
    assert first(check()) == ("tail_cut", 1, None)


def test_5_everything_truncated_is_found(trail, malice, check):
    malice("TRUNCATE audit_entry, audit_seal")
    assert first(check()) == ("tail_cut", 1, None)


FORGED = """
INSERT INTO audit_entry (id, at, action, actor, actor_name, subject, subject_name, region_code,
                         reason, request_id, details)
SELECT {id}, now() - interval '{age}', action, actor, actor_name, subject, subject_name,
       region_code, reason, request_id, details FROM audit_entry WHERE id = {like}
"""


def test_6_an_inserted_entry_is_found_before_it_is_sealed(trail, malice, check):
    forged = FORGED.format(id=trail[-1] + 100, age="3 hours", like=trail[3])
    malice(forged)
    assert first(check()) == ("entry_unsealed", None, trail[-1] + 100)


def test_6_an_inserted_entry_is_found_after_it_was_sealed(trail, malice, seal, check):
    malice(FORGED.format(id=trail[-1] + 100, age="3 hours", like=trail[3]))
    seal()
    assert first(check()) == ("entry_backdated", 21, trail[-1] + 100)


def test_6_an_entry_inserted_with_a_seal_is_found(trail, malice, check):
    malice(
        "UPDATE audit_seal SET position = -position WHERE position > 10",
        FORGED.format(id=trail[-1] + 100, age="0", like=trail[3]),
        "INSERT INTO audit_seal SELECT 11, "
        f"{trail[-1] + 100}, sha256(digest), sealed_at FROM audit_seal WHERE position = 10",
        "UPDATE audit_seal SET position = 1 - position WHERE position < 0",
    )
    assert first(check()) == ("entry_changed", 11, trail[-1] + 100)


def test_7_seals_put_in_another_order_are_found(trail, malice, check):
    malice(
        "UPDATE audit_seal SET position = -position WHERE position BETWEEN 7 AND 9",
        "UPDATE audit_seal SET position = 16 + position WHERE position < 0",
    )
    assert first(check()) == ("entry_changed", 7, trail[8])


def test_8_two_entries_swapped_are_found(trail, malice, check):
    malice(
        f"UPDATE audit_entry SET id = -1 WHERE id = {trail[6]}",
        f"UPDATE audit_entry SET id = {trail[6]} WHERE id = {trail[7]}",
        f"UPDATE audit_entry SET id = {trail[7]} WHERE id = -1",
    )
    assert first(check()) == ("entry_changed", 7, trail[6])


def test_9_a_changed_time_is_found(trail, malice, check):
    malice(f"UPDATE audit_entry SET at = at - interval '1 day' WHERE id = {trail[6]}")
    assert first(check()) == ("entry_changed", 7, trail[6])


def test_10_a_changed_actor_is_found(trail, malice, check):
    malice(f"UPDATE audit_entry SET actor = 'user:77' WHERE actor = 'user:0' AND id = {trail[6]}")
    assert first(check()) == ("entry_changed", 7, trail[6])


def test_11_a_chain_recomputed_whole_is_found_by_its_anchors(trail, malice, check):
    malice(f"UPDATE audit_entry SET actor = 'user:77' WHERE id = {trail[6]}", RECOMPUTE)
    assert first(check()) == ("chain_rewritten", 10, trail[9])


def test_11_a_recomputed_chain_with_a_forged_anchor_is_found(trail, malice, check, anchor_dir):
    malice(f"UPDATE audit_entry SET actor = 'user:77' WHERE id = {trail[6]}", RECOMPUTE)
    line = anchor_dir / "anchors.jsonl"
    old, new = anchors.read()[0].digest, bytes(Seal.objects.get(position=10).digest).hex()
    line.write_text(line.read_text().replace(old, new))
    assert first(check())[0] == "anchor_false"


@pytest.mark.parametrize("lines", ["", None])
def test_11_a_recomputed_chain_without_its_anchors_is_found(
    trail, malice, check, anchor_dir, lines
):
    malice(f"UPDATE audit_entry SET actor = 'user:77' WHERE id = {trail[6]}", RECOMPUTE)
    if lines is None:
        (anchor_dir / "anchors.jsonl").unlink()
    else:
        (anchor_dir / "anchors.jsonl").write_text(lines)
    assert first(check(hours=1))[0] == "chain_rewritten", "head.json says where it stood"
    anchors.head_path().unlink()
    assert first(check(hours=1))[0] == "anchors_missing"


def test_11_an_anchor_taken_out_of_the_middle_is_found(trail, write, seal, role, check, anchor_dir):
    write(1)
    seal()
    anchor_as_worker(role)
    lines = (anchor_dir / "anchors.jsonl").read_text().splitlines(keepends=True)
    (anchor_dir / "anchors.jsonl").write_text(lines[0] + lines[2])
    assert check().first_bad == verify.Problem("anchor_false", what="anchors.jsonl:2")


def test_12_an_older_copy_put_back_is_found(trail, malice, check):
    """What a restore of an older backup leaves: the first twelve, none later."""
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[11]}",
        "DELETE FROM audit_seal WHERE position > 12",
    )
    assert first(check()) == ("tail_cut", 13, None)


@pytest.mark.parametrize("kept", [12, 0])
def test_12_a_cut_is_an_alarm_until_its_restore_is_acknowledged(trail, malice, role, kept):
    def next_round():
        with role("worker"):
            anchors.note_head(now=timezone.now())
        return "chain" in readiness.for_people().alarms

    assert not next_round()
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[kept - 1] if kept else 0}",
        f"DELETE FROM audit_seal WHERE position > {kept}",
    )
    assert next_round()
    assert next_round()
    if kept:
        with role("worker"):
            call_command("verify_audit", restored="20261129", by="Operator", reason="cakram rusak")
        assert not next_round()


def test_12_an_older_copy_that_has_grown_again_is_found(trail, malice, write, seal, check):
    malice(
        f"DELETE FROM audit_entry WHERE id > {trail[11]}",
        "DELETE FROM audit_seal WHERE position > 12",
    )
    write(15)
    seal()
    code, position, _entry = first(check())
    assert (code, position) == ("chain_rewritten", 20)


@pytest.mark.parametrize(
    ("statement", "code", "what"),
    [
        ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only", "trigger_off", ""),
        ("ALTER TABLE audit_seal DISABLE TRIGGER ALL", "trigger_off", ""),
        (
            "ALTER TABLE audit_entry ENABLE REPLICA TRIGGER audit_entry_no_truncate",
            "trigger_off",
            "",
        ),
        ("DROP TRIGGER audit_entry_append_only ON audit_entry", "trigger_missing", ""),
        (
            "CREATE TRIGGER quiet BEFORE INSERT ON audit_entry FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger_added",
            "quiet",
        ),
        (
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$",
            "function_changed",
            "audit_refuse",
        ),
        (
            "CREATE OR REPLACE FUNCTION audit_canonical(e audit_entry) RETURNS text LANGUAGE sql"
            " STABLE AS $$ SELECT ''::text $$",
            "function_changed",
            "audit_canonical",
        ),
        ("GRANT UPDATE ON audit_entry TO portal_web", "right_too_many", ""),
        ("GRANT UPDATE (actor) ON audit_entry TO portal_worker", "right_too_many", ""),
        ("GRANT DELETE ON audit_seal TO PUBLIC", "right_too_many", ""),
        (
            "GRANT EXECUTE ON FUNCTION audit_seal_entries(integer, bigint) TO portal_web",
            "right_too_many",
            "",
        ),
        ("CREATE RULE nothing AS ON UPDATE TO audit_entry DO INSTEAD NOTHING", "table_changed", ""),
        ("ALTER TABLE audit_seal OWNER TO portal_owner", "table_changed", "audit_seal"),
    ],
)
def test_13_guards_that_are_off_changed_or_added_are_found(
    trail, role, check, statement, code, what
):
    with role("owner"), connection.cursor() as cursor:
        cursor.execute(statement)
    problem = check().first_bad
    assert problem.code == code
    assert what in problem.what
    assert problem.text


REPLACED = """
ALTER TABLE {table} RENAME TO kept;
CREATE VIEW {table} AS SELECT * FROM kept;
GRANT SELECT ON {table} TO portal_worker
"""


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize("grants", [True, False])
def test_13_a_view_in_place_of_a_table_is_reported_with_exit_2(trail, role, table, grants, capsys):
    statements = REPLACED.format(table=table).split(";")
    with role("owner"), connection.cursor() as cursor:
        for statement in statements if grants else statements[:2]:
            cursor.execute(statement)
    with role("worker"), pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == 2
    assert f"table {table}" in str(refused.value)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_entry RENAME COLUMN reason TO why",
        "REVOKE SELECT ON audit_entry FROM portal_worker",
    ],
)
def test_13_a_trail_that_cannot_be_read_is_reported_with_exit_2(trail, role, statement, capsys):
    with role("owner"), connection.cursor() as cursor:
        cursor.execute(statement)
    with role("worker"), pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == 2


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_13_a_missing_table_is_reported_with_exit_2(trail, role, table, capsys):
    with role("owner"), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO gone")
    with role("worker"), pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    assert refused.value.returncode == 2


def test_14_a_block_dropped_from_the_beginning_is_found(trail, malice, check):
    """What dropping the partition of a year would do."""
    malice(
        f"DELETE FROM audit_entry WHERE id <= {trail[7]}",
        "DELETE FROM audit_seal WHERE position <= 8",
    )
    assert first(check()) == ("seal_missing", 1, None)


def test_14_a_dropped_block_is_found_after_the_rest_was_renumbered(trail, malice, check):
    malice(
        f"DELETE FROM audit_entry WHERE id <= {trail[7]}",
        "DELETE FROM audit_seal WHERE position <= 8",
        "UPDATE audit_seal SET position = position - 8",
        RECOMPUTE,
    )
    assert first(check())[0] in {"chain_rewritten", "tail_cut"}


def test_an_entry_that_waits_too_long_for_its_seal_is_named(trail, write, check):
    (late,) = write(1)
    assert check().is_sound
    assert first(check(minutes=11)) == ("entry_unsealed", None, late.pk)


def refused(statement, match="permission denied|must be owner"):
    """The statement fails in a transaction of its own."""
    with (
        pytest.raises(ProgrammingError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("database_role", ["web", "worker"])
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_the_serving_roles_can_change_nothing(trail, role, database_role, table):
    with role(database_role):
        refused(f"UPDATE {table} SET {'actor' if table == 'audit_entry' else 'position'} = NULL")
        refused(f"DELETE FROM {table}")
        refused(f"TRUNCATE {table}")
        refused(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    assert Entry.objects.count() == Seal.objects.count() == 20


def test_the_web_role_writes_no_seal(trail, role):
    with role("web"):
        refused("SELECT audit_seal_entries(1, 1)")
        refused("INSERT INTO audit_seal VALUES (99, 99, '', now())")


def test_even_the_owner_is_refused_by_the_triggers(trail, role):
    with role("owner"):
        refused("UPDATE audit_entry SET actor = ''", match="append-only")
        refused("DELETE FROM audit_seal", match="append-only")
        refused("TRUNCATE audit_entry", match="append-only")
