"""Which static files are collected: files that no page uses are left out."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Leaves out other renderings of the same libraries, and files of pages not served."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("rest_framework", "redoc", "*-src*", "*.esm*"),
        *("*-dev.mjs*", "maplibre-gl*.map", "maplibre-gl-shared*", "maplibre-gl.css", "*.d.ts"),
        *("debug", "examples", "API.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"),
        *("bootstrap.rtl*", "bootstrap-grid*", "bootstrap-reboot*", "bootstrap-utilities*"),
    ]
