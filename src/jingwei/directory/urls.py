from django.urls import path

from jingwei.directory import encyclopedia_pages, lineage_pages, resource_pages, views

app_name = "directory"
urlpatterns = [
    path("", views.start, name="start"),
    path("tree/", views.tree, name="tree"),
    path("map/", views.whole, name="map"),
    path("resources/<str:resource>/", resource_pages.resource, name="resource"),
    path("resources/<str:resource>/contract.yaml", resource_pages.contract, name="contract"),
    path("lineage/", lineage_pages.lineage_of, name="lineage"),
    path("items/<str:item>/", lineage_pages.item, name="item"),
    path("encyclopedia/", encyclopedia_pages.start, name="encyclopedia"),
    path("encyclopedia/elements/<str:element>/", encyclopedia_pages.element, name="element"),
    path("encyclopedia/codes/<str:codes>/", encyclopedia_pages.codes, name="codes"),
]

NEEDS = {
    "start": "catalog.read",
    "tree": "catalog.read",
    "map": "catalog.read",
    "resource": "catalog.read",
    "contract": "catalog.read",
    "lineage": "catalog.read",
    "item": "catalog.read",
    "encyclopedia": "catalog.read",
    "element": "catalog.read",
    "codes": "catalog.read",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
