"""The web server's entrance: `uvicorn portal.asgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "web")

from django.core.asgi import get_asgi_application  # noqa: E402 (after the environment)

_django = get_asgi_application()  # before what needs the apps

from django.conf import settings  # noqa: E402

from portal.bodies import BoundedBodies  # noqa: E402
from portal.bounds import Bounds  # noqa: E402
from portal.deadline import Deadline  # noqa: E402
from portal.parts import KeptParts  # noqa: E402

application = Deadline(
    Bounds(KeptParts(BoundedBodies(_django))),
    seconds=settings.REQUEST_WITHIN_S,
    most=settings.REQUESTS_IN_HAND,
)
