"""What every admin page keeps to, whoever wrote it."""

import pytest
from django.contrib import admin
from django.contrib.admin.filters import FieldListFilter, SimpleListFilter
from django.db.models import ForeignKey
from django.urls import Resolver404, resolve

from apps.audit.admin_base import ScopedAdmin

PAGES = [pytest.param(page, id=str(page)) for page in admin.site._registry.values()]
# What a search or filter in the address must never be about.
PERSONAL = {"nik", "kk", "name", "birth_date", "mother_name", "phone", "full_name", "email"}


def test_admin_pages_of_installed_packages_are_not_found():
    labels = {model._meta.label for model in admin.site._registry}
    assert {label.partition(".")[0] for label in labels} <= {
        *("accounts", "audit", "casework", "commandcentre", "indicators", "jobs", "proposals"),
        *("reconciliation", "regions", "registry"),
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_page_keeps_to_the_scope(page):
    assert isinstance(page, ScopedAdmin)
    assert type(page).get_queryset is not admin.ModelAdmin.get_queryset


# What is searched for by its name and is no person.
NO_PERSONS = {
    *("regions.Region", "regions.BoundaryEdition", "proposals.Decree"),
    *("commandcentre.Facility", "commandcentre.StockItem", "indicators.Indicator"),
}


@pytest.mark.parametrize("page", PAGES)
def test_no_search_or_filter_by_address_is_about_a_persons_data(page):
    searched = {name.lstrip("=^@").split("__")[-1] for name in page.search_fields}
    model = page.model._meta.label
    if model not in NO_PERSONS:
        assert not searched & PERSONAL


@pytest.mark.parametrize("page", PAGES)
def test_no_filter_lists_rows_of_another_table(page):
    """Django's own filter over a relation lists all of them, whatever the scope."""
    for item in page.list_filter:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            continue
        name, kind = item if isinstance(item, list | tuple) else (item, FieldListFilter)
        assert not isinstance(page.model._meta.get_field(name), ForeignKey) or (
            kind is not FieldListFilter
        )


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_deleted_or_completed(page):
    assert not page.autocomplete_fields
    assert not page.list_editable
    names = {str(url.name) for url in page.get_urls()}
    assert not {name for name in names if name.endswith("_delete")}


@pytest.mark.parametrize("page", PAGES)
def test_a_lookup_that_no_filter_offers_is_refused(page, rf):
    request = rf.get("/")
    for field in page.model._meta.get_fields():
        if field.name not in page._filter_names(request):
            assert not page.lookup_allowed(f"{field.name}__startswith", "1", request)
            assert not page.lookup_allowed(field.name, "1", request)


def test_the_old_addresses_of_packages_admins_do_not_exist():
    for path in ("/admin/auth/group/", "/admin/oauth2_provider/accesstoken/"):
        match = resolve(path)
        assert match.func.__name__ == "catch_all_view", path
    with pytest.raises(Resolver404):
        resolve("/oauth2/applications/")
