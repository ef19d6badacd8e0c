from django.urls import include, path

from jingwei.collection import views
from jingwei.collection.uploads import urls as uploads

app_name = "collection"
urlpatterns = [
    path("", views.start, name="start"),
    path("runs/", views.runs, name="runs"),
    path("runs/<str:run_id>/", views.run, name="run"),
    path("runs/<str:run_id>/rows/", views.reveal, name="reveal"),
    path("runs/<str:run_id>/rows.csv", views.export, name="export"),
    path("resources/<str:resource>/read/", views.read_again, name="read"),
    path("resources/<str:resource>/progress/", views.progress, name="progress"),
    path("orders/", include("jingwei.collection.workorders.urls")),
    *uploads.urlpatterns,
]
