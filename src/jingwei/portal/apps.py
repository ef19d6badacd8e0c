from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "jingwei.portal"
    label = "portal"
