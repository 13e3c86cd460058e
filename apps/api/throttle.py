"""Rate limit of a client: a leaky bucket in Redis, one atomic script per request.

The script of DRF reads and writes its counter in two steps, so that requests at the same moment
pass together. When Redis is not available, the API answers 503. The workers are not available then
either, and a client that repeats with its Idempotency-Key loses nothing.
"""

from __future__ import annotations

import math
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.accounts.limits.attempts import redis

AWAY_S: Final = 30
# The value of the key is the time when the bucket is empty again. Returns 0, or the seconds until
# there is room; then nothing is added.
TAKE: Final = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local each, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local empty = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + each
local wait = empty - each * burst - now
if wait > 0 then
  return tostring(wait)
end
redis.call('SET', KEYS[1], string.format('%.6f', empty), 'EX', math.ceil(each * burst) + 1)
return '0'
"""


class NotCounted(APIException):
    """Redis is not available."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "not_counted"
    default_detail = _("The portal cannot take requests for a moment. Nothing was stored.")
    wait = AWAY_S


class ClientThrottle(BaseThrottle):
    """`API_BURST` requests at once, `API_PER_MINUTE` on average, for each client."""

    _wait_s = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        token: Any = request.auth
        if token is None:
            return True  # a public page of the API, which makes no query
        each = 60 / settings.API_PER_MINUTE
        key = f"{prefix()}{token.application_id}"
        try:
            self._wait_s = float(redis().eval(TAKE, 1, key, each, settings.API_BURST))
        except (RedisError, OSError) as error:
            raise NotCounted from error
        return self._wait_s == 0

    def wait(self) -> int:
        return max(1, math.ceil(self._wait_s))


def prefix() -> str:
    """Prefix of the keys, apart from the cache's keys: two portals, or two test processes, count
    separately.
    """
    return f"{settings.CACHES['default'].get('KEY_PREFIX', '')}:api:"
