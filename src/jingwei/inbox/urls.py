from django.urls import path

from jingwei.inbox import settings_pages, views

app_name = "inbox"
urlpatterns = [
    path("", views.start, name="start"),
    path("read/", views.read, name="read"),
    path("settings/", settings_pages.start, name="settings"),
    path("settings/add/", settings_pages.add, name="address-add"),
    path("settings/<int:number>/change/", settings_pages.change, name="address-change"),
    path("settings/<int:number>/remove/", settings_pages.remove, name="address-remove"),
    path("settings/<int:number>/try/", settings_pages.attempt, name="address-try"),
]

NEEDS = {
    "start": "notice.read",
    "read": "notice.read",
    "settings": "notice.read",
    "address-add": "notice.read",
    "address-change": "notice.read",
    "address-remove": "notice.read",
    "address-try": "notice.read",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
