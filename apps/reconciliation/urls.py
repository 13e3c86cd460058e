"""The stewards' pages, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.views import datasets, sources

app_name = "reconciliation"
urlpatterns = [
    *sources.urlpatterns,
    *datasets.urlpatterns,
]
