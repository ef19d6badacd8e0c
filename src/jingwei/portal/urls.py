from django.urls import path

from jingwei.portal import home, views

app_name = "portal"
urlpatterns = [
    path("", home.start, name="home"),
    path("figures/<str:name>/", home.figure, name="figure"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("reading/", views.reading, name="reading"),
]
