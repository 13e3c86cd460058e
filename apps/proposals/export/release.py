"""Files with personal data that leave the portal: who may download one, and on which conditions.

Every download of rows passes `need`: a second factor shown lately, above SECOND_PERSON_ROWS rows
the agreement of a second person, and the daily limit of `limits.read_limits`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access import scope_of
from apps.accounts.interposed_page import InterposedPage
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.proposals.models import Batch, ExportRequest, ExportRequestQuerySet
from apps.proposals.states import CHECKED
from apps.proposals.steps import acts_for

SALT: Final = "proposals.release"
# Validity of the page that asks for a file, in seconds.
ASK_WITHIN_S: Final = 3_600


class WholeNotYours(DomainError):
    """The file has whole numbers and was sent by somebody else of the same office."""

    code = "whole_not_yours"


@dataclass(frozen=True)
class Parcel:
    """The file to download: subject, part, name, region, number of rows; of a list its address,
    and whether it is also of a search.
    """

    subject: str
    part: str
    name: str
    region: str
    rows: int
    query: str = ""
    is_searched: bool = False


class SecondPersonNeeded(InterposedPage):
    """A file of this many rows requires the agreement of a second person."""

    def __init__(self, parcel: Parcel, by: User) -> None:
        self.parcel, self.by = parcel, by
        super().__init__(parcel.subject)

    def answer(self, request: HttpRequest) -> HttpResponse:
        asked = ExportRequest.objects.filter(
            user=self.by, subject=self.parcel.subject, part=self.parcel.part
        )
        context = {
            "parcel": self.parcel,
            "token": signing.dumps(asdict(self.parcel) | {"user": self.by.pk}, salt=SALT),
            "most": settings.SECOND_PERSON_ROWS,
            "hours": settings.SECOND_PERSON_H,
            "last": asked.select_related("answered_by").order_by("-pk").first(),
        }
        return render(request, "proposals/export/export_needed.html", context)


def need(parcel: Parcel, by: User) -> None:
    """Permit a download. Called before the first byte, in the transaction of its audit entry.

    Raises: step_up.ConfirmationNeeded, SecondPersonNeeded, read_limits.ReadingStopped.
    """
    step_up.require_confirmation(by)
    if parcel.rows > settings.SECOND_PERSON_ROWS and not _is_agreed(parcel, by):
        raise SecondPersonNeeded(parcel, by)
    read_limits.count(by, read_limits.Kind.EXPORT, parcel.rows)


def may_take_whole(batch: Batch, by: User) -> bool:
    """Whether somebody may download a batch's file with whole numbers: one's own batch, or one of
    the same office with the permission to reveal numbers.
    """
    if not acts_for(by, batch):
        return False
    return batch.user_id == by.pk or may_reveal(batch, by)


def may_reveal(batch: Batch, by: User) -> bool:
    return scope_of(by, Permission.REVEAL_NIK).contains(batch.region_id)


def need_batch(batch: Batch, by: User, *, is_held_only: bool) -> None:
    """Permit the download of a batch's file with whole numbers.

    Before the end of a check nobody knows how many rows leave: neither a second person nor the
    daily limit would count them. Raises: WholeNotYours, `batch_unchecked`, and as `need`.
    """
    if not may_take_whole(batch, by):
        raise WholeNotYours(batch=str(batch))
    if batch.status not in CHECKED:
        raise DomainError("batch_unchecked", batch=str(batch))
    rows = batch.counts.get("held", 0) if is_held_only else batch.rows_read
    part = "held" if is_held_only else "all"
    need(Parcel(batch.subject, part, str(batch), batch.region_id, rows), by)


def visible(user: User) -> ExportRequestQuerySet:
    """The waiting requests of others that a person may answer."""
    return _of_others(user).waiting()


def find_request(pk: int, user: User) -> ExportRequest | None:
    """A request of somebody else that the person may answer, answered or not; else None."""
    return _of_others(user).filter(pk=pk).first()


def _of_others(user: User) -> ExportRequestQuerySet:
    scope = scope_of(user, Permission.REVEAL_NIK)
    return ExportRequest.objects.within(scope).exclude(user=user)


def request_export(*, token: str, reason: str, by: User) -> ExportRequest:
    """Request the file that a page has shown. A repeat while it waits returns the same request.

    Raises: `request_gone`.
    """
    try:
        given = signing.loads(token, salt=SALT, max_age=ASK_WITHIN_S)
    except signing.BadSignature:
        raise DomainError("request_gone") from None
    if given.pop("user") != by.pk:
        raise DomainError("request_gone")
    parcel = Parcel(**given)
    asked, is_new = ExportRequest.objects.get_or_create(
        user=by,
        subject=parcel.subject,
        part=parcel.part,
        answered_at=None,
        defaults={
            "name": parcel.name[:200],
            "region_id": parcel.region,
            "rows": parcel.rows,
            "reason": reason[:500],
            "query": parcel.query,
            "is_searched": parcel.is_searched,
            "asked_at": timezone.now(),
        },
    )
    if is_new:
        record.entry(Action.CREATE, about=asked, reason=reason, rows=asked.rows, part=asked.part)
    return asked


@transaction.atomic
def answer(*, asked: ExportRequest, is_granted: bool, by: User) -> None:
    """Agree to a request of somebody else, or refuse it.

    Raises: `request_gone`, `request_answered`, step_up.ConfirmationNeeded.
    """
    step_up.require_confirmation(by)
    open_ = visible(by).filter(pk=asked.pk)
    moved = open_.update(answered_by=by, answered_at=timezone.now(), is_granted=is_granted)
    if not moved:
        raise _why_not(asked)
    record.entry(
        Action.DECIDE,
        about=asked,
        rows=asked.rows,
        part=asked.part,
        step="export_agreed" if is_granted else "export_refused",
    )


def _why_not(asked: ExportRequest) -> DomainError:
    now = ExportRequest.objects.select_related("answered_by").filter(pk=asked.pk).first()
    if now is None or now.answered_by is None:
        return DomainError("request_gone")
    return DomainError("request_answered", who=str(now.answered_by), when=now.answered_at)


def _is_agreed(parcel: Parcel, by: User) -> bool:
    since = timezone.now() - timedelta(hours=settings.SECOND_PERSON_H)
    agreed = ExportRequest.objects.filter(
        user=by,
        subject=parcel.subject,
        part=parcel.part,
        rows__gte=parcel.rows,
        is_granted=True,
        answered_at__gte=since,
    )
    return agreed.exists()


def answer_text(is_granted: bool) -> str:
    if is_granted:
        return _("You agreed; the file can be fetched for {n} hours.").format(
            n=settings.SECOND_PERSON_H
        )
    return _("You did not agree; the file stays here.")
