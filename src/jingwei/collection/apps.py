from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "jingwei.collection"
    label = "collection"
