from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "jingwei.inbox"
    label = "inbox"
