from django.urls import path

from jingwei.parts import views

app_name = "parts"
urlpatterns = [
    path("views/", views.save_view, name="save-view"),
    path("views/<int:number>/drop/", views.drop_view, name="drop-view"),
]

NEEDS = {
    "save-view": "(signed in)",
    "drop-view": "(signed in)",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
