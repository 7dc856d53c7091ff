"""The database refuses to change or delete transfers and frozen budgets."""

from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("budgets", "0001_initial"), ("registry", "0001_initial")]

    operations = [
        append_only("budgets_transfer"),
        append_only("budgets_budgetversion"),
        append_only("budgets_paymentrequest", when="OLD.state = 'paid'"),
        append_only("budgets_paymentbatch", when="OLD.paid_on IS NOT NULL"),
        append_only("budgets_basepayment", when="OLD.state IN ('paid', 'stopped')"),
        append_only("budgets_revisedbudget", when="OLD.state = 'approved'"),
        append_only("budgets_baserecovery", when="OLD.state <> 'registered'"),
        append_only("budgets_paymentrecovery", when="OLD.state <> 'demanded'"),
    ]
