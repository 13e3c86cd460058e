"""No number, name or mother's name of a person in any log, in the broker or in a reported fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser

from apps.jobs.models import Job
from apps.proposals.models import HeldRow, Proposal
from apps.registry.models import Family, Person
from tests import workers
from tests.api.test_proposals import ROW, Caller
from tests.conftest import as_role
from tests.flows.steps import upload, wait
from tests.personas import OWN
from tests.privacy import traces
from tests.proposals.sending import as_csv, row
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NAME, MOTHER = "RAHASIAWATI PUTRI", "IBUNDA TERSEMBUNYI"
PHONE = "081290009001"
NIKS = [row(9001 + n)["nik"] for n in range(20)]
KKS = [row(9001 + n)["kk"] for n in range(20)]
SHORT_NIK = "970102410588"  # a row that must be mended
SECRETS = [NAME, MOTHER, PHONE, SHORT_NIK, *NIKS, *KKS]
# A line break in a field: PostgreSQL's words about a row that it refuses go on below.
ADDRESS = f"JL. MELATI 1\nHP {PHONE} {MOTHER}"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "usulan.csv"
    personal = {"name": NAME, "mother_name": MOTHER, "address": ADDRESS}
    rows = [row(9001 + n, **personal) for n in range(20)]
    path.write_bytes(as_csv([*rows, row(9050, nik=SHORT_NIK, **personal)]))
    return path


def signed_in(person, role: str) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(person(role))
    return browser


@contextmanager
def refusing(table: str, condition: str) -> Iterator[None]:
    """The database refuses some rows meanwhile, and quotes them in its message."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT refused_here CHECK ({condition}) NOT VALID"
        )
    try:
        yield
    finally:
        with as_role("owner"), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT refused_here")


