"""`stack`: one running portal for all tests of this folder.

It ends with the folder: its clock looks for waiting jobs in the database of this test process, and
would take up those of other tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack import Stack, started


@pytest.fixture(scope="package")
def stack(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stack]:
    with django_db_blocker.unblock(), started() as running:
        yield running
