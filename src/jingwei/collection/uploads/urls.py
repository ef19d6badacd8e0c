from django.urls import path

from jingwei.collection.uploads import views

urlpatterns = [
    path("uploads/", views.start, name="uploads"),
    path("uploads/template/<str:resource>.xlsx", views.template, name="upload-template"),
    path("uploads/<str:number>/", views.one, name="upload"),
    path("uploads/<str:number>/columns/", views.assign, name="upload-columns"),
    path("uploads/<str:number>/rows/<int:row>/", views.row, name="upload-row"),
    path("uploads/<str:number>/submit/", views.submit, name="upload-submit"),
    path("uploads/<str:number>/drop/", views.drop, name="upload-drop"),
    path("uploads/<str:number>/again/", views.again, name="upload-again"),
    path("uploads/<str:number>/progress/", views.progress, name="upload-progress"),
]
