"""The register: families, persons and their enrolments. Written only through `registry.changes`.

Every row carries the Change that wrote its current state. A trigger refuses an update that keeps
the old Change, and the history copies it, so that every past state has its author, reason and
source.
"""

from apps.registry.models.canary import Canary, CanaryWatch
from apps.registry.models.change import Change
from apps.registry.models.claim import Claim
from apps.registry.models.ending import EndReason
from apps.registry.models.history import ScopedQuerySet
from apps.registry.models.person import Enrolment, Family, Person
from apps.registry.models.programme import Programme

__all__ = [
    "Canary",
    "CanaryWatch",
    "Change",
    "Claim",
    "EndReason",
    "Enrolment",
    "Family",
    "Person",
    "Programme",
    "ScopedQuerySet",
]
