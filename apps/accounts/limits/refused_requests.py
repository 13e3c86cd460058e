"""Records a refused request: who asked for an object out of reach or not found."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.apps import apps
from django.http import HttpRequest
from django.urls import ResolverMatch

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common.http import integer
from apps.common.text.identity import NIK_LENGTH

# What a parameter of an address names: `namespace:parameter`, or `view name:parameter` where one
# address differs. Filled by the apps above, in their AppConfig.ready.
subjects: Final[dict[str, str]] = {}
ADMIN: Final = "admin"


def record_refusal(request: HttpRequest) -> None:
    """Write one entry. A missing page that names no object is not recorded."""
    match = request.resolver_match
    if match is None:
        return
    subject = _subject(match)
    record.entry(
        Action.REFUSED,
        about=Subject(subject),
        page=match.view_name[:80],
        method=request.method or "",
    )


def _subject(match: ResolverMatch) -> str:
    for parameter, value in match.kwargs.items():
        label = (
            subjects.get(f"{match.view_name}:{parameter}")
            or subjects.get(f"{match.namespace}:{parameter}")
            or (_of_admin(match) if parameter == "object_id" else "")
        )
        if label and (key := _key(value)):
            return f"{label}:{key}"
    return ""


def _of_admin(match: ResolverMatch) -> str:
    """`admin:registry_person_change` is about a `registry.Person`."""
    if match.namespace != ADMIN:
        return ""
    names = {f"{m._meta.app_label}_{m._meta.model_name}": m._meta.label for m in apps.get_models()}
    app, _, rest = match.url_name.partition("_") if match.url_name else ("", "", "")
    return names.get(f"{app}_{rest.partition('_')[0]}", "")


def _key(value: object) -> str:
    """A key as it is; no typed text, and no number that could be a NIK."""
    text = str(value)
    if isinstance(value, UUID):
        return text
    return text if integer(text, most=10 ** (NIK_LENGTH - 1) - 1) is not None else ""
