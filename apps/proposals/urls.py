"""The officers' pages, below /proposals/. Each view module lists its own."""

from apps.proposals.views import batches, parts, uploads

app_name = "proposals"
urlpatterns = [*batches.urlpatterns, *uploads.urlpatterns, *parts.urlpatterns]
