from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "jingwei.kernel"
    label = "kernel"
