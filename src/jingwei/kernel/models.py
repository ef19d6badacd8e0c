"""Who works here, and what they looked at."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from jingwei.kernel.ledger_models import LedgerEntry, LedgerHead, LedgerSet, LedgerSubject

__all__ = [
    "Account",
    "Accounts",
    "LedgerEntry",
    "LedgerHead",
    "LedgerSet",
    "LedgerSubject",
    "Organization",
]


class Organization(models.Model):
    """A department, street office or community; a tree with four levels."""

    LEVELS = [("city", "市"), ("district", "区"), ("street", "街道"), ("community", "社区")]

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=12, choices=LEVELS)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_zh


class Accounts(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **facts: object) -> Account:
        account = self.model(username=username, **facts)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who signs in. What they may do follows from `roles` (see permissions)."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    post = models.CharField(max_length=60, blank=True)
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT)
    roles = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    objects = Accounts()

    def __str__(self) -> str:
        return self.username
