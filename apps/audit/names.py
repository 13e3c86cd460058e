"""Names of actors, subjects and details for pages, without names from the code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

COMMAND, SYSTEM = "command:", "system"
_SUBJECT: Final = re.compile(r"(?P<app>[a-z_]+)\.(?P<model>\w+)(?::(?P<key>.+))?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
# "merge/84" and the like: the cause of a change of the register.
REFERENCES: Final[dict[str, Promise]] = {
    "merge": gettext_lazy("merge"),
    "unmerge": gettext_lazy("merge undone"),
    "conflict": gettext_lazy("question"),
    "batch": gettext_lazy("batch"),
    "decree": gettext_lazy("decree"),
    "import": gettext_lazy("import"),
    "correction": gettext_lazy("correction"),
    "user": gettext_lazy("user"),
    "client": gettext_lazy("client"),
}
KEYS: Final[dict[str, Promise]] = {
    "step": gettext_lazy("step"),
    "what": gettext_lazy("what"),
    "rows": gettext_lazy("rows"),
    "sha256": gettext_lazy("checksum"),
    "selection": gettext_lazy("filter"),
    "field": gettext_lazy("field"),
    "fields": gettext_lazy("fields"),
    "columns": gettext_lazy("columns"),
    "conflicts": gettext_lazy("questions"),
    "channel": gettext_lazy("way in"),
    "door": gettext_lazy("way in"),  # as older entries have it
    "criteria": gettext_lazy("searched by"),
    "hits": gettext_lazy("found"),
    "size": gettext_lazy("size (bytes)"),
    "outcome": gettext_lazy("answer"),
    "verdict": gettext_lazy("answer"),  # as older entries have it
    "before": gettext_lazy("before"),
    "format": gettext_lazy("format"),
    "choice": gettext_lazy("choice"),
    "counts": gettext_lazy("counts"),
    "pairs": gettext_lazy("pairs"),
    "records": gettext_lazy("records"),
    "persons": gettext_lazy("persons"),
    "proposals": gettext_lazy("proposals"),
    "dropped": gettext_lazy("dropped rows"),
    "restored": gettext_lazy("restored rows"),
    "until": gettext_lazy("until"),
    "opens": gettext_lazy("opens"),
    "closes": gettext_lazy("closes"),
    "drawn": gettext_lazy("frozen, data drawn"),
    "purpose": gettext_lazy("purpose"),
    "scopes": gettext_lazy("scopes"),
    "role": gettext_lazy("role"),
    "query": gettext_lazy("search"),
    "why": gettext_lazy("reason"),
    "error": gettext_lazy("error"),
    "file": gettext_lazy("file"),
    "kind": gettext_lazy("kind"),
    "edition": gettext_lazy("boundary edition"),
    "proposal": gettext_lazy("proposal"),
    "fix": gettext_lazy("correction"),
    "finding": gettext_lazy("finding"),
    "job": gettext_lazy("job"),
    "civil": gettext_lazy("civil register"),
    "ready": gettext_lazy("ready"),
    "held": gettext_lazy("to be mended"),
    "points": gettext_lazy("points"),
    "force": gettext_lazy("without asking"),
    "retrain": gettext_lazy("model trained anew"),
    "lower": gettext_lazy("lower threshold"),
    "upper": gettext_lazy("upper threshold"),
    "changed": gettext_lazy("changed"),
    "rechecked": gettext_lazy("points checked again"),
    "evidence_changed": gettext_lazy("with other evidence"),
    "verdicts_changed": gettext_lazy("with another verdict"),
    "verdict_moves": gettext_lazy("verdicts before and now"),
    "is_automatic": gettext_lazy("without a question"),
    "open_sample": gettext_lazy("blind sample opened"),
    "refused": gettext_lazy("refused"),
    "activated": gettext_lazy("activated"),
    "moved": gettext_lazy("moved"),
    "held_back": gettext_lazy("held back"),
    "asked": gettext_lazy("asked"),
    "masked": gettext_lazy("numbers masked"),
    "left_out": gettext_lazy("left out"),
    "identity": gettext_lazy("identity differs"),
    "change": gettext_lazy("change"),
    "numbers": gettext_lazy("numbers"),
    "pair": gettext_lazy("pair"),
    "answers": gettext_lazy("answers"),
    "scope": gettext_lazy("scope"),
    "region": gettext_lazy("region"),
    "programme": gettext_lazy("programme"),
    "status": gettext_lazy("status"),
    "batch": gettext_lazy("batch"),
    "decree": gettext_lazy("decree"),
    "severity": gettext_lazy("severity"),
    "after": gettext_lazy("after"),
    "source": gettext_lazy("source"),
    "reason": gettext_lazy("reason"),
    "period": gettext_lazy("period"),
    "page": gettext_lazy("page"),
    "method": gettext_lazy("way of asking"),
    "box": gettext_lazy("part of the map"),
    "counted": gettext_lazy("counted today"),
    "part": gettext_lazy("part"),
    "day": gettext_lazy("day"),
    "series": gettext_lazy("digest of the first digits"),
    "number": gettext_lazy("digest of the number"),
}
VALUES: Final[dict[str, Promise]] = {
    "nik": pgettext_lazy("column", "NIK"),
    "kk": pgettext_lazy("column", "No. KK"),
    "name": gettext_lazy("name"),
    "birth_date": gettext_lazy("date of birth"),
    "birth_place": gettext_lazy("place of birth"),
    "mother_name": gettext_lazy("mother's name"),
    "sex": gettext_lazy("sex"),
    "marital_status": gettext_lazy("marital status"),
    "address": gettext_lazy("address"),
    "village": gettext_lazy("village"),
    "village_code": gettext_lazy("village"),
    "latitude": gettext_lazy("latitude"),
    "longitude": gettext_lazy("longitude"),
    "undo": gettext_lazy("taken back"),
    "take_back": gettext_lazy("taken back"),
    "confirm": gettext_lazy("gone on with"),
    "discard": gettext_lazy("thrown away"),
    # as older entries have them
    "go_on_anyway": gettext_lazy("gone on with"),
    "throw_away": gettext_lazy("thrown away"),
    "load_again": gettext_lazy("loaded again"),
    "amend": gettext_lazy("mended"),
    "swept": gettext_lazy("deleted after 90 days"),
    "recheck": gettext_lazy("checked again"),
    "resolve": gettext_lazy("resolved"),
    "delete": gettext_lazy("deleted"),
    "submit": gettext_lazy("submitted"),
    "determine": gettext_lazy("determined"),
    "lift_stop": gettext_lazy("stop lifted"),
    "export_agreed": gettext_lazy("large file agreed to"),
    "export_refused": gettext_lazy("large file not agreed to"),
    "lookup": gettext_lazy("Look-ups in the register"),
    "list": gettext_lazy("Rows shown in lists"),
    "reveal": gettext_lazy("Numbers revealed"),
    "export": gettext_lazy("Rows exported"),
    "guess": gettext_lazy("Numbers tried in a row"),
    "cancel": gettext_lazy("cancelled"),
    "cancelled": gettext_lazy("cancelled"),
    "resume": gettext_lazy("resumed"),
    "resumed": gettext_lazy("resumed"),
    "activate": gettext_lazy("activated"),
    "take over": gettext_lazy("taken over"),
    "take over without a question": gettext_lazy("taken over without a question"),
    "password_changed": gettext_lazy("password changed"),
    "password_reset": gettext_lazy("password reset"),
    "factor_reset": gettext_lazy("second factor reset"),
    "nik_given": gettext_lazy("NIK given"),
    "secret_renewed": gettext_lazy("secret renewed"),
    "first_rows": gettext_lazy("first rows"),
    "history": gettext_lazy("history"),
    "web": gettext_lazy("web page"),
    "oauth": gettext_lazy("API"),
    "not_checked": pgettext_lazy("civil", "Not checked"),
    "matched": pgettext_lazy("civil", "Matched"),
    "not_matched": pgettext_lazy("civil", "Not matched"),
    "failed": pgettext_lazy("civil", "Service failed"),
    "draft": gettext_lazy("Draft"),
    "submitted": gettext_lazy("Submitted"),
    "verified": gettext_lazy("Verified"),
    "endorsed": gettext_lazy("Endorsed"),
    "accepted": gettext_lazy("Accepted"),
    "returned": gettext_lazy("Returned"),
    "rejected": gettext_lazy("Rejected"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "determined": gettext_lazy("Determined"),
    "inside": gettext_lazy("Inside"),
    "near_border": gettext_lazy("Near the border"),
    "neighbour": gettext_lazy("Neighbouring village"),
    "elsewhere": gettext_lazy("Elsewhere"),
    "unmapped": gettext_lazy("In no village"),
    "no_polygon": gettext_lazy("No boundary yet"),
    "no_point": gettext_lazy("No point"),
    "same": pgettext_lazy("answer", "The same person"),
    "not_same": pgettext_lazy("answer", "Not the same person"),
    "unsure": pgettext_lazy("answer", "Unsure, ask for a check on the spot"),
}


def spoken(name: str) -> str:
    """The stored name of an actor, in the reader's language for commands and the system."""
    if name.startswith(COMMAND):
        return _("Pusdatin, by the command {name} on the server").format(
            name=name.removeprefix(COMMAND).replace("_", " ")
        )
    return _("The portal itself") if name == SYSTEM else name


