"""Reconciliation: other ministries' records of the same people, and their links to the register.

A Source delivers Datasets. A Dataset's rows are Records. A Record is valid from the delivery that
first contained it in this form (`dataset`) to the one that no longer did (`until`), so that a
delivery that repeats another writes nothing. The register is also a source; its delivery is a
snapshot of its persons. A Run brings a Pairing of two sources (or of one with itself) up to date;
its RecordPairs are pairs of records that are valid in the same way, from run to run. Physical
design: docs/adr/0008.
"""

from apps.reconciliation.models.conflict import Answer, Conflict, ConflictQuerySet
from apps.reconciliation.models.dataset import ROWS_OF_DATASET, Dataset, Record, RecordQuerySet
from apps.reconciliation.models.field_lock import Lock
from apps.reconciliation.models.record_pair import (
    IS_BLIND,
    Judgement,
    RecordPair,
    RecordPairQuerySet,
)
from apps.reconciliation.models.run import Pairing, Run
from apps.reconciliation.models.source import (
    OWN_SOURCES,
    PROPOSALS,
    REGISTER,
    Authority,
    NationalQuerySet,
    Source,
)

__all__ = [
    "Answer",
    "Authority",
    "RecordPair",
    "RecordPairQuerySet",
    "Conflict",
    "ConflictQuerySet",
    "Dataset",
    "IS_BLIND",
    "Judgement",
    "Lock",
    "NationalQuerySet",
    "OWN_SOURCES",
    "PROPOSALS",
    "Pairing",
    "REGISTER",
    "ROWS_OF_DATASET",
    "Record",
    "RecordQuerySet",
    "Run",
    "Source",
]
