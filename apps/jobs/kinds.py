"""The kinds of long work. Each is declared once, by `@job` on the function that does it.

The module `jobs` of an app imports the declarations of its kinds; every process loads these modules
at its start (`JobsConfig.ready`). The name of a kind is a constant beside the function that
enqueues the work, which may be in a lower layer than the function that does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime

    from apps.jobs.models import Job
    from apps.jobs.work import Lease

    Work = Callable[[Lease], object]
    AnyWork = TypeVar("AnyWork", bound=Work)

RESUME: Final = _("An administrator can resume it on the page of jobs (job %(job)s).")


class Resume(Protocol):
    """Moves a failed job and its subject back to the beginning. Raises: DomainError."""

    def __call__(self, *, job: Job, by: Any, now: datetime) -> Job: ...


@dataclass(frozen=True)
class JobKind:
    """One kind of long work.

    `resume` is only for kinds that change more than the job's row. Work that is not resumable has
    to be requested again: `remedy` names by whom and where. `on_failed(job)` is called when a job
    failed or was cancelled, by a worker: within seconds where it was cancelled while it waited.
    """

    name: str
    label: Promise | str
    work: Work
    queue: str = "batches"
    resume: Resume | None = None
    is_resumable: bool = True
    on_failed: Callable[[Job], object] | None = None
    remedy: Promise | str = RESUME


class UnknownKind(LookupError):
    """No function of this process declares this kind of work."""


_kinds: dict[str, JobKind] = {}


def job(
    name: str,
    *,
    label: Promise | str,
    queue: str = "batches",
    resume: Resume | None = None,
    is_resumable: bool = True,
    on_failed: Callable[[Job], object] | None = None,
    remedy: Promise | str = RESUME,
) -> Callable[[AnyWork], AnyWork]:
    """Declare the kind of work that the decorated function does. It is called with the job's lease.

    `queue` is where the work waits unless `work.enqueue` names another.
    Raises: ValueError if the kind is already declared.
    """

    def declare(work: AnyWork) -> AnyWork:
        if name in _kinds:
            raise ValueError(f"{name} is declared twice")
        _kinds[name] = JobKind(name, label, work, queue, resume, is_resumable, on_failed, remedy)
        return work

    return declare


def kinds() -> dict[str, JobKind]:
    """Every kind of work, by its name."""
    return dict(_kinds)


def named(name: str) -> JobKind:
    """The kind of this name. Raises: UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def find(name: str) -> JobKind | None:
    """The kind of this name, or None: a row of another version of the portal may name any kind."""
    return _kinds.get(name)
