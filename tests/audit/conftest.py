"""A trail that somebody with the owner's power can be let loose on, and anchors of its own."""

from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.audit import anchors, record
from apps.audit.models import Action
from apps.audit.seal import seal_entries
from apps.audit.subjects import Actor, Subject

TABLES = ("audit_entry", "audit_seal")
# The chain anew from what the entries say now, as somebody who read our source would do it.
RECOMPUTE = """
DO $$
DECLARE seal audit_seal; previous bytea := '\\x';
BEGIN
    FOR seal IN SELECT * FROM audit_seal ORDER BY position LOOP
        SELECT sha256(previous || convert_to(audit_canonical(e), 'UTF8')) INTO previous
          FROM audit_entry e WHERE e.id = seal.entry_id;
        UPDATE audit_seal SET digest = previous WHERE position = seal.position;
    END LOOP;
END $$
"""


@pytest.fixture(autouse=True)
def anchor_dir(settings, tmp_path: Path) -> Path:
    settings.ANCHOR_DIR = tmp_path / "anchors"
    return settings.ANCHOR_DIR


@pytest.fixture
def write():
    """`write(5)`: five entries, as the web writes them."""

    def add(count, **kwargs):
        return [
            record.entry(
                Action.READ,
                about=Subject(f"registry.Person:{n}"),
                by=Actor(f"user:{n % 3}"),
                **kwargs,
            )
            for n in range(count)
        ]

    return add


@pytest.fixture
def seal(role):
    def run():
        with role("worker"):
            return seal_entries()

    return run


@pytest.fixture
def trail(db, write, seal, role):
    """Twenty sealed entries, an anchor at the tenth and one at the twentieth; their ids."""
    ids = [entry.pk for entry in write(10)]
    seal()
    anchor_as_worker(role)
    ids += [entry.pk for entry in write(10)]
    seal()
    anchor_as_worker(role)
    return ids


def anchor_as_worker(role):
    with role("worker"):
        return anchors.write(now=timezone.now())


@pytest.fixture
def malice(role):
    """SQL as the owner, who is also the sealer, with the guards off and on again."""

    def run(*statements, guards_back=True):
        with role("owner"), connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)
            for table in TABLES if guards_back else ():
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return run
