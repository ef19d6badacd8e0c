from django.urls import path

from jingwei.portal import components, finding, home, views

app_name = "portal"
urlpatterns = [
    path("", home.start, name="home"),
    path("figures/<str:name>/", home.figure, name="figure"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("reading/", views.reading, name="reading"),
    path("find/", finding.find, name="find"),
    path("components/", components.show, name="components"),
    path("components/progress/", components.progress, name="components-progress"),
]

NEEDS = {
    "home": "(open)",
    "figure": "figure.read",
    "sign-in": "(open)",
    "sign-out": "(signed in)",
    "reading": "(open)",
    "find": "(signed in)",
    "components": "catalog.read",
    "components-progress": "catalog.read",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
