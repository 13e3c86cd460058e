"""Where the list of a model is for a user: an officers' page, or the admin's."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.urls import is_valid_path, reverse

from apps.accounts.access import grants_of
from apps.accounts.models import User
from apps.accounts.roles import LEVEL_OF_ROLE

# The officers' page that replaces a model's page in the admin.
OFFICERS_PAGES = {
    "proposals.Batch": "/proposals/batches/",
    "proposals.Proposal": "/proposals/review/",
    "registry.Person": "/register/",
}


def is_officer(user: User) -> bool:
    """Whether a user belongs to the regional chain. No user belongs to both it and Pusdatin."""
    return any(role in LEVEL_OF_ROLE for role, _region in grants_of(user))


def address(user: User, page: str) -> str:
    """The address of a list (`app.Model` or an officers' path) for this user; "" if
    there is none.
    """
    if page.startswith("/") and page not in OFFICERS_PAGES.values():
        return page if is_valid_path(page) else ""
    path = page if page.startswith("/") else OFFICERS_PAGES.get(page, "")
    if path and is_officer(user) and is_valid_path(path):
        return path
    model = next((model for model, at in OFFICERS_PAGES.items() if at == page), page)
    return list_address(model)


def list_address(label: str) -> str:
    """The admin's list of a model (`app.Model`); "" if there is no page for it."""
    model = apps.get_model(label)
    if not admin.site.is_registered(model):
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
