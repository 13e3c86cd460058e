"""The house keeps its order: foreign keys point down, every table has a privilege, SQL is used."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from apps.common.personal_data import personal_models
from portal import privileges
from tests.architecture.statements import files, name_of

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
# The apps from the lowest to the highest, as the linter holds their imports.
LAYERS = next(one["layers"] for one in CONTRACTS if one.get("containers") == ["apps"])[::-1]


def test_foreign_keys_point_to_the_same_or_a_lower_layer():
    upward = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in LAYERS
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and field.related_model is not None
        and field.related_model._meta.app_label in LAYERS
        and LAYERS.index(field.related_model._meta.app_label) > LAYERS.index(model._meta.app_label)
    ]
    assert upward == []


@pytest.mark.django_db
def test_every_table_has_a_line_in_the_list_of_privileges():
    assert privileges.tables() - set(privileges.PRIVILEGES) == set()


@pytest.fixture
def definers(db):
    """Functions of the database that run with their owner's rights: name, settings, callers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, coalesce(p.proconfig, '{}'),"
            " array_agg(coalesce(r.rolname, 'PUBLIC')::text)"
            "   FILTER (WHERE acl.grantee <> p.proowner)"
            " FROM pg_proc p"
            " CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl"
            " LEFT JOIN pg_roles r ON r.oid = acl.grantee"
            " WHERE p.prosecdef AND p.pronamespace NOT IN"
            " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
            " GROUP BY p.oid"
        )
        return cursor.fetchall()


def test_a_function_with_its_owners_rights_looks_in_a_fixed_path(definers):
    path = "search_path=pg_catalog, public, pg_temp"
    assert [name for name, settings, _callers in definers if path not in settings] == []


def test_a_function_with_its_owners_rights_is_called_by_those_of_the_list(definers):
    callers = {name: set(roles or ()) for name, _settings, roles in definers}
    assert callers == {name: set(roles) for name, roles in privileges.FUNCTIONS.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("database_role", ["portal_web", "portal_worker"])
def test_nobody_who_serves_may_rewrite_the_audit_trail(database_role):
    with connection.cursor() as cursor:
        for table in ("audit_entry", "audit_seal"):
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                cursor.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", [database_role, table, right]
                )
                assert cursor.fetchone() == (False,), (table, right)


@pytest.mark.django_db
def test_tables_with_personal_data_and_no_others_have_row_level_security():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace"
        )
        secured = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in personal_models()} == secured


@pytest.mark.django_db
def test_the_web_reads_every_table_with_personal_data_under_a_condition():
    tables = {model._meta.db_table for model in personal_models()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, qual FROM pg_policies"
            " WHERE 'portal_web' = ANY (roles) AND cmd <> 'INSERT'"
        )
        policies = [(table, condition) for table, condition in cursor.fetchall() if table in tables]
    assert {table for table, _condition in policies} == tables
    assert [table for table, condition in policies if condition == "true"] == []


# Columns that only a row about a person has.
ABOUT_A_PERSON = {"nik", "kk", "full_name", "mother_name", "birth_date", "birth_place"}


def test_a_model_with_a_persons_columns_says_that_it_holds_personal_data():
    silent = [
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in LAYERS
        and ABOUT_A_PERSON & {field.name for field in model._meta.fields}
        and model not in personal_models()
    ]
    assert silent == []


@pytest.mark.django_db
def test_no_model_change_waits_for_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# One statement, two occasions: a partition and its own table; a batch and one returned row; the
# level of an edition, for its counts and for its remarks.
RUN_TWICE = {
    "proposals/store_findings",
    "proposals/store_proposals",
    "regions/find_level",
}


def test_every_sql_file_is_run_from_exactly_one_place():
    code = "\n".join(
        path.read_text() for folder in ("apps", "portal") for path in (ROOT / folder).rglob("*.py")
    )
    names = map(name_of, files())
    used = {name: code.count(f'"{name}"') for name in names}
    assert {name for name, count in used.items() if count != 1} == RUN_TWICE


def test_every_sql_file_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in files()
        if not path.read_text().lstrip().startswith("--")
    ]
    assert silent == []


def test_every_module_says_what_it_owns():
    silent = [
        str(path.relative_to(ROOT))
        for folder in ("apps", "portal")
        for path in (ROOT / folder).rglob("*.py")
        if path.name not in {"__init__.py", "apps.py"}
        and "migrations" not in path.parts
        and not path.read_text().startswith(('"""', "r"))
    ]
    assert silent == []
