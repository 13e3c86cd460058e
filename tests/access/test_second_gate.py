"""Row-level security on what names people: trail, jobs, notices, accounts; as wide as the pages."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action, Entry
from apps.audit.subjects import Actor, Subject
from apps.casework import notices
from apps.casework.models import Notice
from apps.jobs import alarms
from apps.jobs.models import Job
from apps.proposals.models import Batch, Proposal
from tests.conftest import as_role, look
from tests.jobs.doing import a_job
from tests.personas import FOREIGN, OWN, PASSWORD, SIBLING, agency_client
from tests.proposals import factory

pytestmark = pytest.mark.django_db
TABLES = [Entry, Job, Notice, User]


@pytest.fixture(autouse=True)
def _as_a_page(request):
    """These tests see what a page sees."""
    request.getfixturevalue("_web_role")
    look("no")


@pytest.fixture
def rows(person):
    """One row of each kind for an officer of the own regency, and one for a stranger."""
    own, stranger = person("verifier"), person("verifier", FOREIGN)
    with as_role("owner"):
        for user, region in ((own, OWN), (stranger, FOREIGN)):
            actor = f"user:{user.pk}"
            record.entry(
                Action.READ, about=Subject("registry.Person:1", region=region), by=Actor(actor)
            )
            a_job(kind="t", subject=f"x:{region}", actor=actor, region_code=region)
            notices.write_notices(
                {user.pk: 1},
                kind=Notice.Kind.BATCH_READY,
                subject=region,
                url="/",
                now=timezone.now(),
            )
    return own, stranger


# Tables of which a page may read many rows; of documents, those of an emergency are few.
READ_MUCH = (
    *("registry_family", "registry_person", "registry_enrolment", "registry_claim"),
    *("registry_familyevent", "registry_personevent", "registry_enrolmentevent"),
    *("reconciliation_conflict", "audit_entry", "proposals_batch", "proposals_decision"),
    "casework_document",
)


@pytest.mark.parametrize("table", READ_MUCH)
def test_the_gate_of_large_tables_calls_no_function_for_each_row(person, table):
    open_gate(person("verifier"))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN SELECT * FROM {table}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "left" in plan
    assert plan.count("portal_within") == (table == "casework_document"), plan


@pytest.mark.parametrize("table", READ_MUCH)
def test_the_gate_of_large_tables_says_the_same_as_the_function(table):
    """Of each code and each scope; what else a policy allows is not asked."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT qual FROM pg_policies WHERE tablename = %s AND roles = '{portal_web}'"
            " AND policyname LIKE 'web%%' AND cmd IN ('ALL', 'SELECT')",
            [table],
        )
        ((written,),) = cursor.fetchall()
        (column,) = set(re.findall(r"left\"?\((?:\()?(\w+)", written))
        (name,) = set(re.findall(r"portal_scope\('(\w+)'", written)) - {"hazard"}
        cursor.execute(f"SET LOCAL portal.{name}_scope = 'x'")
        codes = ["ID", "97", "97.01", "97.01.01", "97.01.01.2001", "97.02.01.2001", "98", "", None]
        for scope in ("", "ID", "97", "97.01", "97.01.01,98.02", "97.01.01.2001", "%"):
            cursor.execute("SELECT set_config(%s, %s, true)", [f"portal.{name}_scope", scope])
            cursor.execute(
                f"SELECT {column}, coalesce({written}, false),"
                f" coalesce(portal_within({column}, portal_scope(%s)), false)"
                f" FROM unnest(%s::text[]) AS r ({column}),"
                " LATERAL (SELECT ''::text AS actor, ''::text AS kind) AS own",
                [name, codes],
            )
            for code, is_open, expected in cursor.fetchall():
                assert is_open == expected, (table, scope, code)


