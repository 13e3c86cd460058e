"""The officers' own pages, under /proposals/."""

from apps.proposals.views import form

app_name = "proposals"
urlpatterns = [*form.urlpatterns]
