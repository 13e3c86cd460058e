"""The house keeps its order: foreign keys point down, every table has a privilege, SQL is used."""

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

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
def test_personal_tables_have_row_level_security():
    personal = {
        name
        for name in privileges.tables()
        if re.match(r"registry_(family|person|enrolment|claim)|proposals_(?!calendar|shelf)", name)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        secured = {name for (name,) in cursor.fetchall()}
    assert personal - secured == set()


@pytest.mark.django_db
def test_no_model_change_waits_for_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# One statement, two occasions: a shelf and its own table; a batch and one returned row; the level
# of an edition, for its counts and for its remarks.
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
