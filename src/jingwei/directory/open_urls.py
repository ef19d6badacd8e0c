"""Where other catalogs and their programs read ours: addresses that do not belong to a page."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
