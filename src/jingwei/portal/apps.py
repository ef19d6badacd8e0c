from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "jingwei.portal"
    label = "portal"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.portal import finding

        finding.register()
