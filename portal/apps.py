"""Start-up: privileges after migrations, and a refusal to serve as a role that sees too much."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connection
from django.db.models.signals import post_migrate

WEAK_KEYS = ("", "change-me", "insecure")


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from apps.audit import record  # noqa: PLC0415 (needs a ready registry)
        from portal import at_rest  # noqa: PLC0415 (needs a ready registry)
        from portal.sealing import ring  # noqa: PLC0415 (needs a ready registry)
        from portal.work import describe_work  # noqa: PLC0415 (needs a ready registry)

        describe_work()
        record.at_once.append(ring)
        at_rest.make_scratch()
        at_rest.register_checks()
        # the signal skips apps without models; it comes once all migrations are through
        post_migrate.connect(_apply_privileges, sender=apps.get_app_config("audit"))
        register(_role_is_safe, "database")
        register(_key_is_strong, "security", deploy=True)


def _apply_privileges(**kwargs: Any) -> None:
    from portal import privileges  # noqa: PLC0415 (needs a ready registry)

    privileges.apply()


def _role_is_safe(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Row-level security is nothing for a superuser, an owner or BYPASSRLS."""
    if not databases or settings.DATABASE_ROLE == "owner":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_tables"
            " WHERE tableowner = current_user AND schemaname = 'public')"
            " FROM pg_roles WHERE rolname = current_user"
        )
        row = cursor.fetchone()
    if row and row[0]:
        return [
            Error(
                f"The {settings.DATABASE_ROLE} process would run as a superuser, table owner or"
                " BYPASSRLS role: row-level security would show it everything.",
                hint="Point DATABASE_URL and DATABASE_WORKER_URL at the roles portal_web and"
                " portal_worker.",
                id="portal.E001",
            )
        ]
    return []


def _key_is_strong(**kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) < 50 or settings.SECRET_KEY.startswith(WEAK_KEYS[1:]):
        return [Error("SECRET_KEY is short or a default.", id="portal.E002")]
    return []
