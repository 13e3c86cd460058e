"""Uploading a file: whose region, which codes, and matching columns that nobody recognised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import Scope, scope_of
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.jobs.bell import ring_on_commit
from apps.proposals import columns, intake, parking
from apps.proposals.models import Batch
from apps.proposals.pages import only_place, place

PARKED = "parked_upload"


class UploadPages:
    """The upload pages of the batches' admin."""

    page: Any
    to_row: Any
    render: Any
    _name: Any

    def upload_urls(self) -> list[URLPattern]:
        return [
            self.page("upload/", self.upload_view, "upload"),
            self.page("upload/columns/", self.columns_view, "columns"),
        ]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        scope = _scope(request)
        wrong: dict[str, str] = {}
        given = request.POST
        chosen = (
            place(given.get("region", ""), given.get("region_text", ""), scope)
            if request.method == "POST"
            else only_place(scope)
        )
        if request.method == "POST":
            file: Any = request.FILES.get("file")
            if file is None:
                wrong["file"] = _("No file was chosen. Choose one and upload it.")
            if chosen is None:
                wrong["region"] = _("Choose the region whose proposals these are.")
            if not wrong and chosen is not None:
                code_system = _code_system(given)
                try:
                    return self._receive(request, file, file.name, chosen.code, code_system)
                except intake.ColumnsMissing:
                    return self._park(request, file, chosen.code, code_system)
                except DomainError as refused:
                    wrong["file"] = words_of(refused)
        return self.render(
            request,
            "proposals/batch_upload.html",
            title=_("Upload a file"),
            wrong=wrong,
            place=chosen,
            region_text=given.get("region_text", ""),
            code_system=_code_system(given),
            code_systems=Batch.CodeSystem.choices,
            required=[columns.TEMPLATE[name] for name in columns.REQUIRED],
        )

    def columns_view(self, request: HttpRequest) -> HttpResponse:
        """Our columns beside those of the parked file, three values each."""
        _scope(request)
        parked = request.session.get(PARKED) or {}
        path = parking.path_of(parked.get("token", ""))
        if path is None:
            messages.warning(request, _("The file is no longer here. Upload it once more."))
            return redirect(reverse(f"admin:{self._name('upload')}"))
        found = parking.file_columns(path, parked["file_name"])
        header = [column.heading for column in found]
        chosen = columns.match(header)
        wrong = ""
        if request.method == "POST":
            chosen = _chosen(request, len(header))
            lacking = [columns.TEMPLATE[name] for name in columns.missing(chosen)]
            if lacking:
                wrong = _("Still without a column: {names}.").format(names=", ".join(lacking))
            else:
                try:
                    return self._receive_parked(request, path, parked, chosen)
                except DomainError as refused:
                    wrong = words_of(refused)
        return self.render(
            request,
            "proposals/batch_columns.html",
            title=_("Match columns"),
            file_name=parked["file_name"],
            wrong=wrong,
            found=found,
            ours=_ours(chosen),
        )

    def _receive(
        self, request: HttpRequest, file: Any, name: str, region: str, system: str, **more: Any
    ) -> HttpResponse:
        received = intake.receive_file(
            file=file,
            file_name=name,
            by=_user(request),
            region_code=region,
            now=timezone.now(),
            code_system=system,
            **more,
        )
        if received.is_new:
            ring_on_commit(received.job)
        else:
            known = received.batch
            messages.info(
                request,
                _("This file was uploaded on {when} by {who} already; this is its page.").format(
                    when=date_format(timezone.localtime(known.received_at), "DATETIME_FORMAT"),
                    who=known.sender,
                ),
            )
        return self.to_row(received.batch)

    def _park(self, request: HttpRequest, file: Any, region: str, system: str) -> HttpResponse:
        file.seek(0)
        parking.drop((request.session.get(PARKED) or {}).get("token", ""))
        request.session[PARKED] = {
            "token": parking.park(file),
            "file_name": Path(file.name).name[:200],
            "region": region,
            "code_system": system,
        }
        return redirect(reverse(f"admin:{self._name('columns')}"))

    def _receive_parked(
        self, request: HttpRequest, path: Path, parked: dict[str, str], chosen: dict[str, int]
    ) -> HttpResponse:
        with path.open("rb") as opened:
            answer = self._receive(
                request,
                File(opened),
                parked["file_name"],
                parked["region"],
                parked["code_system"],
                mapping=chosen,
            )
        parking.drop(parked["token"])
        del request.session[PARKED]
        return answer


def words_of(refused: DomainError) -> str:
    """A refusal of the reader, the intake or the submission, in words."""
    return str(getattr(refused, "text", "") or refused)


def _scope(request: HttpRequest) -> Scope:
    scope = scope_of(request.user, Permission.UPLOAD_BATCH)
    if not scope:
        raise PermissionDenied
    return scope


def _user(request: HttpRequest) -> Any:
    return request.user


def _code_system(given: Any) -> str:
    asked = given.get("code_system", "")
    return asked if asked in Batch.CodeSystem.values else Batch.CodeSystem.KEMENDAGRI.value


def _chosen(request: HttpRequest, width: int) -> dict[str, int]:
    """Column → position, as far as the form names positions that exist."""
    chosen = {}
    for name in columns.COLUMNS:
        given = request.POST.get(f"column_{name}", "")
        if given.isascii() and given.isdigit() and int(given) < width:
            chosen[name] = int(given)
    return chosen


def _ours(chosen: dict[str, int]) -> list[dict[str, Any]]:
    needed = {*columns.REQUIRED, *columns.VILLAGE}
    return [
        {
            "name": name,
            "label": columns.TEMPLATE[name],
            "is_needed": name in needed,
            "position": chosen.get(name),
        }
        for name in columns.COLUMNS
    ]
