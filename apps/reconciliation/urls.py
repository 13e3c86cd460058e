"""The stewards' pages, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.views import duplicates

app_name = "reconciliation"
urlpatterns = [
    *duplicates.urlpatterns,
]
