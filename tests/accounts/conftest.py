"""Sign-in attempts are counted in Redis, which no rollback empties."""

import pytest

from apps.accounts.attempts import redis


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    keys = redis().keys("sign-in:*")
    if keys:
        redis().delete(*keys)
