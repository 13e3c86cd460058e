"""Refusals: one exception with a code and parameters, and one formatter of their texts.

Each package that refuses something has its texts in its `messages.py`: code → text. Codes are
unique in the whole portal, so that a stored code (of a job, of an answer) needs no other key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import structlog
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext

APPS: Final = Path(__file__).resolve().parents[1]
# Parameters that are identifying numbers: shown without separators.
NO_AMOUNTS: Final = frozenset(
    {"row", "line", "other_line", "run", "last", "number", "job", "batch"}
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
log = structlog.get_logger(__name__)
Labels = Mapping[str, Any]

_lost: ContextVar[list[DomainError] | None] = ContextVar("lost_races", default=None)


@dataclass(frozen=True)
class Catalogue:
    """The texts of one package, and how their parameters are shown (`register`)."""

    package: str
    texts: Mapping[str, Promise]
    races: frozenset[str]
    labels: Mapping[str, Labels]
    days: frozenset[str]
    defaults: Mapping[str, Any]


def register(
    package: str,
    texts: Mapping[str, Promise],
    *,
    races: frozenset[str] = frozenset(),
    labels: Mapping[str, Labels] | None = None,
    days: frozenset[str] = frozenset(),
    defaults: Mapping[str, Any] | None = None,
) -> None:
    """Register the texts of a package, once, at the import of its `messages.py`.

    `races` are codes that mean: another request was faster, look at the present state. `labels`
    gives the texts of a parameter's codes. `days` are moments that are shown as days. `defaults`
    are parameters that a raise site may leave out. Raises: ValueError when a code has a text
    already.
    """
    if twice := texts.keys() & _by_code.keys():
        raise ValueError(f"{package}: {', '.join(sorted(twice))} have a text already")
    if unknown := races - texts.keys():
        raise ValueError(f"{package}: {', '.join(sorted(unknown))} have no text")
    catalogue = Catalogue(package, texts, races, labels or {}, days, defaults or {})
    _by_code.update(dict.fromkeys(texts, catalogue))


_by_code: dict[str, Catalogue] = {}


class DomainError(Exception):
    """A refusal: a code and its parameters.

    `str()` is only the code: parameters may hold names, which must not appear in a log. A subclass
    exists only where code catches it by its type.
    """

    code = "refused"

    def __init__(self, code: str = "", **params: Any) -> None:
        self.code = code or self.code
        self.params = params
        super().__init__(self.code)
        lost, known = _lost.get(), _by_code.get(self.code)
        if lost is not None and known is not None and self.code in known.races:
            lost.append(self)

    @property
    def text(self) -> str:
        """What was refused, where and how to go on, in the active language."""
        return text(self.code, self.params)


def load_catalogues() -> None:
    """Import the `messages.py` of every package, so that any process has the text of any stored
    code.
    """
    for path in sorted(APPS.rglob("messages.py")):
        module = path.relative_to(APPS.parent).with_suffix("")
        import_module(".".join(module.parts))


def catalogue_of(code: str) -> Catalogue | None:
    return _by_code.get(code)


def known_codes() -> frozenset[str]:
    return frozenset(_by_code)


def text(code: str, params: Mapping[str, Any]) -> str:
    """The text of a refusal by its code, in the active language.

    Days and moments are shown as dates, amounts with separators. A code without a text is logged
    and shown as a general text.
    """
    catalogue = _by_code.get(code)
    if catalogue is None:
        log.error("refusal_without_text", code=code)
        return gettext("This was not done (%(code)s). Nothing was changed.") % {"code": code}
    given = {**catalogue.defaults, **params}
    shown = {name: _show(catalogue, name, value) for name, value in given.items()}
    return str(catalogue.texts[code]) % _Shown(code, shown)


class _Shown(dict[str, str]):
    """The parameters of one text. A missing one must not hide the refusal itself."""

    def __init__(self, code: str, shown: dict[str, str]) -> None:
        super().__init__(shown)
        self._code = code

    def __missing__(self, name: str) -> str:
        log.error("refusal_without_parameter", code=self._code, parameter=name)
        return "–"


def _show(catalogue: Catalogue, name: str, value: Any) -> str:
    if (labels := catalogue.labels.get(name)) is not None:
        return str(labels.get(value, value))
    if name in NO_AMOUNTS:
        return str(value)
    if isinstance(value, datetime) and name in catalogue.days:
        value = timezone.localdate(value)
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, str) and _DAY.fullmatch(value):
        value = date.fromisoformat(value)  # in the form in which a job stores it
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, float):
        return str(number_format(round(value, 1), 1))
    if isinstance(value, int):
        return str(number_format(value))
    return str(value)


@contextmanager
def watching_races() -> Iterator[list[DomainError]]:
    """Collects the lost races inside the block; the response's status depends on them."""
    lost: list[DomainError] = []
    token = _lost.set(lost)
    try:
        yield lost
    finally:
        _lost.reset(token)
