"""Words about long work for templates."""

from __future__ import annotations

from django import template

from apps.jobs import messages
from apps.jobs.models import Job

register = template.Library()


@register.filter
def job_ending(job: Job) -> str:
    """How a job ended; empty while it goes on or when all went well."""
    return messages.ending(job)
