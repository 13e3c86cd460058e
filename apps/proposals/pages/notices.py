"""One's own notices, read and unread, and the setting of the daily e-mail."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.casework import notices
from apps.casework.models import MailPreference, Notice
from apps.ui.forms import Integer, SentForm
from apps.ui.paging import NEWEST_FIRST, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of


class ReadForm(SentForm):
    """The newest notice that was shown."""

    until = Integer(initial=0)


class MailForm(forms.Form):
    """Whether the e-mail is sent, and in which language."""

    wants_digest = forms.BooleanField(required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES)


@require_safe
@requires()
def page(request: HttpRequest) -> HttpResponse:
    """Fifty notices, the newest first."""
    user = user_of(request)
    own = Notice.objects.of(user)
    shown = read_page(own, NEWEST_FIRST, request.GET)
    rows = shown.rows
    preference = MailPreference.objects.filter(user=user).first()
    return render(
        request,
        "proposals/pages/notices.html",
        {
            "rows": [{"notice": row, "words": notices.words(row)} for row in rows],
            "newest": max((row.pk for row in rows), default=0),
            "unread": own.unread().count(),
            "page": shown,
            "wants_digest": preference.wants_digest if preference else True,
            "mail_language": preference.language if preference else get_language(),
            "languages": settings.LANGUAGES,
        },
    )


@require_POST
@requires()
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and redirect to its page."""
    notice = Notice.objects.of(user_of(request)).filter(pk=pk).first()
    if notice is None:
        raise Http404
    notices.read(notice=notice, now=timezone.now())
    return redirect(notice.url)


@require_POST
@requires()
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notices that were shown as read."""
    user = user_of(request)
    until = ReadForm(request.POST).sent["until"]
    notices.read_all(by=user, until=until, now=timezone.now())
    return redirect("proposals:notices")


@require_POST
@requires()
def mail(request: HttpRequest) -> HttpResponse:
    """The daily e-mail: on or off, and its language."""
    user = user_of(request)
    form = MailForm(request.POST)
    if form.is_valid():
        notices.choose_mail(by=user, now=timezone.now(), **form.cleaned_data)
        is_on = form.cleaned_data["wants_digest"]
        messages.success(
            request,
            _("An e-mail comes once a day when there is something new.")
            if is_on
            else _("No e-mail will come. Your notices stay on this page."),
        )
    return redirect("proposals:notices")


urlpatterns = [
    path("notices/", page, name="notices"),
    path("notices/read/", read_all, name="notices_read"),
    path("notices/mail/", mail, name="notices_mail"),
    path("notices/<int:pk>/", open_notice, name="notice"),
]
