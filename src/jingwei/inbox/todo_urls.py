from django.urls import path

from jingwei.inbox import todo_pages

app_name = "todos"
urlpatterns = [
    path("", todo_pages.start, name="start"),
    path("<int:number>/", todo_pages.one, name="one"),
    path("<int:number>/take/", todo_pages.take, name="take"),
    path("<int:number>/hand-over/", todo_pages.hand_over, name="hand-over"),
]

NEEDS = {
    "start": "todo.read",
    "one": "todo.read",
    "take": "todo.read",
    "hand-over": "todo.read",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