def actor(key: str, name: str) -> str:
    """The actor's name; without one a text for the key (`user:12` → "User 12")."""
    if name:
        return spoken(name)
    kind, _colon, number = key.partition(":")
    if number and kind in REFERENCES:
        return f"{capfirst(str(REFERENCES[kind]))} {number}"
    return spoken(key)


def subject(stored: str) -> str:
    """The subject of an entry as text: `proposals.Batch:3` → "Batch 3"."""
    found = _SUBJECT.fullmatch(stored)
    try:
        model = apps.get_model(found["app"], found["model"]) if found else None
    except LookupError:
        model = None
    if found is None or model is None:
        return reference(stored)
    if not found["key"]:
        return str(capfirst(model._meta.verbose_name_plural))
    return f"{capfirst(model._meta.verbose_name)} {found['key']}"


def reference(stored: str) -> str:
    """`merge/84` → "Merge 84"; any other text unchanged."""
    kind, slash, number = stored.partition("/")
    if slash and kind in REFERENCES:
        return f"{capfirst(str(REFERENCES[kind]))} {number}"
    return stored


def asked(text: str) -> Q:
    """The entries that match a search exactly: in the form that the list shows, or by request
    number.
    """
    words = text.strip()
    found = Q(actor=words) | Q(subject=words) | Q(request_id=words)
    user_model: Any = get_user_model()
    people = user_model.objects.filter(Q(username=words) | Q(full_name=words))
    keys = [f"user:{key}" for key in people.values_list("pk", flat=True)[:20]]
    label, _space, key = words.rpartition(" ")
    subjects = [
        f"{model._meta.app_label}.{model.__name__}:{key}"
        for model in apps.get_models()
        if label and str(model._meta.verbose_name).casefold() == label.casefold()
    ]
    return found | Q(actor__in=keys) | Q(subject__in=subjects)


def details(given: dict[str, Any]) -> list[tuple[str, str]]:
    """The details of an entry as text, one line each."""
    return [(capfirst(str(KEYS.get(key, _plain(key)))), value(one)) for key, one in given.items()]


def value(one: Any) -> str:
    if isinstance(one, bool):
        return _("yes") if one else _("no")
    if one is None or one == "":
        return "–"
    if isinstance(one, dict):
        return "; ".join(f"{KEYS.get(key, value(key))}: {value(part)}" for key, part in one.items())
    if isinstance(one, Iterable) and not isinstance(one, str):
        return ", ".join(map(value, one)) or "–"
    if isinstance(one, int | float):
        return str(number_format(one))
    text = str(one)
    if text in VALUES:
        return str(VALUES[text])
    if _DAY.fullmatch(text):
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    if _MOMENT.fullmatch(text):
        return date_format(localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")
    return subject(text) if _SUBJECT.fullmatch(text) else _plain(text)


def _plain(text: str) -> str:
    """A code that is in no list, without its punctuation."""
    return text.replace("_", " ") if re.fullmatch(r"[a-z0-9_.]+", text) else text
