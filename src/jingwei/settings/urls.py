"""Where each room's pages hang."""

from django.urls import include, path

urlpatterns = [
    path("window/", include("jingwei.window.urls")),
    path("collection/", include("jingwei.collection.urls")),
    path("registers/", include("jingwei.registers.urls")),
    path("catalog/", include("jingwei.directory.urls")),
    path("", include("jingwei.directory.open_urls")),
    path("notices/", include("jingwei.inbox.urls")),
    path("people/", include("jingwei.people.urls")),
    path("todos/", include("jingwei.inbox.todo_urls")),
    path("parts/", include("jingwei.parts.urls")),
    path("", include("jingwei.audit.urls")),
    path("", include("jingwei.operations.urls")),
    path("", include("jingwei.portal.urls")),
]

handler400 = "jingwei.portal.views.bad_request"
handler403 = "jingwei.portal.views.forbidden"
handler404 = "jingwei.portal.views.not_found"
handler500 = "jingwei.portal.views.server_error"
