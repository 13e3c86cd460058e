"""Notices for users, written in the transaction of their cause, one for each subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Grant, ReadCount, User
from apps.accounts.models.grant import GrantQuerySet
from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.audit.models import Action, Entry
from apps.casework.models import MailPreference, Notice
from apps.common import sql

Kind = Notice.Kind


def write_notices(
    users: Mapping[int, int],
    *,
    kind: Notice.Kind,
    subject: str,
    url: str,
    now: datetime,
    **params: Any,
) -> None:
    """Write a notice for each of these users (key of a user → how many). Queries: one, or none.

    An unread notice of the same kind and subject is updated instead.
    """
    if not users:
        return
    sql.run(
        "casework/write_notices",
        {
            "users": list(users),
            "counts": list(users.values()),
            "kind": kind.value,
            "subject": subject,
            "url": url,
            "params": sql.json(params),
            "now": now,
        },
    )


def withdraw_notices(
    users: Mapping[int, int], *, kind: Notice.Kind, subject: str, told_at: datetime
) -> None:
    """Take back what `write_notices` told at that moment, as far as it is unread: its number is
    taken off the notice, and a notice of nothing is deleted. Queries: one, or none.
    """
    if users:
        values = {"users": list(users), "counts": list(users.values())}
        known = {"kind": kind.value, "subject": subject, "told_at": told_at}
        sql.run("casework/withdraw_notices", values | known)


def read(*, notice: Notice, now: datetime) -> None:
    """Mark a notice as read. A repeat changes nothing."""
    Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=now)


def read_all(*, by: User, until: int, now: datetime) -> int:
    """Mark all notices up to `until` as read; later ones stay unread. Returns how many."""
    return Notice.objects.of(by).unread().filter(pk__lte=until).update(read_at=now)


def words(notice: Notice) -> str:
    """One notice as a sentence in the language in use."""
    return _WORDS[Kind(notice.kind)](notice.count, notice.params)


def choose_mail(*, by: User, wants_digest: bool, language: str, now: datetime) -> None:
    """Store whether the daily e-mail is wanted, and its language."""
    MailPreference.objects.update_or_create(
        user=by,
        defaults={"wants_digest": wants_digest, "language": language, "changed_at": now},
    )


def tell_of_reading(row: ReadCount) -> None:
    """Notify the data-protection officers of much reading, in the transaction of the read.

    Queries: two.
    """
    now = timezone.now()
    users = _watching(now).exclude(user=row.user).values_list("user_id", flat=True)
    write_notices(
        dict.fromkeys(users, 1),
        kind=Notice.Kind.MUCH_READING,
        subject=f"accounts.ReadCount:{row.pk}:{'stop' if row.stopped_at else 'alarm'}",
        url=f"/admin/accounts/readcount/{row.pk}/change/",
        now=now,
        name=str(row.user),
        kind_of=row.kind,
        reads=row.count,
        is_stopped=row.stopped_at is not None,
    )


def tell_of_canary(entry: Entry, *, now: datetime) -> None:
    """Notify the data-protection officers of an act about a made-up person. Queries: two.

    Whoever did it is told nothing, a data-protection officer neither.
    """
    users = _watching(now).values_list("user_id", flat=True)
    write_notices(
        dict.fromkeys((pk for pk in users if pk and f"user:{pk}" != entry.actor), 1),
        kind=Notice.Kind.CANARY,
        subject=f"audit.Entry:{entry.pk}",
        url=f"/admin/audit/entry/{entry.pk}/change/",
        now=now,
        name=entry.actor_name or entry.actor,
        act=entry.action,
        request=entry.request_id,
    )


def _watching(now: datetime) -> GrantQuerySet:
    """The grants of those who read the trail of everybody."""
    watching = [role for role in Role if Permission.VIEW_ENTRY in PERMISSIONS[role]]
    return Grant.objects.at(now).filter(role__in=watching, user__is_active=True)


def _ready(_count: int, params: dict[str, Any]) -> str:
    return _("{file} was checked: {ready} rows ready to submit, {held} to fix.").format(
        file=params.get("file", ""), ready=_n(params, "ready"), held=_n(params, "held")
    )


def _asks(_count: int, params: dict[str, Any]) -> str:
    return _(
        "{known} of {rows} rows of {file} are known already. Open it and say how to go on."
    ).format(file=params.get("file", ""), known=_n(params, "known"), rows=_n(params, "rows"))


def _stopped(_count: int, params: dict[str, Any]) -> str:
    return _("The check of {file} stopped before its end. Open it to begin again.").format(
        file=params.get("file", "")
    )


def _corrected(_count: int, params: dict[str, Any]) -> str:
    text = _("Your corrections of {file} are in: {ready} rows ready to submit, {held} to fix.")
    return text.format(
        file=params.get("file", ""), ready=_n(params, "ready"), held=_n(params, "held")
    )


def _returned(count: int, _params: dict[str, Any]) -> str:
    return ngettext(
        "{n} proposal came back to you, with the reviewer's reason.",
        "{n} proposals came back to you, with the reviewer's reason.",
        count,
    ).format(n=number_format(count))


def _closing(_count: int, params: dict[str, Any]) -> str:
    day = date.fromisoformat(params["closes"])
    return _(
        "Cycle {name} closes on {day}. What is not submitted by then waits for the next."
    ).format(name=params["name"], day=date_format(day, "DATE_FORMAT"))


def _questions(count: int, _params: dict[str, Any]) -> str:
    return ngettext(
        "{n} question about a person of your region waits for an answer.",
        "{n} questions about people of your region wait for an answer.",
        count,
    ).format(n=number_format(count))


def _answer_back(count: int, _params: dict[str, Any]) -> str:
    return ngettext(
        "{n} answer of yours came back, with the reason.",
        "{n} answers of yours came back, with the reason.",
        count,
    ).format(n=number_format(count))


def _much_reading(_count: int, params: dict[str, Any]) -> str:
    text = (
        _("{name} has read as much today as one person may, and was stopped: {kind}, {n}.")
        if params.get("is_stopped")
        else _("{name} reads unusually much today: {kind}, {n}.")
    )
    kind = dict(ReadCount.Kind.choices).get(params.get("kind_of", ""), "")
    return text.format(name=params.get("name", ""), kind=kind, n=_n(params, "reads"))


def _row_asked(_count: int, params: dict[str, Any]) -> str:
    text = _("A reviewer asks you about row {row} of file {file}. Open it and answer there.")
    return text.format(file=params.get("file", ""), row=_n(params, "row"))


def _row_answered(_count: int, params: dict[str, Any]) -> str:
    return _("Your question about row {row} of file {file} is answered.").format(
        file=params.get("file", ""), row=_n(params, "row")
    )


def _canary(_count: int, params: dict[str, Any]) -> str:
    return _(
        "{name} touched a person who exists only to be noticed ({act}, request {request}). Look at"
        " why."
    ).format(
        name=params.get("name", ""),
        act=dict(Action.choices).get(params.get("act", ""), ""),
        request=params.get("request", ""),
    )


def _hazard_waits(_count: int, params: dict[str, Any]) -> str:
    return _("For {minutes} minutes nobody has taken this hazard on: {title}. It is yours.").format(
        minutes=_n(params, "minutes"), title=params.get("title", "")
    )


def _pockets(count: int, _params: dict[str, Any]) -> str:
    return ngettext(
        "{n} village of your region: is it a pocket of extreme poverty? BIG and the register"
        " differ.",
        "{n} villages of your region: are they pockets of extreme poverty? BIG and the register"
        " differ.",
        count,
    ).format(n=number_format(count))


def _host_waits(_count: int, params: dict[str, Any]) -> str:
    return _(
        "A planner wants figures of {host}. Nothing is asked of it before an administrator allows"
        " it."
    ).format(host=params.get("host", ""))


def _decree_annulled(count: int, params: dict[str, Any]) -> str:
    return ngettext(
        "Decree {number}, which determined {n} proposal of your region, was annulled by decree"
        " {by_number} of {day}. Its family can be proposed again.",
        "Decree {number}, which determined {n} proposals of your region, was annulled by decree"
        " {by_number} of {day}. Their families can be proposed again.",
        count,
    ).format(
        number=params.get("number", ""),
        n=number_format(count),
        by_number=params.get("by_number", ""),
        day=date_format(date.fromisoformat(params["by_date"])) if params.get("by_date") else "–",
    )


def _bulk_ended(_count: int, params: dict[str, Any]) -> str:
    if params.get("is_stopped"):
        text = (
            _("Undoing your decision on {total} proposals stopped: nothing was undone. See why.")
            if params.get("is_undo")
            else _("Your decision on {total} proposals stopped: nothing was decided. See why.")
        )
    elif params.get("is_undo"):
        text = _("Your decision is undone for {done} of {total} proposals.")
    else:
        text = _("Your decision is taken on {done} of {total} proposals; see what was left out.")
    return text.format(done=_n(params, "done"), total=_n(params, "total"))


def _n(params: dict[str, Any], name: str) -> str:
    return str(number_format(params.get(name, 0)))


_WORDS: dict[Notice.Kind, Callable[[int, dict[str, Any]], str]] = {
    Kind.BATCH_READY: _ready,
    Kind.BATCH_ASKS: _asks,
    Kind.BATCH_STOPPED: _stopped,
    Kind.CORRECTED: _corrected,
    Kind.ROWS_RETURNED: _returned,
    Kind.CYCLE_CLOSING: _closing,
    Kind.QUESTIONS: _questions,
    Kind.ANSWER_BACK: _answer_back,
    Kind.MUCH_READING: _much_reading,
    Kind.ROW_ASKED: _row_asked,
    Kind.ROW_ANSWERED: _row_answered,
    Kind.CANARY: _canary,
    Kind.HAZARD_WAITS: _hazard_waits,
    Kind.POCKETS: _pockets,
    Kind.HOST_WAITS: _host_waits,
    Kind.DECREE_ANNULLED: _decree_annulled,
    Kind.BULK_ENDED: _bulk_ended,
}
