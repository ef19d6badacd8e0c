from django.urls import path

from jingwei.collection.workorders import views

urlpatterns = [
    path("", views.orders, name="orders"),
    path("scoreboard/", views.scoreboard, name="scoreboard"),
    path("scoreboard/figure/", views.figure, name="scoreboard-figure"),
    path("<str:order_id>/", views.order, name="order"),
    path("<str:order_id>/mend/", views.mend, name="order-mend"),
    path("<str:order_id>/check/", views.check, name="order-check"),
    path("<str:order_id>/file/", views.export, name="order-file"),
    path("<str:order_id>/return/", views.hand_in, name="order-return"),
    path("<str:order_id>/right/", views.right, name="order-right"),
    path("<str:order_id>/reply/", views.reply, name="order-reply"),
    path("<str:order_id>/value/", views.value, name="order-value"),
    path("<str:order_id>/confirm/", views.confirm, name="order-confirm"),
    path("<str:order_id>/correct/", views.correct, name="order-correct"),
]
