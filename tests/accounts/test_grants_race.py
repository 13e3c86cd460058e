"""Grants made at the same moment."""

import pytest
from django.utils import timezone

from apps.accounts.models import Grant, User
from apps.accounts.people import grants
from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from tests.accounts.races import race


@pytest.mark.long
def test_two_grants_at_once_that_may_not_meet_end_with_one(transactional_db):
    """The second one is told in words, though it saw nothing when it asked."""
    now = timezone.now()
    for turn in range(10):
        user = User.objects.create_user(
            f"busy{turn}", full_name="Busy", nik=f"970101010177{9001 + turn}"
        )

        def give(role, user=user):
            return grants.grant(user=user, role=role, region_code="97.01", by=None, now=now)

        results = race([lambda: give("verifier"), lambda: give("regency_officer")])
        assert sorted(type(result).__name__ for result in results) == ["DomainError", "Grant"]
        refused = next(result for result in results if isinstance(result, DomainError))
        assert refused.code == "incompatible"


def test_a_grant_ended_twice_at_once_ends_once(transactional_db):
    now = timezone.now()
    user = User.objects.create_user("busy", full_name="Busy", nik="9701010101779001")
    made = grants.grant(user=user, role="verifier", region_code="97.01", by=None, now=now)
    later = timezone.now()

    def end():
        grants.end_grant(grant=Grant.objects.get(pk=made.pk), by=None, now=later)

    results = race([end] * 4)
    assert sorted(type(result).__name__ for result in results) == ["DomainError"] * 3 + ["NoneType"]
    assert Entry.objects.filter(action=Action.REVOKE).count() == 1


def test_who_waited_while_another_ended_a_grant_does_not_end_it_again(transactional_db):
    """A request that came first and was served second has an earlier moment than the end."""
    user = User.objects.create_user("busy", full_name="Busy", nik="9701010101779001")
    made = grants.grant(
        user=user, role="verifier", region_code="97.01", by=None, now=timezone.now()
    )
    slow, quick = Grant.objects.get(pk=made.pk), Grant.objects.get(pk=made.pk)
    came = timezone.now()
    grants.end_grant(grant=quick, by=None, now=timezone.now())
    with pytest.raises(DomainError) as refused:
        grants.end_grant(grant=slow, by=None, now=came)
    assert refused.value.code == "already_ended"
    assert Entry.objects.filter(action=Action.REVOKE).count() == 1
