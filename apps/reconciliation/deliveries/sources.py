"""Sources: who delivers, the purpose, the legal basis, and the priority for each field of a person.

An unknown code creates a draft, so that a file can be uploaded and inspected. Activating it
requires ministry, purpose and legal basis, because a draft must not change the register.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor
from apps.common.errors import DomainError
from apps.reconciliation.deliveries.messages import FIELD_LABELS
from apps.reconciliation.models import Authority, Source

Kind = Source.Kind
# Fields of a person that sources provide, in the order of the pages.
FIELDS: Final = (
    "nik", "kk", "name", "birth_place", "birth_date", "sex", "mother_name", "village", "address",
    "relation", "occupation", "deceased", "desil", "programmes",
)  # fmt: skip
_CIVIL: Final = (
    "nik", "kk", "name", "birth_place", "birth_date", "sex", "mother_name", "deceased",
)  # fmt: skip
# The initial priority of a source by its kind; 1 is the highest.
DEFAULTS: Final[dict[str, dict[str, int]]] = {
    Kind.CIVIL: dict.fromkeys(_CIVIL, 1)
    | {"relation": 2, "village": 2, "address": 3, "occupation": 3},
    Kind.RANKING: {"desil": 1} | dict.fromkeys(("village", "address", "occupation"), 3),
    Kind.PROGRAMME: {"programmes": 1} | dict.fromkeys(("address", "village", "mother_name"), 4),
    Kind.POVERTY: {"desil": 2} | dict.fromkeys(("address", "village", "occupation"), 4),
    Kind.EMPLOYEES: {"occupation": 1},
    Kind.REGISTER: dict.fromkeys(FIELDS, 2) | {"village": 1, "address": 1, "relation": 1},
}
# What a page or a command may set.
EDITABLE: Final = (
    "name", "kind", "ministry", "purpose", "legal_basis", "refresh_days", "programme",
    "limit_desil", "is_one_to_one", "needs_two", "sample_percent", "code_system",
)  # fmt: skip
CODE: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
NEEDED: Final = ("ministry", "purpose", "legal_basis")


def known_or_draft(*, code: str, by: User | None = None, by_name: str = "") -> Source:
    """The source of this code; created as a draft where there is none."""
    known = Source.objects.filter(pk=code).first()
    if known is not None:
        return known
    return create(code=code, values={"name": code, "kind": kind_of(code)}, by=by, by_name=by_name)


def kind_of(code: str) -> str:
    """The probable kind of a source with this code."""
    told = code.upper()
    for words, kind in (
        (("DUKCAPIL", "CIVIL", "SIAK"), Kind.CIVIL),
        (("DTSEN", "BPS", "REGSOSEK", "DESIL"), Kind.RANKING),
        (("P3KE",), Kind.POVERTY),
        (("ASN", "BKN", "PNS"), Kind.EMPLOYEES),
    ):
        if any(word in told for word in words):
            return kind
    return Kind.PROGRAMME


@transaction.atomic
def create(
    *, code: str, values: Mapping[str, Any], by: User | None = None, by_name: str = ""
) -> Source:
    """Create a draft with the authorities of its kind. Raises: DomainError for an existing code."""
    kept = {name: values[name] for name in EDITABLE if name in values}
    if not re.fullmatch(CODE, code):
        raise DomainError("source_code", source=code[:80])
    try:
        with transaction.atomic():
            source = Source.objects.create(code=code, is_draft=True, **kept)
    except IntegrityError:
        raise DomainError("source_exists", source=code) from None
    _set(source, DEFAULTS.get(source.kind, {}))
    record.entry(Action.CREATE, about=source, by=by or Actor(name=by_name), kind=source.kind)
    return source


@transaction.atomic
def edit(
    *,
    source: Source,
    values: Mapping[str, Any],
    authorities: Mapping[str, int] | None = None,
    by: User | None = None,
    by_name: str = "",
) -> Source:
    """Change the fields of a source; `authorities` replaces all of its ranks."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    kept = {name: values[name] for name in EDITABLE if name in values}
    before = {name: getattr(source, name) for name in kept}
    for name, value in kept.items():
        setattr(source, name, value)
    source.save(update_fields=list(kept))
    changed = {name: [before[name], value] for name, value in kept.items() if before[name] != value}
    if authorities is not None and authorities != ranks(source):
        changed["authorities"] = [ranks(source), dict(authorities)]
        _set(source, authorities)
    if changed:
        record.entry(Action.CHANGE, about=source, by=by or Actor(name=by_name), changed=changed)
    return source


@transaction.atomic
def activate(*, source: Source, by: User | None = None, by_name: str = "") -> Source:
    """Activate a draft. Raises: DomainError while a required field is empty."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    if not source.is_draft:
        return source
    missing = [name for name in NEEDED if not getattr(source, name)]
    if missing:
        raise DomainError("source_incomplete", missing=", ".join(map(_called, missing)))
    source.is_draft = False
    source.save(update_fields=["is_draft"])
    record.entry(Action.CHANGE, about=source, by=by or Actor(name=by_name), step="activate")
    return source


def ranked_fields(source: Source) -> list[tuple[str, int]]:
    """The names of the fields that a source has a rank for, with the rank; first rank first."""
    known = ranks(source)
    ordered = sorted(
        (known[field], place, field) for place, field in enumerate(FIELDS) if field in known
    )
    return [(str(FIELD_LABELS[field]), rank) for rank, _place, field in ordered]


def _called(name: str) -> str:
    field: Any = Source._meta.get_field(name)
    return str(field.verbose_name)


def ranks(source: Source) -> dict[str, int]:
    """The rank of a source for each field for which it has one."""
    return dict(source.authorities.order_by("field").values_list("field", "rank"))


def _set(source: Source, authorities: Mapping[str, int]) -> None:
    source.authorities.all().delete()
    Authority.objects.bulk_create(
        Authority(source=source, field=field, rank=rank)
        for field, rank in authorities.items()
        if field in FIELDS
    )
