from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "jingwei.collection"
    label = "collection"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.collection import after, finding, home_part, notices, todos
        from jingwei.collection.connectors.base import register
        from jingwei.collection.quality import service as quality
        from jingwei.collection.uploads import reading
        from jingwei.collection.workorders import orders

        register(reading.HandedIn)
        finding.register()
        after.follows(orders.settle)
        after.follows(quality.note)
        after.follows(notices.tell)
        after.follows(todos.run_ended)
        todos.register()
        home_part.register()
