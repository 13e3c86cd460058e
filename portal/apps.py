"""Start-up: privileges after migrations, and a check that refuses a role that sees too much."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connection
from django.db.models.signals import post_migrate

from portal import startup


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from apps.audit import record  # noqa: PLC0415 (needs a ready registry)
        from portal.operations import at_rest  # noqa: PLC0415 (needs a ready registry)
        from portal.operations.sealing import wake_sealer  # noqa: PLC0415 (needs a ready registry)

        record.at_once.append(wake_sealer)
        at_rest.make_scratch()
        at_rest.register_checks()
        # the signal skips apps without models; it is sent after all migrations
        post_migrate.connect(_apply_privileges, sender=apps.get_app_config("audit"))
        register(_role_is_safe, "database")
        register(_key_is_strong, "security", deploy=True)


def _apply_privileges(**kwargs: Any) -> None:
    from portal import privileges  # noqa: PLC0415 (needs a ready registry)

    privileges.apply()


def _role_is_safe(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Row-level security does not apply to a superuser, an owner or a role with BYPASSRLS.

    For commands that run `check` or `migrate`; server processes check it themselves
    (portal.startup).
    """
    if not databases or settings.DATABASE_ROLE == "owner":
        return []
    connection.ensure_connection()
    faults = startup.faults_of_role(connection.connection, settings.DATABASE_ROLE)
    return [Error(fault, id="portal.E001") for fault in faults]


def _key_is_strong(**kwargs: Any) -> list[CheckMessage]:
    fault = startup.fault_of_key(settings.SECRET_KEY)
    return [Error(f"SECRET_KEY {fault}.", id="portal.E002")] if fault else []
