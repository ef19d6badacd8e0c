from django.urls import path

from jingwei.operations import pages, views

app_name = "operations"
urlpatterns = [
    path("operations/", pages.start, name="start"),
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("metrics", views.figures, name="metrics"),
]

NEEDS = {
    "start": "operations.read",
    "live": "(open)",
    "ready": "(open)",
    "metrics": "(open)",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
