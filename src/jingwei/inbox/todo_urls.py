from django.urls import path

from jingwei.inbox import todo_pages

app_name = "todos"
urlpatterns = [
    path("", todo_pages.start, name="start"),
    path("<int:number>/", todo_pages.one, name="one"),
    path("<int:number>/take/", todo_pages.take, name="take"),
    path("<int:number>/hand-over/", todo_pages.hand_over, name="hand-over"),
]
