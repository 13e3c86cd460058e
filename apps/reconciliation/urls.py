"""The pages of reconciliation, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.views import conflicts, survivorship

app_name = "reconciliation"
urlpatterns = [
    *conflicts.urlpatterns,
    *survivorship.urlpatterns,
]
