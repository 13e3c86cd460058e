"""The officers' pages, mounted at /proposals/."""

from apps.proposals.views import notices, returned, review

app_name = "proposals"
urlpatterns = [
    *returned.urlpatterns,
    *review.urlpatterns,
    *notices.urlpatterns,
]
