from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "jingwei.collection"
    label = "collection"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.collection import after
        from jingwei.collection.quality import service as quality

        after.follows(quality.note)
