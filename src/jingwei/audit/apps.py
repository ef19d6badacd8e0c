from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "jingwei.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.audit import todos

        todos.register()
