"""What a page of a service is, and what makes an answer no page. Pure, but for asking."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from apps.common.outgoing import Rule, only_public, public_or_this_machine
from apps.common.remote_documents import NoDocument, SourceFault, Validators, fetch_document

MOST_BYTES: Final = 40_000_000
ACCEPT: Final = "application/geo+json, application/json;q=0.9"
# The reference systems of longitude and latitude, as services write them.
DEGREES: Final = frozenset(("", "4326", "CRS84", "4979", "9470"))
# Why there is no document → the text about it.
CODES: Final = {
    "address": "service_address", "connection": "service_connection",
    "timeout": "service_timeout", "status": "service_status", "too_large": "service_too_large",
    "encoding": "service_encoding", "cut": "service_cut",
}  # fmt: skip
MOST_FOUND: Final = 200
_NUMBER = re.compile(r"(\w+)\W*$")


@dataclass(frozen=True)
class Fetched:
    """The content of one answer; None where it is the one that is known."""

    content: Any
    validators: Validators


@dataclass(frozen=True)
class FeaturePage:
    """The features of one page as (id, properties), and the address of the next one ("": none).

    `total` is how many features the service says there are, `crs` the reference system it names.
    """

    features: Sequence[tuple[str, Mapping[str, Any]]]
    next: str = ""
    total: int | None = None
    crs: str = ""


@dataclass(frozen=True)
class Described:
    """What a service says of itself before it is read: its fields (None: not known), how many
    features there are, and when it was edited.
    """

    first: str
    fields: tuple[str, ...] | None = None
    total: int | None = None
    edited: str = ""

    @property
    def state(self) -> dict[str, Any]:
        """What is compared with a later description."""
        return {"first": self.first, "total": self.total, "edited": self.edited}


def rule() -> Rule:
    """Public addresses with TLS; where a stand-in is allowed, this machine, too."""
    return public_or_this_machine if settings.SERVICE_STAND_IN_ALLOWED else only_public


def ask_page(url: str, page: int, known: Validators | None = None) -> Fetched:
    """Ask for one page and read its JSON. Raises: SourceFault."""
    try:
        document = fetch_document(
            url,
            known or Validators(),
            accept=ACCEPT,
            allowed=rule(),
            timeout_s=settings.SERVICE_TIMEOUT_S,
            most_bytes=MOST_BYTES,
        )
    except NoDocument as fault:
        params: dict[str, Any] = {"page": str(page), **fault.params}
        raise SourceFault(CODES[fault.reason], **params) from None
    if document.content is None:
        return Fetched(None, document.validators)
    return Fetched(read_json(document.content, page), document.validators)


def read_json(content: bytes, page: int) -> Any:
    """The JSON of an answer.

    Raises: SourceFault for a web page, XML, or an error that came as 200.
    """
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        text = content[:2_000].decode("utf-8", "replace")
        words = " ".join(re.sub(r"<[^>]*>", " ", text).split())[:MOST_FOUND]
        raise SourceFault("service_not_json", page=str(page), found=words or "…") from None
    if isinstance(read, dict) and (told := _error(read)):
        raise SourceFault("service_error", page=str(page), found=told[:MOST_FOUND])
    return read


def _error(read: Mapping[str, Any]) -> str:
    """What an answer with status 200 says went wrong: ArcGIS's `error`, OGC's exceptions."""
    error = read.get("error")
    if isinstance(error, dict):
        return f"{error.get('code', '')} {error.get('message', '')}".strip() or "error"
    if error and "features" not in read:
        return str(error)
    exceptions = read.get("exceptions")
    if isinstance(exceptions, list) and exceptions:
        first = exceptions[0]
        return str(first.get("text", first) if isinstance(first, dict) else first)
    if "code" in read and "description" in read and "features" not in read:
        return f"{read['code']} {read['description']}"
    return ""


def features_of(read: Any, page: int) -> list[dict[str, Any]]:
    """The list of features of an answer. Raises: SourceFault."""
    found = read.get("features") if isinstance(read, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise SourceFault("service_shape", page=str(page))
    return found


def crs_of(read: Mapping[str, Any]) -> str:
    """The reference system that an answer names, "" if it names none or degrees."""
    reference = read.get("spatialReference")
    if isinstance(reference, dict):
        name = str(reference.get("latestWkid") or reference.get("wkid") or "")
    else:
        crs = read.get("crs")
        properties = crs.get("properties") if isinstance(crs, dict) else None
        name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    number = _NUMBER.search(name)
    return "" if (number[1] if number else "") in DEGREES else name[:60]


def text_of(value: Any) -> str:
    """A property as the text of a cell; a list or an object has none."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()[:500]


def whole(value: Any) -> int | None:
    """A count of an answer; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
