from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "jingwei.operations"
    label = "operations"
