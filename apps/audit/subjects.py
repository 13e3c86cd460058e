"""Derives the subject and the actor of an entry from objects, in one place.

A model provides them by the properties `audit_subject` and `audit_actor`; this module knows no
model by name. A model without `audit_subject` is recorded under its key and its `str()`, without a
region. A model whose `str()` is a person's name must therefore have the property.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from django.db.models import Model


@dataclass(frozen=True)
class Actor:
    """Who acts: `user:12`, `client:3`, `command:link`. Without a key: the actor of the origin."""

    key: str = ""
    name: str = ""


@dataclass(frozen=True)
class Subject:
    """The subject of an entry.

    `key` is `registry.Person:81`, or `registry.Person` for a list of them. `name` is never that of
    a registered person. `persons` are the keys of the registered persons whom every entry about
    this subject concerns: the entry is part of their trail.
    """

    key: str = ""
    name: str = ""
    region: str = ""
    persons: tuple[int, ...] = ()


class HasSubject(Protocol):
    @property
    def audit_subject(self) -> Subject: ...


class HasActor(Protocol):
    @property
    def audit_actor(self) -> Actor: ...


About: TypeAlias = Subject | HasSubject | Model | None
By: TypeAlias = Actor | HasActor | None


def subject_of(instance: Model) -> str:
    """`registry.Person:81`, the key of a row in entries and jobs."""
    return f"{instance._meta.label}:{instance.pk}"


def describe_subject(about: About) -> Subject:
    """The subject of an entry about this object; an empty one for None."""
    if about is None or isinstance(about, Subject):
        return about or Subject()
    found: Subject | None = getattr(about, "audit_subject", None)
    if found is None:
        assert isinstance(about, Model), "neither a model nor an object with audit_subject"
        return Subject(subject_of(about), str(about))
    return found


def describe_actor(by: By) -> Actor:
    """The actor; an empty one for None, which means the origin of the request or command."""
    if by is None or isinstance(by, Actor):
        return by or Actor()
    return by.audit_actor


def command(name: str) -> Actor:
    """The actor of a management command that acts for no particular user."""
    return Actor(f"command:{name}", name)
