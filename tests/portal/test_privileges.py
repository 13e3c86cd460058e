"""The list of rights is applied where it differs, and nowhere else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal import privileges
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


def applied() -> list[str]:
    """What was granted and revoked."""
    with as_role("owner"), CaptureQueriesContext(connection) as seen:
        privileges.apply()
    return [
        query["sql"] for query in seen if query["sql"].startswith(("GRANT", "REVOKE", "CREATE"))
    ]


def may(role: str, table: str, right: str, column: str = "") -> bool:
    with connection.cursor() as cursor:
        if column:
            cursor.execute(
                "SELECT has_column_privilege(%s, %s, %s, %s)", [role, table, column, right]
            )
        else:
            cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right])
        return bool(cursor.fetchone()[0])


def owner(*statements: str) -> None:
    with as_role("owner"), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_correct_privileges_are_left_alone() -> None:
    assert applied() == []


def test_a_lost_privilege_is_restored_and_nothing_else_changes() -> None:
    owner("REVOKE SELECT ON accounts_user FROM portal_web")
    assert applied() == ['GRANT SELECT ON TABLE "public"."accounts_user" TO "portal_web"']
    assert may("portal_web", "accounts_user", "SELECT")


def test_excess_privileges_are_revoked() -> None:
    owner(
        "GRANT DELETE, TRUNCATE ON audit_entry TO portal_web",
        "GRANT SELECT ON django_admin_log TO portal_worker",
        "GRANT UPDATE (nik) ON registry_person TO portal_web",
        "GRANT UPDATE ON SEQUENCE jobs_job_id_seq TO portal_web",
    )
    assert len(applied()) == 4
    assert not may("portal_web", "audit_entry", "DELETE")
    assert not may("portal_web", "audit_entry", "TRUNCATE")
    assert not may("portal_worker", "django_admin_log", "SELECT")
    assert not may("portal_web", "registry_person", "UPDATE", "nik")
    assert applied() == []


def test_a_right_on_the_whole_table_becomes_one_on_columns() -> None:
    owner("GRANT UPDATE ON proposals_proposal TO portal_web")
    applied()
    assert not may("portal_web", "proposals_proposal", "UPDATE")
    assert may("portal_web", "proposals_proposal", "UPDATE", "status")
    assert not may("portal_web", "proposals_proposal", "UPDATE", "nik")
    assert applied() == []


def test_a_new_table_is_closed_and_its_numbers_are_open() -> None:
    owner("CREATE TABLE something (id bigserial)", "GRANT SELECT ON something TO portal_web")
    said = applied()
    assert any("REVOKE SELECT" in one and "something" in one for one in said)
    assert not may("portal_web", "something", "SELECT")
    assert len([one for one in said if "SEQUENCE" in one]) == 2


def may_call(role: str, function: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", [role, function])
        return bool(cursor.fetchone()[0])


def test_a_function_with_its_owners_rights_is_called_by_those_of_the_list_alone() -> None:
    progress = "proposals_progress(text[], integer, text[])"
    owner(
        f"GRANT EXECUTE ON FUNCTION {progress} TO PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {progress} TO portal_worker",
        f"REVOKE EXECUTE ON FUNCTION {progress} FROM portal_web",
        "CREATE FUNCTION something() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    )
    assert len(applied()) == 4
    assert may_call("portal_web", progress)
    assert not may_call("portal_worker", progress)
    assert not may_call("portal_web", "something()")
    assert applied() == []


def test_public_has_no_privilege_on_the_schema() -> None:
    owner("GRANT ALL ON SCHEMA public TO PUBLIC")
    assert any("REVOKE ALL ON SCHEMA public FROM PUBLIC" in one for one in applied())
    assert applied() == []
