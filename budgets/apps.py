"""Money: split, ledger, year, frames, budgets, rules and the workbook."""

from __future__ import annotations

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "budgets"
    label = "budgets"
    verbose_name = "Ekonomi"
