"""The counters of sign-in begin anew with every test: none closes the door of the next one."""

from __future__ import annotations

import pytest
from django.conf import settings

from apps.accounts.limits import attempts
from apps.common.errors import DomainError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("time", [1, 2])
def test_the_window_is_empty_at_the_start_and_full_at_the_end(time):
    for _try in range(settings.SIGN_IN_FAILURES_PER_ACCOUNT):
        attempts.count_attempt(account="penguji", address="127.0.0.9")
    with pytest.raises(DomainError, match="^too_many_attempts$"):
        attempts.count_attempt(account="penguji", address="127.0.0.9")
