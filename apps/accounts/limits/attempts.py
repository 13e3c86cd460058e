"""How often a password may be tried: counted in Redis before the password is checked.

One atomic script takes a place in two sliding windows, one of the account and one of the address. A
right password gives the place back. No place lasts longer than its window, so no lock does either.
Fail closed: when Redis cannot count, sign-in is refused, because without a counter an attacker
could guess without limit.
"""

from __future__ import annotations

import ipaddress
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.crypto import salted_hmac
from redis import Redis
from redis.exceptions import RedisError

from apps.common.errors import DomainError

ADDRESS_WINDOW_S = 60
TIMEOUT_S = 1
# Each key is a sorted set of tries by time. Returns {0, 0}, or which key is full and for how many
# seconds. Then nothing is added, so that further tries do not lengthen the wait.
TAKE = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
for i, key in ipairs(KEYS) do
  local window, limit = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  if redis.call('ZCARD', key) >= limit then
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    return {i, math.ceil(first[2] + window - now)}
  end
end
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[1])
  redis.call('EXPIRE', key, ARGV[2 * i])
end
return {0, 0}
"""


@dataclass(frozen=True)
class Attempt:
    """A place in both windows."""

    keys: tuple[str, ...]
    member: str

    def succeeded(self) -> None:
        """Give the place back: only failures count. When Redis cannot do so (unreachable, or
        without room for a transaction), the try stays counted, and its place ends with its window.
        """
        with suppress(RedisError, OSError):
            pipeline = redis().pipeline(transaction=False)
            for key in self.keys:
                pipeline.zrem(key, self.member)
            pipeline.execute()


def count_attempt(*, account: str, address: str | None, device: str = "") -> Attempt:
    """Take a place for one try of a password.

    A browser in which the account's owner signed in before (`known_devices`) has its own
    window, so that strangers who try this name do not lock it there.
    Raises: `too_many_attempts`, `attempts_not_counted`.
    """
    per_account = (settings.SIGN_IN_WINDOW_S, settings.SIGN_IN_FAILURES_PER_ACCOUNT)
    account_key = _account_key(account) + (f":device:{device}" if device else "")
    return _count({account_key: per_account, _address_key(address): _per_address()})


def take_as_machine(*, address: str | None) -> Attempt:
    """Take a place for one try of a client's secret, by address alone and apart from people's
    tries.

    A secret is too long to be guessed, but each try costs a slow hash. There is no window by
    client: an attacker could lock a client by its public id.
    Raises: `too_many_attempts`, `attempts_not_counted`.
    """
    return _count({f"{_address_key(address)}:machine": _per_address()})


def _per_address() -> tuple[int, int]:
    return ADDRESS_WINDOW_S, settings.SIGN_IN_FAILURES_PER_ADDRESS


def _count(windows: dict[str, tuple[int, int]]) -> Attempt:
    attempt = Attempt(tuple(windows), secrets.token_hex(8))
    numbers = [number for limit in windows.values() for number in limit]
    with _counting():
        full, wait = redis().eval(TAKE, len(windows), *attempt.keys, attempt.member, *numbers)
    if full:
        raise DomainError(
            "too_many_attempts", wait_s=int(wait), minutes=max(1, -(-int(wait) // 60))
        )
    return attempt


def first_in_a_minute(*, account: str, address: str | None) -> bool:
    """Whether to record a refusal: many refusals make one entry a minute. When Redis cannot answer
    (unreachable, or without room) every refusal is recorded.
    """
    key = f"{_account_key(account)}:{_address_key(address)}:noted"
    try:
        return bool(redis().set(key, 1, nx=True, ex=60))
    except (RedisError, OSError):
        return True


@contextmanager
def _counting() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise DomainError("attempts_not_counted") from error


@cache
def redis() -> Redis:
    """The process's one client. It has a short timeout, because a person waits."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
    )


def _prefix() -> str:
    """Separate from the cache's keys, so that two portals (or two test processes) count apart."""
    return f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:sign-in:"


def _account_key(name: str) -> str:
    """A digest of the name in any spelling, known or not: people type passwords as names."""
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    return f"{_prefix()}account:{salted_hmac('sign-in', plain, algorithm='sha256').hexdigest()}"


def _address_key(address: str | None) -> str:
    """One address; for IPv6 the 64-bit network of one subscriber."""
    if not address:
        return f"{_prefix()}address:unknown"
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6:
        parsed = ipaddress.ip_network((parsed, 64), strict=False).network_address
    return f"{_prefix()}address:{parsed}"
