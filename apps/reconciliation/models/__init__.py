"""Reconciliation: what other ministries hold about the same people, and how it meets the register.

A Source delivers Datasets; a Dataset's rows are Records, each kept from the delivery in which it
first stood as it is (`dataset`) to the one in which it no longer did (`until`), so that a delivery
that repeats another writes nothing. The register takes part as a source of its own, whose delivery
is a picture of its persons. A Run brings a Pairing of two sources (or of one with itself) up to
date; its RecordPairs are pairs of records that hold in the same way, from run to run. Physical
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
