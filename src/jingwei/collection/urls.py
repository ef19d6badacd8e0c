from django.urls import include, path

from jingwei.collection import plan_pages, resource_pages, run_pages, views
from jingwei.collection.uploads import urls as uploads

app_name = "collection"
urlpatterns = [
    path("", views.start, name="start"),
    path("runs/", views.runs, name="runs"),
    path("runs/<str:run_id>/", run_pages.run, name="run"),
    path("runs/<str:run_id>/rows/", run_pages.reveal, name="reveal"),
    path("runs/<str:run_id>/rows.csv", run_pages.export, name="export"),
    path("runs/<str:run_id>/release/", run_pages.release, name="release"),
    path("plan/", plan_pages.plan, name="plan"),
    path("resources/<str:resource>/", resource_pages.resource, name="resource"),
    path("resources/<str:resource>/fields/<str:field>/", resource_pages.field, name="resource-field"),
    path("resources/<str:resource>/read/", views.read_again, name="read"),
    path("resources/<str:resource>/progress/", views.progress, name="progress"),
    path("orders/", include("jingwei.collection.workorders.urls")),
    *uploads.urlpatterns,
]

NEEDS = {
    "start": "run.read",
    "runs": "run.read",
    "run": "run.read",
    "reveal": "run.read+register.reveal",
    "export": "run.read+register.reveal",
    "release": "run.release",
    "plan": "run.read",
    "resource": "run.read",
    "resource-field": "run.read",
    "read": "run.start",
    "progress": "run.read",
    "orders": "order.read",
    "scoreboard": "order.read",
    "scoreboard-figure": "order.read",
    "order": "order.read",
    "order-mend": "order.answer",
    "order-check": "order.answer",
    "order-file": "order.answer",
    "order-return": "order.answer",
    "order-right": "order.answer",
    "order-reply": "order.read_all",
    "order-value": "order.answer",
    "order-confirm": "order.answer",
    "order-correct": "order.answer",
    "uploads": "upload.submit",
    "upload-template": "upload.submit",
    "upload": "upload.submit",
    "upload-columns": "upload.submit",
    "upload-row": "upload.submit",
    "upload-submit": "upload.submit",
    "upload-drop": "upload.submit",
    "upload-again": "upload.submit",
    "upload-progress": "upload.submit",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
