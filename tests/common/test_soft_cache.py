"""Without Redis the cache is as good as empty; what is counted raises."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.cache import cache, caches
from redis.exceptions import RedisError

from apps.common import soft_cache
from apps.common.circuit_breaker import Breaker, NotCounted, take_turn
from apps.common.soft_cache import SoftRedisCache, one_at_a_time

NOWHERE = "unix:///nowhere/redis.sock"


@pytest.fixture(autouse=True)
def _asks_at_once(monkeypatch):
    monkeypatch.setattr(SoftRedisCache, "asks_from", 0.0)


@pytest.fixture
def away(settings):
    """Both caches at an address where no Redis is."""
    before = settings.CACHES
    settings.CACHES = {name: cache | {"LOCATION": NOWHERE} for name, cache in before.items()}
    return caches["default"]


def test_every_verb_takes_it_for_an_empty_one(away):
    away.set("a", 1)
    assert away.get("a", 7) == 7
    assert away.get_many(["a", "b"]) == {}
    assert not away.add("a", 1)
    assert not away.touch("a")
    assert not away.delete("a")
    assert "a" not in away
    assert away.set_many({"a": 1}) == ["a"]
    away.delete_many(["a"])
    assert away.get_or_set("a", lambda: 5) == 5
    with pytest.raises(ValueError, match="not found"):
        away.incr("a")


def test_after_a_failure_the_cache_is_not_asked_for_a_while(away, monkeypatch):
    assert away.get("a") is None
    asked_until = SoftRedisCache.asks_from
    assert time.monotonic() < asked_until <= time.monotonic() + soft_cache.PAUSE_S
    monkeypatch.setattr(SoftRedisCache, "asks_from", time.monotonic() + 60)
    assert away.get("a") is None
    assert SoftRedisCache.asks_from > asked_until  # it was not asked, so that nothing changed


def test_when_it_is_back_it_is_used_again():
    cache = caches["default"]
    cache.set("back", 3, 10)
    assert cache.get("back") == 3
    assert cache.incr("back") == 4
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody-set-this")
    cache.delete("back")


def test_counters_fail_closed(away):
    with pytest.raises(RedisError):
        caches["counters"].get("a")
    breaker = Breaker("service", opens_after=3, open_s=60, probe_s=10)
    assert not breaker.may_ask()
    assert breaker.is_open()
    breaker.failed()
    breaker.succeeded()
    with pytest.raises(NotCounted):
        take_turn("service", 5)


def test_what_many_ask_for_at_once_is_computed_by_one():
    key, computed = str(uuid4()), []

    def ask(_number):
        with one_at_a_time(key):
            if (found := cache.get(key)) is None:
                computed.append(1)
                time.sleep(0.1)
                found = 42
                cache.set(key, found, 60)
        return found

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {42}
    assert len(computed) == 1


def test_nobody_waits_longer_than_said_for_one_who_never_ends():
    key = str(uuid4())
    with one_at_a_time(key, wait_s=5):
        began = time.monotonic()
        with one_at_a_time(key, wait_s=0.2):
            waited = time.monotonic() - began
    assert 0.15 < waited < 2


def test_without_redis_nobody_waits(away):
    began = time.monotonic()
    with one_at_a_time("a"), one_at_a_time("a"):
        pass
    assert time.monotonic() - began < 1
