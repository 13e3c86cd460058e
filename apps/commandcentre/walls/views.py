"""The wall's board, for a device without a user; and the page where operators let devices in."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.limits import attempts
from apps.accounts.origin import client_address
from apps.accounts.roles import Permission
from apps.commandcentre.board import overview, shared_board
from apps.commandcentre.board.events import hazards_of_board
from apps.commandcentre.models import Wall
from apps.commandcentre.states import TOPIC
from apps.commandcentre.walls import devices
from apps.commandcentre.walls.forms import CodeForm, NameForm
from apps.common.errors import DomainError
from apps.jobs import outbox
from apps.ui.permissions import requires
from apps.ui.requests import user_of

COOKIE: Final = "wall"
PATH: Final = "/command-centre/wall/"


# --- the device ---


@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest) -> HttpResponse:
    """The board for the wall, read only and without personal data; else the form for a code."""
    if request.method == "POST":
        return _let_in(request)
    wall = _wall(request)
    if wall is None:
        return render(request, "commandcentre/walls/code.html", status=403)
    context = {"wall": wall, **overview.wall(now=timezone.now())}
    response = render(request, "commandcentre/walls/board.html", context)
    _keep(response, request.COOKIES[_cookie()])
    return response


@require_safe
def drawn_map(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The map of a hazard of the board: areas, stores, the plan's lines; nobody's house."""
    if _wall(request) is None:
        return HttpResponse(status=403)
    # also one that its source cancelled, while the board lists it for its goods
    hazard = get_object_or_404(hazards_of_board(timezone.now()), pk=hazard_id)
    answer = HttpResponse(overview.wall_map(hazard), content_type="image/svg+xml; charset=utf-8")
    # its address changes with what it shows, but for the stock of stores that the plan does not use
    answer["Cache-Control"] = "private, max-age=600"
    return answer


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """What changed, for the board of the wall; as a stream also the board itself."""
    if _wall(request) is None:
        return HttpResponse(status=403)
    readers = f"wall:{get_language()}"
    part = outbox.Part(PATH, readers, shared_board.KINDS, checks=["wall"])
    return outbox.answer(request, TOPIC, part)


def _let_in(request: HttpRequest) -> HttpResponse:
    address = client_address(request)
    try:
        # guessing counts like a wrong secret of a machine
        attempt = attempts.take_as_machine(address=address)
        _wall_, token = devices.let_in(
            code=CodeForm(request.POST).sent["code"], address=address, now=timezone.now()
        )
    except DomainError as refused:
        context = {"problem": refused.text}
        return render(request, "commandcentre/walls/code.html", context, status=403)
    attempt.succeeded()
    response = redirect("commandcentre:wall")
    _keep(response, token)
    return response


def _wall(request: HttpRequest) -> Wall | None:
    return devices.wall_of(
        token=request.COOKIES.get(_cookie(), ""),
        address=client_address(request),
        now=timezone.now(),
    )


def _keep(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        _cookie(),
        token,
        max_age=devices.KEPT,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _cookie() -> str:
    return f"__Secure-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


# --- operators ---


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_HAZARD)
def page(request: HttpRequest) -> HttpResponse:
    """The screens; POST makes one and shows its code, once."""
    context = {"walls": devices.walls(now=timezone.now()), "minutes": 10}
    if request.method == "POST":
        try:
            made, code = devices.make_wall(
                name=NameForm(request.POST).sent["name"], by=user_of(request), now=timezone.now()
            )
        except DomainError as refused:
            flash.error(request, refused.text)
            return redirect("commandcentre:walls")
        context |= {"made": made, "code": f"{code[:5]}-{code[5:]}"}
    return render(request, "commandcentre/walls/walls.html", context)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def end(request: HttpRequest, wall_id: int) -> HttpResponse:
    """End a screen, in one click."""
    wall = get_object_or_404(Wall, pk=wall_id)
    devices.end_wall(wall=wall, by=user_of(request), now=timezone.now())
    return redirect("commandcentre:walls")
