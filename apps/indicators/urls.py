"""URLs of indicators, releases and publications."""

from apps.indicators.figures import views as figures
from apps.indicators.services import views as services

app_name = "indicators"
urlpatterns = [*figures.urlpatterns, *services.urlpatterns]
