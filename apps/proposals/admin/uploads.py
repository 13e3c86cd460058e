"""Upload of a file: the region, the kind of codes, and columns that must be matched by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.base import File
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.proposals import columns
from apps.proposals.models import Batch
from apps.proposals.region_choice import only_region, own_regions
from apps.proposals.upload import column_mapping, intake, parking
from apps.proposals.upload.forms import ColumnsForm, UploadForm
from apps.proposals.upload.intake import uploaded_already
from apps.ui.permissions import requires
from apps.ui.requests import user_of

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

    @method_decorator([requires(Permission.UPLOAD_BATCH), transaction.non_atomic_requests])
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """The form. An uploaded file is inspected between two transactions."""
        wrong: dict[str, str] = {}
        form, file = UploadForm(request.POST), request.FILES.get("file")
        with scoped(request.user):
            scope = scope_of(request.user, Permission.UPLOAD_BATCH)
            chosen = form.place(scope) if request.method == "POST" else only_region(scope)
        code_system = form.sent["code_system"]
        if request.method == "POST":
            if file is None:
                wrong["file"] = _("No file was chosen. Choose one and upload it.")
            if chosen is None:
                wrong["region"] = _("Choose the region whose proposals these are.")
            if file is not None and chosen is not None:
                try:
                    return self._sent(request, file, chosen.code, code_system)
                except DomainError as refused:
                    wrong["file"] = refused.text
        return self._rendered(
            request,
            "proposals/admin/batch_upload.html",
            title=_("Upload a file"),
            wrong=wrong,
            place=chosen,
            own_places=own_regions(scope),
            region_text=form.sent["region_text"],
            code_system=code_system,
            code_systems=Batch.CodeSystem.choices,
            required=[columns.TEMPLATE[name] for name in columns.REQUIRED],
        )

    @method_decorator([requires(Permission.UPLOAD_BATCH), transaction.non_atomic_requests])
    def columns_view(self, request: HttpRequest) -> HttpResponse:
        """Our columns beside those of the parked file, each with three values."""
        parked = request.session.get(PARKED) or {}
        path = parking.path_of(parked.get("token", ""))
        if path is None:
            messages.warning(request, _("The file is no longer here. Upload it once more."))
            return redirect(reverse(f"admin:{self._name('upload')}"))
        with inspection.slot(actor_of(user_of(request))):
            look = intake.inspect_upload(path, parked["file_name"])
        header, said = look.peek.header, look.found
        chosen = said.proposed()
        wrong = ""
        if request.method == "POST":
            chosen = ColumnsForm(request.POST).chosen(len(header))
            lacking = [columns.TEMPLATE[name] for name in columns.missing(chosen)]
            if lacking:
                wrong = _("Still without a column: {names}.").format(names=", ".join(lacking))
            else:
                try:
                    return self._receive_parked(request, path, parked, chosen)
                except DomainError as refused:
                    wrong = refused.text
        ours = column_mapping.our_columns(chosen, said)
        return self._rendered(
            request,
            "proposals/admin/batch_columns.html",
            title=_("Match columns"),
            file_name=parked["file_name"],
            wrong=wrong,
            found=column_mapping.file_columns(header, look.peek.samples),
            needed=[one for one in ours if one.is_needed],
            others=[one for one in ours if not one.is_needed],
            unused=said.left_out(chosen),
        )

    def _rendered(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        """The page, rendered inside the transaction in which the database knows the user."""
        with scoped(request.user):
            answer: HttpResponse = self.render(request, template, **context).render()
        return answer

    def _sent(self, request: HttpRequest, file: Any, region: str, system: str) -> HttpResponse:
        try:
            return self._receive(request, file, file.name, region, system)
        except intake.ColumnsMissing:
            return self._park(request, file, region, system)

    def _receive(
        self, request: HttpRequest, file: Any, name: str, region: str, system: str, **more: Any
    ) -> HttpResponse:
        user = user_of(request)
        with scoped(user):
            intake.check_region(user, region)
        with inspection.slot(actor_of(user)):
            kept = intake.keep_file(file, name)
        with scoped(user):
            received = intake.take_file(
                kept=kept,
                by=user,
                region_code=region,
                now=timezone.now(),
                code_system=system,
                **more,
            )
            if not received.is_new:
                messages.info(request, uploaded_already(received.batch, user))
            return self.to_row(received.batch)

    def _park(self, request: HttpRequest, file: Any, region: str, system: str) -> HttpResponse:
        file.seek(0)
        parking.drop((request.session.get(PARKED) or {}).get("token", ""))
        request.session[PARKED] = {
            "token": parking.park(file),
            "file_name": file.name[:200],
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
