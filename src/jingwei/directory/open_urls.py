"""Where other catalogs and their programs read ours: addresses that do not belong to a page."""

from django.urls import path

from jingwei.directory.export import ckan_api, pages

app_name = "open_catalog"
urlpatterns = [
    path("catalog.ttl", pages.turtle, name="turtle"),
    path("catalog.jsonld", pages.json_ld, name="json-ld"),
    path("api/3/action/<str:action>", ckan_api.action, name="ckan"),
    path("api/action/<str:action>", ckan_api.action, name="ckan-unversioned"),
]

NEEDS = dict.fromkeys(("turtle", "json-ld", "ckan", "ckan-unversioned"), "(open)")
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
