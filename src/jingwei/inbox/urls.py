from django.urls import path

from jingwei.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.start, name="start"),
    path("read/", views.read, name="read"),
]
