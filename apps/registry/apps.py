from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

# Source: the programmes of the proposal template of SIKS-NG; synonyms as found in files.
PROGRAMMES = [
    ("PKH", "Program Keluarga Harapan", []),
    ("SEMBAKO", "Program Sembako", ["BPNT", "BSP", "BPNT/BSP", "BPNT/SEMBAKO"]),
    ("PBI-JK", "Penerima Bantuan Iuran Jaminan Kesehatan", ["PBI", "PBIJK", "PBI JK"]),
    ("BST", "Bantuan Sosial Tunai", []),
    ("NON-BANSOS", "Tanpa bantuan sosial", ["NON BANSOS", "NONBANSOS"]),
]


class RegistryConfig(AppConfig):
    name = "apps.registry"
    label = "registry"

    def ready(self) -> None:
        post_migrate.connect(_fill_programmes, sender=self)


def _fill_programmes(**kwargs: Any) -> None:
    from apps.registry.models import Programme  # noqa: PLC0415 (needs a ready registry)

    for code, name, synonyms in PROGRAMMES:
        Programme.objects.update_or_create(code=code, defaults={"name": name, "synonyms": synonyms})
