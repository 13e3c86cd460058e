"""Search of proposals by name, NIK or KK: the words are kept in the session, never in an address.

An address has a random name of the search (`display.Display.search`), so that two tabs search for
different things. One whose words are not in the session selects nothing.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import BigIntegerField, Func, Q, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts.access import NOTHING, Scope
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import sql
from apps.common.errors import DomainError
from apps.proposals.models import ProposalQuerySet
from apps.proposals.review.display import Display
from apps.registry.reading import tried_number

# In the session: the words of the last searches by their names in addresses, the latest last.
KEY: Final = "review_searches"
MOST_KEPT: Final = 5
NUMBER: Final = re.compile(r"[0-9]{16}")
LEAST_LETTERS: Final = 3
MOST_CHARS: Final = 80
# Up to so many rows with a name are found by the index of names; of more, the list reads its rows.
MOST_NAMED: Final = 10_000
# The code of a province; a longer one has an index of its rows that is faster than that of names.
PROVINCE_CHARS: Final = 2


class _Named(Func):
    """The keys of the proposals with a part of a name, for `pk__in`."""

    function = "proposals_find_by_name"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = BigIntegerField()


@dataclass(frozen=True)
class Search:
    """What is searched for: a whole NIK or KK, or a part of a name. Without text: nothing."""

    text: str

    @property
    def is_number(self) -> bool:
        return NUMBER.fullmatch(self.text) is not None

    @cached_property
    def is_selective(self) -> bool:
        """Whether few enough rows of the user have such a name. Queries: one."""
        found = {"part": self.text, "most": MOST_NAMED + 1}
        return bool(sql.scalar("proposals/review/count_named", found) <= MOST_NAMED)

    def apply(self, rows: ProposalQuerySet, scope: Scope = NOTHING) -> ProposalQuerySet:
        """The rows of a queryset that is already limited to the scope.

        With the scope of rows of a province or the country, names are found by their index.
        Queries: one at the first search by name in such a scope.
        """
        if not self.text:
            return rows.none()
        if self.is_number:
            return rows.filter(Q(nik=self.text) | Q(kk=self.text))
        if any(len(prefix) <= PROVINCE_CHARS for prefix in scope.prefixes) and self.is_selective:
            return rows.filter(pk__in=_Named(Value(self.text), Value(MOST_NAMED)))
        return rows.filter(name__icontains=self.text)


def begin(request: HttpRequest, text: str, by: User) -> str:
    """Keep the words of a search in the session; returns its name for addresses. The search is
    recorded, without its words.

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
    name = secrets.token_hex(4)
    others = list(_kept(request).items())[1 - MOST_KEPT :]
    request.session[KEY] = dict(others) | {name: search.text}
    return name


def end(request: HttpRequest) -> None:
    """Forget the words of the search that an address names."""
    name = Display.of(request.GET).search
    request.session[KEY] = {key: text for key, text in _kept(request).items() if key != name}


def named_by(request: HttpRequest) -> Search | None:
    """The search that an address names; None if it names none.

    One whose words are in another session finds nothing.
    """
    name = Display.of(request.GET).search
    return Search(_kept(request).get(name, "")) if name else None


def _kept(request: HttpRequest) -> dict[str, str]:
    kept: Any = request.session.get(KEY)
    return kept if isinstance(kept, dict) else {}


def problem(search: Search | None) -> str:
    """Why a searched list is empty: the words are in another session; else ""."""
    if search is not None and not search.text:
        return _("The words of this search are not part of the address. Type them again.")
    return ""
