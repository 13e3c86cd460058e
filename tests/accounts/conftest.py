"""Sign-in attempts are counted in Redis, which no rollback empties."""

import pytest

from apps.accounts.limits.attempts import _prefix, redis


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    keys = redis().keys(f"{_prefix()}*")
    if keys:
        redis().delete(*keys)
