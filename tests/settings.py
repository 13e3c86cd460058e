"""Settings of the tests: the owner makes the database, cheap hashes, a folder of their own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["PORTAL_DATABASE_ROLE"] = "owner"
from portal.settings import *  # noqa: E402, F403, TID251 (the one place that builds on them)
from portal.settings import (  # noqa: E402, TID251
    CACHES,
    CELERY_BROKER_URL,
    INSTALLED_APPS,
    STORAGES,
)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# by this name the live server knows that it serves static files, which nobody collected here
INSTALLED_APPS = [
    "django.contrib.staticfiles" if app == "portal.static_files.StaticFiles" else app
    for app in INSTALLED_APPS
]
_SCRATCH = Path(tempfile.mkdtemp(prefix="portal-tests-"))
_MAKER = os.getpid()
# only in the process that made it: those forked from it leave it alone
atexit.register(lambda: os.getpid() == _MAKER and shutil.rmtree(_SCRATCH, ignore_errors=True))
MEDIA_ROOT = _SCRATCH / "media"
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "scratch"
ANCHOR_DIR = _SCRATCH / "anchors"
STATIC_ROOT = _SCRATCH / "static"
STATIC_ROOT.mkdir()
# Tests sign in as personas without a factor; those about it turn it on (tests/accounts).
SECOND_FACTOR_REQUIRED = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# each test process has a queue of its own, so that no worker takes another's job
XDIST = os.environ.get("PYTEST_XDIST_WORKER", "")
CELERY_BROKER_URL = f"{CELERY_BROKER_URL}?virtual_host={int(XDIST[2:] or 0) + 1 if XDIST else 0}"
# each worker process of the tests has a cache of its own: clearing one empties its whole database
_CACHE = f"{CACHES['default']['LOCATION']}?db={8 + int(XDIST[2:] or 0)}"
_APART = {"LOCATION": _CACHE, "KEY_PREFIX": XDIST or "t"}
CACHES = {alias: cache | _APART for alias, cache in CACHES.items()}