def seen(model, user):
    open_gate(user)
    return set(model.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("model", TABLES)
@pytest.mark.parametrize("left", ["unset", "empty", "%", "anonymous", "nobody of that number"])
def test_without_a_person_there_is_nothing(rows, model, left):
    if left != "unset":
        open_gate(None)
    with connection.cursor() as cursor:
        for name in ("entry", "job", "user", "people"):
            if left in ("empty", "%"):
                value = "" if left == "empty" else "%"
                cursor.execute(f"SELECT set_config('portal.{name}_scope', %s, true)", [value])
        if left.startswith("nobody"):
            cursor.execute("SELECT set_config('portal.actor', 'user:999999', true)")
    assert not model.objects.exists()


@pytest.mark.parametrize("model", TABLES)
def test_what_a_transaction_saw_the_next_one_on_its_connection_does_not(rows, model):
    with transaction.atomic():
        assert seen(model, rows[0])
        transaction.set_rollback(True)
    assert not model.objects.exists()


def test_the_trail_is_ones_own(rows):
    for user in rows:
        open_gate(user)
        assert set(Entry.objects.values_list("actor", flat=True)) == {f"user:{user.pk}"}


def test_who_reads_the_trail_sees_all_of_it(rows, person):
    assert len(seen(Entry, person("data_protection_officer"))) == 2


def test_visitors_do_not_share_a_trail():
    Browser().post("/accounts/login/", {"username": "x", "password": "y"})
    look("no")
    open_gate(None)
    assert not Entry.objects.exists()
    with as_role("owner"):
        assert Entry.objects.filter(actor="anonymous").exists()


def test_a_page_writes_of_others_what_it_may_not_read(rows):
    open_gate(rows[0])
    before = set(Entry.objects.values_list("pk", flat=True))
    made = record.entry(Action.RUN, by=Actor("system"), about=Subject("x"))
    record.entries(Action.READ, [(Subject("y", region="98.01"), {})], by=Actor("user:999"))
    assert made.pk
    assert set(Entry.objects.values_list("pk", flat=True)) == before
    with as_role("owner"):
        assert Entry.objects.get(pk=made.pk).actor == "system"
        assert Entry.objects.filter(subject="y").exists()


def test_jobs_are_ones_own_and_those_of_ones_regions(rows, person):
    own, stranger = rows
    assert seen(Job, own) != seen(Job, stranger)
    colleague = person("regency_officer")
    assert seen(Job, colleague) == seen(Job, own)
    assert not seen(Job, person("regency_officer", SIBLING))
    assert not seen(Job, person("province_monitor"))
    assert len(seen(Job, person("administrator"))) == 2


def test_an_agency_sees_the_work_on_its_rows(rows):
    with as_role("owner"):
        client, _secret = agency_client(OWN)
    assert len(seen(Job, client.agency)) == 1


def test_the_watch_over_the_house_counts_without_a_person(rows):
    open_gate(None)
    assert len(alarms.waits(now=timezone.now()).jobs) == 2


def test_notices_are_ones_own_and_told_to_others(rows):
    own, stranger = rows
    assert len(seen(Notice, own)) == 1
    notices.write_notices(
        {stranger.pk: 2}, kind=Notice.Kind.BATCH_READY, subject=FOREIGN, url="/", now=timezone.now()
    )
    assert len(seen(Notice, own)) == 1
    open_gate(stranger)
    assert Notice.objects.get().count == 3
    open_gate(own)
    assert not Notice.objects.filter(user=stranger).update(read_at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.create(user=stranger, kind="batch_ready", subject="z", at=timezone.now())


def test_accounts_are_oneself_and_the_people_of_ones_regions(rows, person):
    own, stranger = rows
    chief, monitor = person("administrator"), person("province_monitor")
    village, sibling = person("village_officer"), person("verifier", SIBLING)
    assert seen(User, own) == {own.pk, chief.pk, monitor.pk, village.pk}
    # the country and the province; not the verifier of the whole regency's sibling
    assert sibling.pk not in seen(User, village)
    assert own.pk in seen(User, village)
    assert seen(User, monitor) == {own.pk, chief.pk, monitor.pk, village.pk, sibling.pk}
    assert seen(User, chief) >= {own.pk, stranger.pk, sibling.pk}


def test_a_region_number_that_begins_alike_is_another_region(person):
    officer = person("verifier", region="97.01")
    other = person("verifier", region="97.02")
    assert other.pk not in seen(User, officer)


def test_an_officer_changes_oneself_alone(rows, person):
    own, _stranger = rows
    colleague, local = person("regency_officer"), person("user_administrator")
    open_gate(own)
    assert not User.objects.filter(pk=colleague.pk).update(password="!")
    assert User.objects.filter(pk=own.pk).update(full_name="Sendiri")
    open_gate(local)
    assert User.objects.filter(pk=colleague.pk).update(full_name="Rekan")
    chief = person("administrator")
    open_gate(local)
    assert not User.objects.filter(pk=chief.pk).update(password="!")


def test_who_makes_accounts_sees_those_without_a_grant(person):
    with as_role("owner"):
        fresh = User.objects.create_user("baru", full_name="Baru")
    assert fresh.pk in seen(User, person("user_administrator"))
    assert fresh.pk not in seen(User, person("verifier"))


def test_nobody_else_makes_accounts(person):
    open_gate(person("verifier"))
    with pytest.raises(DatabaseError), transaction.atomic():
        User.objects.create_user("baru", full_name="Baru")


def test_a_name_is_taken_also_by_those_who_are_not_seen(signed_in, person):
    person("verifier", FOREIGN, name="budi")
    form = {"username": "BUDI", "full_name": "B", "nik": "9701010101779001", "role": "verifier"}
    form |= {"region_code": OWN, "until": "2027-06-30"}
    page = signed_in("user_administrator").post("/admin/accounts/user/add/", form)
    assert "BUDI" in str(page.context["form"].non_field_errors())


def test_signing_in_finds_its_user_and_notes_it(person):
    officer = person("verifier")
    browser = Browser()
    answer = browser.post("/accounts/login/", {"username": officer.username, "password": PASSWORD})
    assert answer.status_code == 302
    assert browser.get("/").status_code == 200
    with as_role("owner"):
        assert User.objects.get(pk=officer.pk).last_login is not None


def test_an_old_hash_is_replaced_at_the_sign_in(person, settings):
    officer = person("verifier")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    form = {"username": officer.username, "password": PASSWORD}
    assert Browser().post("/accounts/login/", form).status_code == 302
    with as_role("owner"):
        kept = User.objects.get(pk=officer.pk)
    assert kept.password.startswith("pbkdf2_sha1$")
    assert kept.check_password(PASSWORD)


# --- no wider than the pages ---


def test_an_administrator_sees_files_and_the_rows_of_own_files_only(person):
    chief = person("administrator")
    with as_role("owner"):
        others = factory.batch(person("regency_officer"), status="submitted")
        factory.proposals(others, 2, status="submitted")
        own = factory.batch(chief, status="submitted")
        factory.proposals(own, 1, status="submitted")
    assert seen(Batch, chief) == {others.pk, own.pk}
    open_gate(chief)
    assert set(Proposal.objects.values_list("batch_id", flat=True)) == {own.pk}
    assert len(seen(Proposal, person("verifier"))) == 3


# --- the policies leave the indexes in use ---


@pytest.mark.parametrize(
    ("rows_of", "index"),
    [
        (lambda user: Entry.objects.filter(actor=f"user:{user.pk}").order_by("-id")[:10], "actor"),
        (lambda user: Entry.objects.filter(subject="registry.Person:1"), "audit_entry_subject"),
        (lambda user: Job.objects.filter(subject="x:97.01"), "jobs_job_subject"),
        (lambda user: Notice.objects.of(user).unread(), "casework_notice"),
        (lambda user: User.objects.filter(pk=user.pk), "accounts_user_pkey"),
    ],
)
def test_a_look_up_stays_on_its_index(rows, rows_of, index):
    open_gate(rows[0])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows_of(rows[0]).explain()
    assert index in plan.split("SubPlan")[0]
    assert "Seq Scan" not in plan.split("SubPlan")[0]
