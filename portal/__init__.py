"""The project: settings, URLs, queue, privileges and the pages that belong to no single app."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
