from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "apps.casework"
    label = "casework"

    def ready(self) -> None:
        from apps.accounts.limits import read_limits  # noqa: PLC0415 (needs a ready registry)
        from apps.casework import notices  # noqa: PLC0415

        read_limits.on_alarm.append(notices.tell_of_reading)
