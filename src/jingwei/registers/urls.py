from django.urls import path

from jingwei.registers import (
    collision_pages,
    comparison_pages,
    overview_pages,
    review_pages,
    sample_pages,
    trial_pages,
    views,
)

app_name = "registers"
urlpatterns = [
    path("", views.start, name="start"),
    path("compare/", comparison_pages.choose, name="compare-start"),
    path("<str:register>/", overview_pages.show, name="overview"),
    # Entities are called by a capital letter and sixteen more signs: none is called like a page.
    path("<str:register>/review/", review_pages.show, name="review"),
    path("<str:register>/review/undo/", review_pages.undo, name="undo"),
    path("<str:register>/review/<str:token>/", review_pages.decide, name="decide"),
    path("<str:register>/review/<str:token>/score/", review_pages.score, name="review-score"),
    path("<str:register>/review/<str:token>/<str:side>/reveal/", review_pages.reveal, name="review-reveal"),
    path("<str:register>/sample/", sample_pages.show, name="sample"),
    path("<str:register>/sample/draw/", sample_pages.draw, name="sample-draw"),
    path("<str:register>/sample/<str:token>/", sample_pages.label, name="sample-label"),
    path("<str:register>/sample/<str:token>/<str:side>/reveal/", sample_pages.reveal, name="sample-reveal"),
    path("<str:register>/trial/", trial_pages.start, name="trial"),
    path("<str:register>/trial/<str:name>/", trial_pages.outcome, name="trial-outcome"),
    path("<str:register>/compare/", comparison_pages.start, name="compare"),
    path("<str:register>/compare/<str:token>/", comparison_pages.one_list, name="compare-list"),
    path("<str:register>/compare/<str:token>/<str:kind>/", comparison_pages.download, name="compare-file"),
    path("<str:register>/collide/", collision_pages.start, name="collide"),
    path("<str:register>/<str:entity_id>/", views.record, name="record"),
    path("<str:register>/<str:entity_id>/score/<int:place>/", views.score, name="score"),
    path("<str:register>/<str:entity_id>/reveal/", views.reveal, name="reveal"),
    path("<str:register>/<str:entity_id>/dispute/", views.dispute, name="dispute"),
]

NEEDS = {
    "start": "register.read",
    "compare-start": "register.compare",
    "overview": "register.read",
    "review": "register.review",
    "undo": "register.review",
    "decide": "register.review",
    "review-score": "register.review",
    "review-reveal": "register.reveal",
    "sample": "register.review",
    "sample-draw": "register.review",
    "sample-label": "register.review",
    "sample-reveal": "register.reveal",
    "trial": "register.try",
    "trial-outcome": "register.try",
    "compare": "register.compare",
    "compare-list": "register.compare",
    "compare-file": "register.compare",
    "collide": "register.collide",
    "record": "register.read",
    "score": "register.read",
    "reveal": "register.reveal",
    "dispute": "register.read+dispute.raise",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
