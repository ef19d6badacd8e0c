from django.urls import path

from jingwei.people import account_pages, organization_pages, own_pages

app_name = "people"
urlpatterns = [
    path("", organization_pages.start, name="start"),
    path("organizations/new/", organization_pages.new, name="organization-new"),
    path("organizations/import/", organization_pages.import_table, name="import"),
    path("organizations/import/template.xlsx", organization_pages.template, name="import-template"),
    path("organizations/<str:code>/", organization_pages.organization, name="organization"),
    path("organizations/<str:code>/<str:deed>/", organization_pages.change, name="organization-change"),
    path("accounts/", account_pages.start, name="accounts"),
    path("accounts/new/", account_pages.new, name="account-new"),
    path("accounts/<str:username>/", account_pages.account, name="account"),
    path("accounts/<str:username>/edit/<str:deed>/", account_pages.change, name="account-change"),
    path("accounts/<str:username>/grant/<str:deed>/", account_pages.grant, name="account-grant"),
    path("proposals/", own_pages.waiting, name="proposals"),
    path("proposals/<int:number>/", own_pages.decide, name="proposal"),
    path("password/", own_pages.password, name="password"),
]

NEEDS = {
    "start": "organization.edit",
    "organization-new": "organization.edit",
    "import": "organization.edit",
    "import-template": "organization.edit",
    "organization": "organization.edit",
    "organization-change": "organization.edit",
    "accounts": "account.edit|role.grant",
    "account-new": "account.edit",
    "account": "account.edit|role.grant",
    "account-change": "account.edit",
    "account-grant": "role.grant",
    "proposals": "role.grant",
    "proposal": "role.grant",
    "password": "(signed in)",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
