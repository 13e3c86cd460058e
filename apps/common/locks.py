"""Advisory locks of PostgreSQL. All are named here, so that no two use the same number.

Each has two keys, the lock's own and one for the locked object (0: everything of the kind). They
are held until the end of the transaction, except the lock of a job, which belongs to its
connection.
"""

from __future__ import annotations

from enum import IntEnum, unique

from django.db import connection

from apps.common import sql


@unique
class Lock(IntEnum):
    """The first key; the comments describe the second one."""

    BATCH = 0x626174  # id of a batch whose rows change
    BOUNDARIES = 0x626F75  # 0: an edition comes into force, or points are judged (shared)
    BULK_REQUEST = 0x62756C  # id of a user who asks for a bulk decision
    CHANGE_REQUEST = 0x636867  # id of a batch for whose rows a change is asked
    CIVIL_REQUEST = 0x636976  # 0: asking the civil register, one job for two who ask at once
    CLAIM = 0x636C6D  # person and programme, in 64 shares
    COVERAGE = 0x636F76  # 0: asking for the coverage of villages
    DOCUMENT = 0x646F63  # code of a region of which a document is stored (hash)
    EDITION_NAME = 0x656469  # name of a boundary edition that is received
    HAZARD = 0x68617A  # 0: a message about a hazard is stored
    HIDDEN = 0x686964  # 0: what the maps hide is hidden in the pockets, or an edition is compared
    JOB = 0x6A6F62  # id of a job, for as long as a worker works on it
    REGISTER_FILE = 0x6C6F6164  # sha256 of a register file that is loaded
    PAIRING = 0x706172  # id of a pairing whose judgements change
    MEASURES = 0x6D6561  # 0: the measures of the register are counted
    PHOTOS = 0x70686F  # batch and row whose photos are added (hash)
    PLACES = 0x706C63  # 0: places of villages and islands are computed
    RELEASE = 0x72656C  # code of an indicator of which a release comes into force (hash)
    PLAN = 0x706C6E  # id of a hazard for which a plan is made or reserved; 0: any is reserved
    POCKETS = 0x706F63  # 0: an edition of pockets is received or comes into force
    REGENCY = 0x726567  # four digits of a regency whose proposals change
    REGISTER = 0x72656769  # 0: somebody writes to the register
    REGION_TREE = 0x747265  # 0: the region tree changes
    REGISTER_RUN = 0x72756E  # 0: asking for a run of the register with itself
    REPORT = 0x727074  # id of a hazard of which a situation report is issued
    SHIFT = 0x736866  # 0: the duty of the command centre passes on
    STOCK = 0x73746F  # id of a facility whose stock is reserved or dispatched
    ZONES = 0x7A6F6E  # 0: an edition of hazard-prone zones is stored, or villages are classed


def hold(lock: Lock, key: int = 0) -> None:
    """Wait for a lock and hold it until the transaction ends. Queries: one.

    Raises: RuntimeError outside a transaction, where it would be released at once.
    """
    require_transaction(lock)
    sql.call("pg_advisory_xact_lock", int(lock), key)


def hold_shared(lock: Lock, key: int = 0) -> None:
    """Like `hold`, but shared with others who hold it shared."""
    require_transaction(lock)
    sql.call("pg_advisory_xact_lock_shared", int(lock), key)


def hold_text(lock: Lock, text: str) -> None:
    """Like `hold`, for an object that is identified by a text. Queries: two."""
    hold(lock, sql.call("hashtext", text))


def try_hold_connection(lock: Lock, key: int) -> bool:
    """Hold a lock until it is freed or the connection ends; False if another session holds it."""
    return bool(sql.call("pg_try_advisory_lock", int(lock), key))


def free_connection(lock: Lock, key: int) -> None:
    """Free the lock of `try_hold_connection`, unless the connection (and the lock) is gone."""
    if connection.connection is not None and not connection.connection.closed:
        sql.call("pg_advisory_unlock", int(lock), key)


def require_transaction(lock: Lock) -> None:
    """Raises: RuntimeError outside a transaction, where the lock would be released at once.

    For statements that take many locks, or locks by a hash, in SQL.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"the lock {lock.name} is held by a transaction, and there is none")
