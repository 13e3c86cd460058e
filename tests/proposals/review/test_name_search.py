"""The search by a part of a name: by an index, of the rows that the user may see, and no others."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from apps.accounts.access import Scope
from apps.proposals.models import Proposal, ProposalName
from apps.proposals.review import searching
from apps.proposals.review.searching import Search
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db

COUNTRY = Scope(("",))


def by_function(part: str, most: int = 100) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proposals_find_by_name(%s, %s)", [part, most])
        return {pk for (pk,) in cursor.fetchall()}


def by_policy(part: str) -> set[int]:
    return set(Proposal.objects.filter(name__icontains=part).values_list("pk", flat=True))


def by_search(part: str) -> set[int]:
    rows = Search(part).apply(Proposal.objects.all(), COUNTRY)
    return set(rows.values_list("pk", flat=True))


@pytest.fixture
def everywhere(person) -> dict[str, int]:
    """A SITI in each of two regencies, and one whom a village officer sent for another village."""
    found = {}
    for number, (region, village) in enumerate((("97.01", "A"), ("97.02", "E")), 1):
        batch = factory.batch(person("regency_officer", region), region=region)
        one = factory.proposal(batch, first=number, village=village, name=f"SITI {village}")
        found[village] = one.pk
    own = factory.batch(person("village_officer"), region="97.01.01.2001")
    found["own"] = factory.proposal(own, first=9, village="E", name="SITI LAIN").pk
    return found


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("pusdatin_verifier", {"A", "E", "own"}),
        ("verifier", {"A"}),
        ("village_officer", {"A", "own"}),
        ("planner", set()),
    ],
)
def test_the_index_of_names_tells_no_key_that_the_policy_hides(
    role, seen, everywhere, person, gate
):
    gate(person(role))
    shown = {everywhere[name] for name in seen}
    assert by_policy("siti") == by_function("siti") == by_search("siti") == shown
    assert set(ProposalName.objects.values_list("pk", flat=True)) == shown


def test_nobody_finds_a_name_without_a_gate(everywhere):
    with transaction.atomic():
        assert by_function("siti") == set()
        assert not ProposalName.objects.exists()


def test_no_other_role_may_ask(everywhere):
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege('proposals_find_by_name(text, integer)', 'EXECUTE'),"
            " has_table_privilege('proposals_proposalname', 'SELECT')"
        )
        assert cursor.fetchone() == (False, False)


def test_signs_of_a_pattern_stand_for_themselves(person, gate):
    batch = factory.batch(person("regency_officer"))
    for number, name in enumerate(("SITI AMINAH", "SITI_AMINAH", "SITI%AMINAH", r"SITI\AMINAH"), 1):
        factory.proposal(batch, first=number, name=name)
    gate(person("pusdatin_verifier"))
    for part in ("siti a", "siti_a", "siti%a", "siti\\a", "TI AMI"):
        assert by_search(part) == by_policy(part)
        assert len(by_search(part)) == 1


def test_a_name_of_too_many_is_found_whole_all_the_same(everywhere, person, gate, monkeypatch):
    monkeypatch.setattr(searching, "MOST_NAMED", 1)
    gate(person("pusdatin_verifier"))
    assert len(by_function("siti", 1)) == 1
    assert by_search("siti") == set(everywhere.values())


@pytest.mark.parametrize("words", ["si", "a b", "s.i"])
def test_who_types_fewer_than_three_letters_is_asked_for_more(words, signed_in, everywhere):
    browser = signed_in("pusdatin_verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = browser.post("/proposals/review/search/", {"words": words}, follow=True)
    assert "three letters" in answer.content.decode()


def test_the_list_of_the_country_finds_names_by_the_index(signed_in, everywhere):
    browser = signed_in("pusdatin_verifier")
    answer = browser.post("/proposals/review/search/", {"words": "siti la"}, follow=True)
    page = answer.context["page"]
    assert [row.pk for row in page.rows] == [everywhere["own"]]
    assert answer.context["total"] == 1


def test_the_function_reads_the_index_of_names(person):
    batch = factory.batch(person("regency_officer"))
    factory.many_proposals(batch, 5_000)
    factory.proposal(batch, first=9_001, name="SITI AMINAH")
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("ANALYZE proposals_proposalname")
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'proposals_find_by_name'")
        (body,) = cursor.fetchone()
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        own = body.replace("part", "$1").replace("most", "$2")
        cursor.execute(f"PREPARE asked (text, integer) AS {own}".replace("%", "%%"), [])
        cursor.execute("EXPLAIN EXECUTE asked ('siti', 10)")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
    assert "Bitmap Index Scan" in plan, plan
    assert "_trigrams" in plan, plan
