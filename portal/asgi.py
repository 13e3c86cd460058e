"""The web server's entrance: `uvicorn portal.asgi:application --no-proxy-headers`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "web")

from django.core.asgi import get_asgi_application  # noqa: E402 (after the environment)

from portal import startup  # noqa: E402 (after the environment)

startup.check_settings("web")
_django = get_asgi_application()  # before what needs the apps
startup.check_role("web")

from portal.web.serving import guarded, load_pages  # noqa: E402 (needs the apps)

load_pages()
application = guarded(_django)
