from django.urls import path

from jingwei.window import views

app_name = "window"
urlpatterns = [
    path("", views.start, name="start"),
    path("search/", views.search, name="search"),
    path("reveal/", views.reveal, name="reveal"),
    path("cases/", views.cases, name="cases"),
    path("cases/save/", views.save, name="save"),
    path("cases/<str:number>/", views.case, name="case"),
    path("cases/<str:number>/reveal/", views.reveal_case, name="reveal-case"),
]

NEEDS = {
    "start": "window.serve",
    "search": "window.serve",
    "reveal": "register.reveal",
    "cases": "window.serve",
    "save": "window.serve",
    "case": "window.serve",
    "reveal-case": "register.reveal",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
