"""The web server's entrance: `uvicorn portal.asgi:application --no-proxy-headers`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "web")

from django.core.asgi import get_asgi_application  # noqa: E402 (after the environment)

from portal import startup  # noqa: E402
from portal.parts import KeptParts  # noqa: E402

startup.check_settings("web")
application = KeptParts(get_asgi_application())
startup.check_role("web")
