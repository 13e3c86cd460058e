"""Uploading: the page with the form, and what a file's sender is asked before it is checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.roles import Permission
from apps.casework.models import Cycle
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import inspection, stored_files
from apps.common.files.attachments import as_attachment
from apps.imports import column_choice
from apps.proposals import columns, region_choice
from apps.proposals.models import Upload
from apps.proposals.upload import column_mapping, intake, template, upload_parts
from apps.proposals.upload.forms import ColumnsForm, UploadForm
from apps.proposals.upload.views.script_texts import upload_words
from apps.regions.models import COUNTRY, CodeSystem
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def upload_page(request: HttpRequest) -> HttpResponse:
    """The form. A script sends in parts (views.parts); without one the whole file comes here."""
    wrong: dict[str, str] = {}
    if request.method == "POST" and (upload := _kept(request, wrong)) is not None:
        try:
            return redirect(settled(request, upload.pk))
        except inspection.Busy:  # it is stored: the page of its questions looks at it
            return redirect("proposals:upload-settle", upload.pk)
        except DomainError as refused:
            wrong["file"] = refused.text
    with scoped(user_of(request)):
        return _upload_form(request, wrong)


def _upload_form(request: HttpRequest, wrong: dict[str, str]) -> HttpResponse:
    scope, form = scope_of(user_of(request), Permission.UPLOAD_BATCH), UploadForm(request.POST)
    only = region_choice.only_region(scope)
    place = form.place(scope) if request.method == "POST" else only
    return render(
        request,
        "proposals/upload/upload.html",
        {
            "wrong": wrong,
            "place": place,
            "only_place": only,
            "own_places": region_choice.own_regions(scope),
            "region_text": form.sent["region_text"],
            "code_system": form.sent["code_system"],
            "code_systems": CodeSystem.choices,
            "required": [columns.TEMPLATE[name] for name in columns.REQUIRED],
            "unfinished": upload_parts.unfinished(user_of(request)),
            "words": json.dumps(upload_words()),
            "limit": tabular.ROW_FILE.file_bytes,
        },
    )


def _kept(request: HttpRequest, wrong: dict[str, str]) -> Upload | None:
    """The whole file of a form, stored; nothing when something is wrong with it."""
    with scoped(user_of(request)):
        form = UploadForm(request.POST)
        place = form.place(scope_of(user_of(request), Permission.UPLOAD_BATCH))
        file: Any = request.FILES.get("file")
        if file is None:
            wrong["file"] = _("No file was chosen. Choose one and upload it.")
        if place is None:
            wrong["region"] = _("Choose the region whose proposals these are.")
        if place is None or file is None:
            return None
        try:
            return upload_parts.keep(
                by=user_of(request),
                region_code=place.code,
                file=file,
                now=timezone.now(),
                code_system=form.sent["code_system"],
            )
        except DomainError as refused:
            wrong["file"] = refused.text
            return None


def settled(
    request: HttpRequest, upload_id: UUID, answer: upload_parts.Answer | None = None
) -> str:
    """Finish an upload; the address that comes next: its batch, or the questions about it.

    What nobody can use is removed. Opens its own transactions. Raises: DomainError, Http404, Busy.
    """
    user = user_of(request)
    with _own(), scoped(user):
        found = upload_parts.ready(upload_id=upload_id, by=user)
        if isinstance(found, intake.Received):
            return _next(request, found)
    seen = _looked(request, found)
    with _own(), scoped(user):
        done = upload_parts.finish(
            upload_id=upload_id, by=user, now=timezone.now(), seen=seen, answer=answer
        )
        if isinstance(done, upload_parts.Questions):
            return address("upload-settle", upload_id)
        return _next(request, done)


def _next(request: HttpRequest, done: intake.Received | upload_parts.Questions) -> str:
    """The address of the batch; that it was there already is said."""
    assert isinstance(done, intake.Received)
    if not done.is_new:
        messages.info(request, intake.uploaded_already(done.batch, user_of(request)))
    return address("batch", done.batch.pk)


def _looked(request: HttpRequest, upload: Upload) -> upload_parts.Seen:
    """Look at a whole file, outside of any transaction; remove it when nobody can use it."""
    user = user_of(request)
    try:
        with inspection.slot(actor_of(user)):
            return upload_parts.look_over(upload)
    except (tabular.FileRefused, upload_parts.IsPhoto, upload_parts.FileChanged) as refused:
        if refused.code != intake.NoRoom.code:  # there may be room later
            with scoped(user):
                upload_parts.remove(upload_id=upload.pk, by=user)
        raise


@contextmanager
def _own() -> Iterator[None]:
    """An upload that is gone, or another's, is not there."""
    try:
        yield
    except Upload.DoesNotExist:
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def upload_settle(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """What was noticed about a file, our columns beside its own, and the choice to go on."""
    with scoped(user_of(request)):
        upload = own_upload(request, upload_id)
    if upload.batch_id is not None:
        return redirect("proposals:batch", upload.batch_id)
    if not upload.is_whole:
        return redirect("proposals:upload-page")
    try:
        seen = _looked(request, upload)
    except upload_parts.NotWhole:
        with scoped(user_of(request)):  # perhaps finished meanwhile
            batch = own_upload(request, upload_id).batch_id
        return redirect(*(("proposals:batch", batch) if batch else ("proposals:upload-page",)))
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("proposals:upload-page")
    with scoped(user_of(request)):
        return _answer_questions(request, upload, seen)


def _answer_questions(
    request: HttpRequest, upload: Upload, seen: upload_parts.Seen
) -> HttpResponse:
    """The answer where one was given, else the questions."""
    user, now = user_of(request), timezone.now()
    asked = upload_parts.questions(upload, seen, now)
    header, wrong = seen.look.peek.header, ""
    found = seen.look.found
    chosen = found.proposed()
    is_bps = any(one.code == "bps_codes" for one in asked.warnings)
    system = CodeSystem.BPS.value if is_bps else upload.code_system
    if request.method == "POST":
        form = ColumnsForm(request.POST)
        chosen, system = form.chosen(len(header)), form.sent["code_system"]
        lacking = [columns.TEMPLATE[name] for name in columns.missing(chosen)]
        if lacking:
            wrong = _("Still without a column: {names}.").format(names=", ".join(lacking))
        else:
            given = upload_parts.Answer(system, chosen)
            try:
                with _own():
                    done = upload_parts.finish(
                        upload_id=upload.pk, by=user, now=now, seen=seen, answer=given
                    )
                return redirect(_next(request, done))
            except DomainError as refused:
                wrong = refused.text
    ours = column_mapping.our_columns(chosen, found)
    return render(
        request,
        "proposals/upload/match_columns.html",
        {
            "upload": upload,
            "asked": asked,
            "wrong": wrong,
            "found": column_choice.file_columns(header, seen.look.peek.samples),
            "needed": [one for one in ours if one.is_needed],
            "others": [one for one in ours if not one.is_needed],
            "lacking": [columns.TEMPLATE[name] for name in asked.missing],
            "unused": found.left_out(chosen),
            "line": max(seen.look.peek.header_line, 1),
            "code_system": system,
            "code_systems": CodeSystem.choices,
        },
    )


@require_POST
@requires(Permission.UPLOAD_BATCH)
def upload_remove(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    upload = own_upload(request, upload_id)
    upload_parts.remove(upload_id=upload.pk, by=user_of(request))
    messages.info(request, _("{name} was removed; nothing of it is kept.").format(name=upload))
    return redirect("proposals:upload-page")


@require_safe
@requires(Permission.UPLOAD_BATCH)
def template_page(request: HttpRequest) -> HttpResponse:
    """The template of a region of one's own (`kind` xlsx, csv or villages); else the choice."""
    scope, today = scope_of(user_of(request), Permission.UPLOAD_BATCH), timezone.localdate()
    given = request.GET
    asked = given.get("region", "") or given.get("region_text", "")
    place = (
        region_choice.region_named(given.get("region", ""), given.get("region_text", ""), scope)
        if asked
        else region_choice.only_region(scope)
    )
    kind = given.get("kind", "")
    if place is None or place.code == COUNTRY or kind not in ("xlsx", "csv", "villages"):
        return render(
            request,
            "proposals/upload/template.html",
            {"place": place, "region_text": given.get("region_text", ""), "is_lost": bool(asked)},
        )
    cycle = Cycle.objects.open_on(today).order_by("cutoff_date", "pk").first()
    village_rows = template.villages(scope, place.code, today)
    out = BytesIO()
    if kind == "xlsx":
        scratch = stored_files.folder("scratch")
        template.write_xlsx(out, cycle=cycle, village_rows=village_rows, scratch=scratch)
    elif kind == "csv":
        tabular.write_csv([], template.header(cycle), out)
    else:
        tabular.write_csv(village_rows, template.VILLAGE_HEADER, out)
    return _file(out.getvalue(), kind, place.code)


TYPES = {
    "xlsx": ("templat-usulan", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("templat-usulan", "text/csv; charset=utf-8"),
    "villages": ("kode-desa", "text/csv; charset=utf-8"),
}


def _file(content: bytes, kind: str, code: str) -> HttpResponse:
    name, content_type = TYPES[kind]
    ending = "xlsx" if kind == "xlsx" else "csv"
    answer = HttpResponse(content, content_type=content_type)
    return as_attachment(answer, f"{name}-{code}.{ending}")


def own_upload(request: HttpRequest, upload_id: UUID) -> Upload:
    """One's own upload; another's is not there."""
    mine = Upload.objects.of(user_of(request)).select_related("region")
    return get_object_or_404(mine, pk=upload_id)


def address(name: str, *args: Any) -> str:
    return reverse(f"proposals:{name}", args=args)


urlpatterns = [
    path("batches/upload/", upload_page, name="upload-page"),
    path("batches/template/", template_page, name="template"),
    path("uploads/<uuid:upload_id>/settle/", upload_settle, name="upload-settle"),
    path("uploads/<uuid:upload_id>/remove/", upload_remove, name="upload-remove"),
]
