from django.urls import path

from jingwei.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.start, name="start"),
    path("read/", views.read, name="read"),
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
