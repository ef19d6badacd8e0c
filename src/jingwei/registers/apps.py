"""Registers as a Django app; its declarations become a section of the packs."""

from __future__ import annotations

from django.apps import AppConfig

from jingwei.kernel.text import Text


class RegistersConfig(AppConfig):
    name = "jingwei.registers"
    label = "registers"
    verbose_name = str(Text("基础库", "Registers"))
    default_auto_field = "django.db.models.BigAutoField"
