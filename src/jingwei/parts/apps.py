from django.apps import AppConfig


class PartsConfig(AppConfig):
    name = "jingwei.parts"
    label = "parts"
    default_auto_field = "django.db.models.BigAutoField"
