"""A thread that read geometry leaves nothing of GEOS behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point
from django.contrib.gis.geos.prototypes.threadsafe import GEOSContextHandle
from django.core.signals import request_finished

THREADS = 20


@pytest.fixture
def contexts(monkeypatch):
    """How many contexts of GEOS were made and not destroyed, since the test began."""
    open_ones = [0]
    make, destroy = GEOSContextHandle.__init__, GEOSContextHandle.__del__

    def made(self):
        open_ones[0] += 1
        make(self)

    def destroyed(self):
        open_ones[0] -= 1
        destroy(self)

    monkeypatch.setattr(GEOSContextHandle, "__init__", made)
    monkeypatch.setattr(GEOSContextHandle, "__del__", destroyed)
    return open_ones


def read_and_write() -> None:
    point = GEOSGeometry(Point(106.8, -6.2, srid=4326).hexewkb)
    assert GEOSGeometry(point.wkt).wkb == Point(106.8, -6.2).wkb


def in_threads_of_their_own(*steps):
    for _thread in range(THREADS):
        with ThreadPoolExecutor(1) as one:
            for step in steps:
                one.submit(step).result()


def test_a_request_that_read_geometry_leaves_no_context(contexts):
    in_threads_of_their_own(read_and_write, lambda: request_finished.send(None))
    assert contexts == [0]


def test_without_the_release_each_thread_would_leave_one(contexts):
    """The fault is Django's; when this fails, `apps.common.geos_threads` can go."""
    in_threads_of_their_own(read_and_write)
    assert contexts[0] >= THREADS
