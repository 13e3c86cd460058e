"""The civil register's web service, as far as the portal uses it: JSON, a token, batches.

    POST <url>/token   {"client", "secret"}             {"token", "expires_in" (s)}
    POST <url>/people  {"niks": [...]}, Bearer token    {"results": [{"nik", "found", "name",
                       "birth_date", "sex", "village_code", "deceased"}, ...]}

Only an answer that was read completely counts. Everything else (no connection, a slow-drip
response, a page of HTML with status 200, half a JSON, a refused token, "ask later") is a fault with
a code, never "not found". NIKs are sent in bodies only, and no part of a body is logged.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import structlog
from django.conf import settings

from apps.civilregister.comparison import Person
from apps.common.circuit_breaker import Breaker, NotCounted, take_turn
from apps.common.http import integer
from apps.common.outgoing import Address, Connection, NotAllowed, Target, is_never_allowed

NAME: Final = "DUKCAPIL"
MOST_BYTES: Final = 5_000_000
# The longest wait of a worker if the service asks for one. For a longer one the breaker is opened.
LONGEST_WAIT_S: Final = 20.0
LONGEST_PAUSE_S: Final = 3600.0
# A token is renewed this long before it expires.
TOKEN_MARGIN_S: Final = 5.0
JSON: Final = "application/json"
TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{1,4000}")
log = structlog.get_logger(__name__)


class NoAnswer(Exception):
    """No answer. `code` is one of `proposals.civil.FAULTS`; `wait_s` is the wait that the
    service asks for.
    """

    def __init__(self, code: str, wait_s: float = 0.0) -> None:
        super().__init__(code)
        self.code, self.wait_s = code, wait_s


class Paused(Exception):
    """The breaker is open: the service was not asked."""


def _is_allowed(address: Address, is_secure: bool) -> bool:
    """Without TLS only this machine is allowed. With it also inner networks: the service may be in
    one.
    """
    return not is_never_allowed(address) and (is_secure or address.is_loopback)


def locate(url: str) -> Target:
    """Where the service is. Raises: NoAnswer for an address that is not allowed."""
    try:
        found = Target.of(url, _is_allowed)
    except NotAllowed:
        raise NoAnswer("connection") from None
    return replace(found, path=found.path.rstrip("/"), query="")


@dataclass
class Client:
    """Client of the service. `tries` and `pause_s` are for one batch; workers share the breaker."""

    url: str
    name: str
    secret: str = field(repr=False)
    timeout_s: float
    tries: int
    pause_s: float
    per_second: int
    breaker: Breaker
    _target: Target | None = field(default=None, repr=False)
    _token: str = field(default="", repr=False)
    _token_until: float = 0.0

    @classmethod
    def of_settings(cls) -> Client:
        timeout_s = settings.DUKCAPIL_TIMEOUT_S
        return cls(
            url=settings.DUKCAPIL_URL,
            name=settings.DUKCAPIL_CLIENT,
            secret=settings.DUKCAPIL_SECRET,
            timeout_s=timeout_s,
            tries=settings.DUKCAPIL_TRIES,
            pause_s=settings.DUKCAPIL_PAUSE_S,
            per_second=settings.DUKCAPIL_PER_SECOND,
            breaker=Breaker(
                NAME.lower(),
                opens_after=settings.DUKCAPIL_OPENS_AFTER,
                open_s=settings.DUKCAPIL_OPEN_S,
                probe_s=3 * timeout_s + LONGEST_WAIT_S,
            ),
        )

    def people(self, niks: Sequence[str]) -> dict[str, list[Person]]:
        """The persons whom the service has under each of these NIKs; an empty list if there is
        none.

        A NIK without a readable answer is left out.
        Raises: NoAnswer after the last try, Paused when the service was not asked at all.
        """
        fault: NoAnswer | None = None
        for attempt in range(self.tries):
            if not self.breaker.may_ask():
                break
            try:
                found = self._people(niks)
            except NotCounted:
                break
            except NoAnswer as failed:
                fault = failed
                self._log_fault(fault, attempt)
                if attempt + 1 < self.tries and fault.wait_s <= LONGEST_WAIT_S:
                    time.sleep(fault.wait_s or self._backoff(attempt))
                    continue
                break
            self.breaker.succeeded()
            return found
        raise fault or Paused

    def _log_fault(self, fault: NoAnswer, attempt: int) -> None:
        """Count a failure. A fault "busy" is no failure: it opens the breaker if the wait is long
        or this was the last try.
        """
        log.warning("dukcapil_no_answer", fault=fault.code, attempt=attempt + 1)
        if fault.code != "busy":
            self.breaker.failed()
        elif fault.wait_s > LONGEST_WAIT_S or attempt + 1 == self.tries:
            self.breaker.pause(min(fault.wait_s or self._backoff(attempt), LONGEST_PAUSE_S))

    def _backoff(self, attempt: int) -> float:
        """Seconds to wait: doubled each time, with a random part to spread the workers."""
        return self.pause_s * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)

    def _people(self, niks: Sequence[str]) -> dict[str, list[Person]]:
        body = {"niks": list(niks)}
        try:
            answer = self._post("/people", body, self._signed())
        except NoAnswer as fault:
            if fault.code != "sign_in":
                raise
            self._token = ""  # the token may have expired early; renew it once
            answer = self._post("/people", body, self._signed())
        return read_people(answer, set(niks))

    def _signed(self) -> str:
        if not self._token or time.monotonic() >= self._token_until:
            answer = self._post("/token", {"client": self.name, "secret": self.secret})
            token, seconds = answer.get("token"), answer.get("expires_in")
            if not isinstance(token, str) or not TOKEN.fullmatch(token):
                raise NoAnswer("unreadable")
            if not isinstance(seconds, int | float) or isinstance(seconds, bool):
                raise NoAnswer("unreadable")
            self._token = token
            self._token_until = time.monotonic() + max(float(seconds) - TOKEN_MARGIN_S, 0.0)
        return self._token

    def _post(self, path: str, body: Mapping[str, Any], token: str = "") -> dict[str, Any]:
        take_turn(NAME.lower(), self.per_second)
        self._target = self._target or locate(self.url)
        headers = {"Content-Type": JSON, "Accept": JSON, "Connection": "close"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = Connection(self._target, self.timeout_s)
        try:
            connection.clock.start()
            connection.request("POST", self._target.path + path, json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read(MOST_BYTES + 1)
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise NoAnswer("timeout" if connection.is_cut else "connection") from None
        finally:
            connection.finish()
        if connection.is_cut:
            raise NoAnswer("timeout")
        return _read(response, content)


def _read(response: http.client.HTTPResponse, content: bytes) -> dict[str, Any]:
    """The JSON object of a complete answer. Raises: NoAnswer."""
    if response.status in (401, 403):
        raise NoAnswer("sign_in")
    if response.status == 429:
        raise NoAnswer("busy", _seconds(response.headers.get("Retry-After", "")))
    if response.status != 200:  # also a redirect: personal data is not sent to another address
        raise NoAnswer("refused")
    is_json = response.headers.get_content_type() == JSON
    if not is_json or len(content) > MOST_BYTES:
        raise NoAnswer("unreadable")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise NoAnswer("unreadable") from None
    if not isinstance(answer, dict):
        raise NoAnswer("unreadable")
    return answer


def _seconds(text: str) -> float:
    """A Retry-After in seconds; 0 for a date or an invalid value."""
    return min(float(integer(text, default=0)), LONGEST_PAUSE_S)


def read_people(answer: Mapping[str, Any], niks: set[str]) -> dict[str, list[Person]]:
    """The persons of an answer, by the NIKs that were asked for. Raises: NoAnswer."""
    results = answer.get("results")
    if not isinstance(results, list):
        raise NoAnswer("unreadable")
    found: dict[str, list[Person]] = {}
    unclear: set[str] = set()
    empty: set[str] = set()
    for item in results:
        nik = item.get("nik") if isinstance(item, dict) else None
        if not isinstance(nik, str) or nik not in niks:
            continue
        person = _person(item)
        if person is None and item.get("found") is not False:
            unclear.add(nik)
        elif person is None:
            empty.add(nik)
        else:
            found.setdefault(nik, []).append(person)
    # a NIK both found and not found is unclear
    unclear |= empty & found.keys()
    return {nik: found.get(nik, []) for nik in (empty | found.keys()) - unclear}


def _person(item: Mapping[str, Any]) -> Person | None:
    """The found person if every field is valid; else None."""
    name, born, is_deceased = item.get("name"), item.get("birth_date"), item.get("deceased")
    sex, village = item.get("sex", ""), item.get("village_code", "")
    texts = (name, born, sex, village)
    if item.get("found") is not True or not isinstance(is_deceased, bool):
        return None
    if not all(isinstance(text, str) for text in texts) or not str(name).strip():
        return None
    try:
        day = date.fromisoformat(str(born))
    except ValueError:
        return None
    return Person(str(name), day, str(sex), str(village), is_deceased)