@contextmanager
def misreading(table: str, value: str) -> Iterator[None]:
    """The database takes a value for a date meanwhile, and quotes what is none."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION misread_here() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM ({value})::date; RETURN NEW; END $$;"
            f" CREATE TRIGGER zz_misread_here BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION misread_here()"
        )
    try:
        yield
    finally:
        with as_role("owner"), connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER zz_misread_here ON {table}; DROP FUNCTION misread_here()")


def nothing_told(written: str) -> None:
    for place, text in (
        ("web log", written),
        ("worker log", traces.worker_log()),
        ("server logs", traces.server_logs()),
        ("broker", traces.broker()),
    ):
        assert traces.found_in(text, SECRETS) == [], place


@pytest.mark.long
def test_a_months_work_leaves_nothing_personal_in_logs_or_broker(person, file):
    with traces.web_log() as written:
        officer, reader = signed_in(person, "regency_officer"), signed_in(person, "verifier")
        batch = upload(officer, file, OWN)
        assert Job.objects.filter(subject=batch.subject).exists()
        assert "check_batch" in traces.broker()  # the task with its arguments waits there
        nothing_told(written.getvalue())
        with workers.worker():
            assert wait(batch.subject).status == Job.Status.DONE
            api = Caller(OWN)
            sent = ROW | {"nik": NIKS[5], "kk": KKS[5], "name": NAME, "mother_name": MOTHER}
            assert api.send(**sent, address=ADDRESS).status_code in {201, 202, 422}
            assert api.send(**{**sent, "nik": "1" * 400}).status_code == 400
            looked_at(officer, reader, batch.pk)
            nothing_told(written.getvalue())
    assert "check_batch" in traces.worker_log()
    assert "/admin/registry/person/" in written.getvalue()


def looked_at(officer: Browser, reader: Browser, batch: int) -> None:
    """Search, lists, findings, reveal: all that shows personal data or takes it in."""
    with as_role("owner"):
        assert Proposal.objects.filter(batch=batch).count() == 20
        assert HeldRow.objects.filter(batch=batch).count() == 1
        one = Proposal.objects.filter(batch=batch).first()
        known = a_person(name=NAME, nik=NIKS[7])
    officer.get(f"/proposals/batches/{batch}/held/")
    b"".join(officer.get(f"/proposals/batches/{batch}/download/").streaming_content)
    officer.post(f"/proposals/batches/{batch}/submit/")
    for form in ({"nik": NIKS[7]}, {"kk": KKS[7]}, {"name": NAME, "birth_date": "12-01-1988"}):
        assert reader.post("/admin/registry/person/", form).status_code == 200
    reason = {"reason": "verification"}
    shown = reader.post(f"/admin/registry/person/{known.pk}/reveal/", reason)
    assert NIKS[7] in shown.content.decode()
    shown = reader.post(f"/admin/proposals/proposal/{one.pk}/reveal/", reason)
    assert one.nik in shown.content.decode()


@pytest.mark.long
def test_a_row_that_the_database_refuses_a_worker_is_not_quoted_in_its_log(person, file):
    with (
        refusing("proposals_proposal", "row_number <> 3"),
        traces.web_log() as written,
        workers.worker(),
    ):
        batch = upload(signed_in(person, "regency_officer"), file, OWN)
        until_it_failed("refused_here")
        nothing_told(written.getvalue())
    assert Proposal.objects.filter(batch=batch).count() == 0


@pytest.mark.long
def test_a_value_that_the_database_cannot_read_is_not_quoted_in_a_workers_log(person, file):
    with (
        misreading("proposals_heldrow", "NEW.values->>'name'"),
        traces.web_log() as written,
        workers.worker(),
    ):
        upload(signed_in(person, "regency_officer"), file, OWN)
        until_it_failed("InvalidDatetimeFormat")
        nothing_told(written.getvalue())


def until_it_failed(word: str) -> None:
    """The job waits again after its fault, and the log names the fault."""
    with as_role("owner"):
        subject = Job.objects.latest("pk").subject
    for _look in range(600):
        if word in traces.worker_log():
            return
        wait_a_moment()
    raise AssertionError(f"{subject} met no fault")


def wait_a_moment() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")


def test_a_row_that_the_database_refuses_a_page_is_not_quoted(person):
    with refusing("proposals_batch", "origin <> 'api'"), traces.web_log() as written:
        api = Caller(OWN)
        api.browser.raise_request_exception = False
        sent = {"nik": NIKS[1], "kk": KKS[1], "name": NAME, "mother_name": MOTHER}
        answer = api.send(**sent, address=ADDRESS)
    assert answer.status_code == 500
    assert "refused_here" in written.getvalue()
    nothing_told(written.getvalue() + answer.content.decode())


def test_a_value_that_the_database_cannot_read_is_not_quoted_by_a_page(person):
    form = {"username": "petugas.baru", "full_name": NAME, "nik": NIKS[2], "role": "verifier"}
    form |= {"region_code": OWN, "until": "2027-06-30"}
    browser = signed_in(person, "administrator")
    with misreading("accounts_user", "NEW.full_name"), traces.web_log() as written:
        answer = browser.post("/admin/accounts/user/add/", form)
    assert answer.status_code == 400
    assert "unstorable_value" in written.getvalue()
    nothing_told(written.getvalue() + answer.content.decode())


def test_a_person_who_is_registered_twice_is_not_quoted(role):
    """As the owner, for whom the database names the whole row in its message."""
    with role("owner"):
        known = a_person(name=NAME, nik=NIKS[3])
        family = Family.objects.get(pk=known.family_id)
        with traces.web_log() as written:
            with pytest.raises(IntegrityError) as refused, transaction.atomic():
                Person.objects.create(
                    family=family,
                    village_id=known.village_id,
                    nik=NIKS[3],
                    name=NAME,
                    mother_name=MOTHER,
                    change=known.change,
                )
            assert NIKS[3] in str(refused.value)
            traces.log_as_everybody_does(refused.value)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) == 4
    assert all("registry_person_nik" in str(line) for line in lines)
    nothing_told(written.getvalue())
