from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "jingwei.packs"
    label = "packs"
