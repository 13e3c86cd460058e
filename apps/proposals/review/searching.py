"""Search of proposals by name, NIK or KK: the words are kept in the session, never in an address.

An address only says that the list is searched (`display.Display.search`). Without words in the
session such an address selects nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common.errors import DomainError
from apps.proposals.models import ProposalQuerySet
from apps.proposals.review.display import Display
from apps.registry.reading import tried_number

KEY: Final = "review_search"
NUMBER: Final = re.compile(r"[0-9]{16}")
LEAST_LETTERS: Final = 3
MOST_CHARS: Final = 80


@dataclass(frozen=True)
class Search:
    """What is searched for: a whole NIK or KK, or a part of a name. Without text: nothing."""

    text: str

    @property
    def is_number(self) -> bool:
        return NUMBER.fullmatch(self.text) is not None

    def apply(self, rows: ProposalQuerySet) -> ProposalQuerySet:
        """The rows of a queryset that is already limited to the scope."""
        if not self.text:
            return rows.none()
        if self.is_number:
            return rows.filter(Q(nik=self.text) | Q(kk=self.text))
        return rows.filter(name__icontains=self.text)


def begin(request: HttpRequest, text: str, by: User) -> None:
    """Keep the words of a search in the session. The search is recorded, without its words.

    Raises: `search_short`, step_up.ConfirmationNeeded after many searches,
    read_limits.ReadingStopped.
    """
    wanted = " ".join(text.split())[:MOST_CHARS]
    digits = wanted.replace(" ", "").replace(".", "")
    search = Search(digits if NUMBER.fullmatch(digits) else wanted)
    if not search.is_number and sum(map(str.isalpha, search.text)) < LEAST_LETTERS:
        raise DomainError("search_short")
    step_up.require_confirmation_after_many(by, Action.SEARCH, step_up.MANY_LOOKUPS)
    read_limits.count(by, read_limits.Kind.LOOKUP)
    tried = tried_number(search.text, by) if search.is_number else {}
    record.entry(
        Action.SEARCH,
        about=Subject("proposals.Proposal"),
        criteria=["number" if search.is_number else "name"],
        **tried,
    )
    request.session[KEY] = search.text


def end(request: HttpRequest) -> None:
    """Forget the words of the search."""
    request.session.pop(KEY, None)


def current(request: HttpRequest) -> Search | None:
    """The search of this session; None if there is none."""
    text: Any = request.session.get(KEY)
    return Search(text) if isinstance(text, str) and text else None


def named_by(request: HttpRequest) -> Search | None:
    """The search that an address names; None if it names none.

    One whose words are in another session finds nothing.
    """
    if not Display.of(request.GET).search:
        return None
    return current(request) or Search("")


def problem(request: HttpRequest) -> str:
    """Why a searched list is empty: the words are in another session; else ""."""
    if current(request) is None:
        return _("The words of this search are not part of the address. Type them again.")
    return ""
