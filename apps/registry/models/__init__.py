"""The register: families, persons and what they receive. Written through `registry.changes` alone.

Every row carries the Change that made it what it is; a trigger refuses an update that keeps the
old one, and the history copies it, so that no past state lacks its author, reason and source.
"""

from apps.registry.models.change import Change
from apps.registry.models.claim import Claim
from apps.registry.models.history import ScopedQuerySet
from apps.registry.models.person import Enrolment, Family, Person
from apps.registry.models.programme import Programme

__all__ = [
    "Change",
    "Claim",
    "Enrolment",
    "Family",
    "Person",
    "Programme",
    "ScopedQuerySet",
]
