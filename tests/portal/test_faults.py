"""A fault of the portal names its number on the page and in the log; no address is a fault."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import include, path

from apps.accounts.access import scoped
from apps.accounts.interposed_page import InterposedPage
from apps.accounts.roles import Role
from apps.audit.models import Action, Entry
from apps.proposals.upload.intake import CHECK_BATCH
from tests.conftest import as_role
from tests.jobs.doing import a_job
from tests.personas import persona

pytestmark = pytest.mark.django_db

HUMANS = [role.value for role in Role if role != Role.AGENCY]
PATHS = (
    "/%00",
    "/%00/",
    "/livez%00",
    "/help/%00/",
    "/static/%00",
    "/accounts/%00/",
    "/accounts/login/%00",
    "/proposals/%00/",
    "/proposals/batches/1%00/",
    "/proposals/batches/1/groups/%00/",
    "/proposals/drafts/1/%00/",
    "/proposals/uploads/%00/",
    "/reconciliation/sources/%00/",
    "/reconciliation/runs/%001/",
    "/admin/%00/",
    "/admin/proposals/batch/%00/",
    "/admin/proposals/batch/%00/change/",
    "/admin/proposals/proposal/1%00/change/",
    "/admin/registry/person/%00/change/",
    "/admin/regions/boundaryedition/a%00b/activate/",
    "/admin/jobs/job/%00/resume/",
    "/admin/accounts/user/%00/password/",
    "/api/%00",
    "/api/v1/%00/",
    "/api/v1/proposals/%00/",
    "/api/v1/batches/%00/findings/",
)
QUERIES = (
    "/?region=%00",
    "/places/?q=%00",
    "/proposals/batches/?waits=%00",
    "/proposals/review/?status=%00",
    "/reconciliation/questions/?status=%00&village=a%00b",
    "/admin/registry/person/?q=%00",
    "/admin/proposals/proposal/?q=a%00b&village=%00",
    "/admin/proposals/batch/?waits=%00",
    "/admin/jobs/job/?status__exact=%00",
    "/accounts/login/?next=%00",
    "/api/v1/proposals/?village=%00",
    "/help/?%00",
)


def broken(request: HttpRequest) -> HttpResponse:
    """A page with a fault: the number of a person stands in its message."""
    raise ZeroDivisionError("9701010201909000")


class Question(InterposedPage):
    def answer(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("a question")


@transaction.non_atomic_requests
def asking(request: HttpRequest) -> HttpResponse:
    """A page with transactions of its own, in which a domain function asks something."""
    with scoped(request.user):
        raise Question


urlpatterns = [
    path("asking/", asking),
    path("broken/", broken),
    path("api/broken/", broken),
    path("admin/broken/", broken),
    path("", include("portal.urls")),
]
handler400 = "portal.web.middleware.refused"
handler404 = "portal.web.middleware.not_found"
handler500 = "portal.web.middleware.fault"


def browser_of(role: str) -> Browser:

    browser = Browser(raise_request_exception=False)
    if role:
        with as_role("owner"):
            browser.force_login(persona(role))
    return browser


@pytest.mark.parametrize("address", PATHS)
@pytest.mark.parametrize("role", ["", "administrator", "regency_officer"])
@pytest.mark.long
def test_an_address_with_a_nul_is_refused(role: str, address: str) -> None:
    assert browser_of(role).get(address).status_code == 400
    assert browser_of(role).post(address, {"a": "b"}).status_code == 400


@pytest.mark.parametrize("address", QUERIES)
@pytest.mark.parametrize("role", ["", "administrator", "regency_officer", "steward"])
def test_a_query_with_a_nul_is_refused(role: str, address: str) -> None:
    assert browser_of(role).get(address).status_code == 400


@pytest.mark.urls(__name__)
def test_a_question_stands_in_for_a_page_with_transactions_of_its_own() -> None:
    assert browser_of("verifier").get("/asking/").content == b"a question"


def test_the_page_and_the_api_each_explain_the_fault_in_their_format() -> None:
    page = browser_of("verifier").get("/proposals/%00/")
    assert "tidak dapat membaca" in page.content.decode()
    told = browser_of("").get("/api/v1/proposals/%00/")
    assert told["Content-Type"] == "application/problem+json"
    assert told.json()["status"] == 400


@pytest.mark.parametrize("role", ["administrator", "steward", "regency_officer"])
def test_a_nul_in_a_field_that_no_form_looks_at_is_refused(role: str) -> None:
    browser = browser_of(role)
    given = dict.fromkeys(("q", "region", "name", "code", "source", "step", "kk"), "a\x00b")
    for address in (
        "/reconciliation/survivorship/",
        "/reconciliation/sources/new/",
        "/proposals/new/",
        "/admin/regions/boundaryedition/upload/",
        "/accounts/profile/",
    ):
        given["step"] = "take" if "survivorship" in address else "a\0b"
        assert browser.post(address, given).status_code == 400, address


def test_a_nul_in_a_form_is_refused() -> None:
    browser = browser_of("administrator")
    for address in ("/admin/login/", "/accounts/login/"):
        answer = Browser(raise_request_exception=False).post(
            address, {"username": "a\x00b", "password": "x\x00", "login": "a\x00b"}
        )
        assert answer.status_code == 400, address
    answer = browser.post("/admin/regions/boundaryedition/upload/", {"name": "a\x00b"})
    assert answer.status_code == 400


def test_a_nul_that_only_the_admin_can_read_is_refused() -> None:
    """The admin writes keys with `_00` for a NUL, so that no middleware sees one."""
    for address in ("registry/programme", "regions/region", "reconciliation/source"):
        answer = browser_of("administrator").get(f"/admin/{address}/A_00B/change/")
        assert answer.status_code in (302, 400, 403, 404), address


@pytest.mark.parametrize("kind", ["1", "x", "²", "999999", "9" * 5000])
@pytest.mark.parametrize("key", ["1", "x", "_00", "9" * 30])
def test_the_admins_way_to_any_row_of_any_table_is_closed(kind: str, key: str) -> None:
    assert browser_of("administrator").get(f"/admin/r/{kind}/{key}/").status_code == 404


def test_a_cookie_with_a_nul_opens_no_session() -> None:
    browser = browser_of("")
    browser.cookies["sessionid"] = "a\0b"
    assert browser.get("/proposals/batches/").status_code == 302


@pytest.mark.parametrize("address", ["http://[", "http://a/?b=%00"])
def test_an_invalid_address_in_a_header_is_refused(address: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": address}
    assert browser_of("").get("/proposals/batches/", headers=headers).status_code == 400
    assert browser_of("").get("/", headers={"Referer": address}).status_code == 302


@pytest.mark.parametrize("address", ["/broken/", "/admin/broken/", "/api/broken/"])
@pytest.mark.parametrize("role", ["", "administrator"])
@pytest.mark.parametrize("asked", ["", "6f1c8b2e-from-the-proxy"])
@pytest.mark.urls(__name__)
def test_a_fault_names_its_number_on_the_page_and_in_the_log(
    role: str, address: str, asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers: Any = {"X-Request-ID": asked} if asked else {}
    with caplog.at_level(logging.INFO):
        answer = browser_of(role).get(address, headers=headers)
    assert answer.status_code == 500
    number = answer["X-Request-ID"]
    assert len(number) == 36
    assert number != asked
    page = answer.content.decode()
    assert number in page
    assert "9701010201909000" not in page
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    failed = [one for one in told if one.get("event") == "request_failed"]
    assert [one["request_id"] for one in failed] == [number]


@pytest.mark.urls(__name__)
def test_the_api_reports_an_error_in_the_format_of_its_refusals() -> None:
    answer = browser_of("").get("/api/broken/")
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == 500
    assert told["errors"][0]["code"] == "error"


def test_the_audit_trail_names_the_number_of_the_request_too() -> None:
    job = a_job(kind=CHECK_BATCH, subject="proposals.Batch:1", actor="user:1")
    browser_of("administrator").post(f"/admin/jobs/job/{job.pk}/cancel/")
    with as_role("owner"):
        assert len(Entry.objects.get(action=Action.CHANGE).request_id) == 36
