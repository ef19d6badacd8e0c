from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "jingwei.inbox"
    label = "inbox"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.inbox import finding, home_part

        home_part.register()
        finding.register()
