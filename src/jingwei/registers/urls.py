from django.urls import path

from jingwei.registers import views

app_name = "registers"
urlpatterns = [
    path("", views.start, name="start"),
    path("<str:register>/<str:entity_id>/", views.record, name="record"),
    path("<str:register>/<str:entity_id>/reveal/", views.reveal, name="reveal"),
    path("<str:register>/<str:entity_id>/dispute/", views.dispute, name="dispute"),
]
