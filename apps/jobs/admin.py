"""Jobs that run, wait or failed, and why. Failed jobs can be resumed, unwanted ones cancelled."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit import record
from apps.audit.admin_base import ScopedAdmin, Verb
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.jobs import kinds, messages, work
from apps.jobs.models import Job
from apps.ui.requests import user_of


@admin.register(Job)
class JobAdmin(ScopedAdmin):
    list_display = [
        "number",
        "what",
        "about",
        "status",
        "progress",
        "actor_name",
        "created_at",
    ]
    list_filter = ["status", "created_at"]
    ordering = ["-id"]
    fields = (
        *("what", "about", "region_code", "status", "ending", "progress"),
        *("stage", "attempt", "actor_name", "created_at", "started_at", "heartbeat_at"),
        *("finished_at", "stages"),
    )
    readonly_fields = fields
    verbs = (
        Verb("resume", gettext_lazy("Resume"), "jobs.manage_job"),
        Verb("cancel", gettext_lazy("Cancel"), "jobs.manage_job", danger=True),
    )

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.filter(scope.query("region_code"))

    def heading(self, row: Job) -> str:
        return f"{messages.label_of(row.kind)} · {messages.about(row)}"

    @admin.display(description=gettext_lazy("number"), ordering="id")
    def number(self, job: Job) -> int:
        return job.pk

    @admin.display(description=gettext_lazy("work"))
    def what(self, job: Job) -> str:
        return str(messages.label_of(job.kind))

    @admin.display(description=gettext_lazy("about"))
    def about(self, job: Job) -> str:
        return messages.about(job) or "–"

    @admin.display(description=gettext_lazy("how it ended"))
    def ending(self, job: Job) -> str:
        return messages.ending(job) or "–"

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, job: Job) -> str:
        percent = 100 if job.status == Job.Status.DONE else job.percent
        return "–" if percent is None else f"{percent}%"

    @admin.display(description=gettext_lazy("seconds by stage"))
    def stages(self, job: Job) -> str:
        return ", ".join(f"{stage} {seconds}" for stage, seconds in job.seconds.items()) or "–"

    def verbs_for(self, request: HttpRequest, row: Job) -> list[Verb]:
        resume, cancel = self.verbs
        if row.status == Job.Status.FAILED:
            known = kinds.find(row.kind)
            return [resume] if known and known.is_resumable else []
        return [] if row.is_finished or row.cancel_asked else [cancel]

    def do_resume(self, request: HttpRequest, job: Job) -> str:
        job = work.begin_again(job=job, by=user_of(request), now=timezone.now())
        record.entry(Action.CHANGE, about=job, step="resumed")
        return _("%(what)s waits for a worker again.") % {"what": messages.about(job)}

    def do_cancel(self, request: HttpRequest, job: Job) -> str:
        if not work.cancel(job):
            raise DomainError("not_running", status=job.get_status_display())
        record.entry(Action.CHANGE, about=job, step="cancelled")
        return _("%(what)s stops at its next step; what was done so far is kept.") % {
            "what": messages.about(job)
        }
