"""What the list of events calls what happens to money, and what stays with the applicant."""

from __future__ import annotations

from finsam.registry.wording import keep_private_until_registered, name_actions

name_actions(
    {
        "allocation_proposed": "Fördelning lagd som förslag",
        "allocation_saved": "Fördelning sparad",
        "base_financing_lowered": "Basfinansiering inte längre säkrad",
        "base_financing_set": "Basfinansiering fastställd",
        "base_payment_approved": "Basfinansiering godkänd för utbetalning",
        "base_payment_claimed": "Basfinansiering begärd av medlemmen",
        "base_payment_paid": "Basfinansiering utbetald",
        "base_payment_registered": "Utbetalning av basfinansiering registrerad",
        "base_payment_stopped": "Utbetalning av basfinansiering stoppad",
        "batch_made": "Betalfil gjord",
        "batch_paid": "Betalning genomförd",
        "budget_frozen": "Budget låst i en version",
        "budget_import_left": "Arbetsbok lämnad utan ändring",
        "budget_import_taken": "Arbetsbok inläst i budgeten",
        "budget_locked": "Budget låst",
        "budget_opened": "Budget öppnad",
        "budget_saved": "Budget sparad",
        "budget_years_set": "Budgetens år valda",
        "contribution_paid": "Medlemsbidrag betalat",
        "contributions_planned": "Medlemsbidrag planerade",
        "economy_settings_changed": "Ekonomins regler ändrade",
        "equity_opened": "Eget kapital ingående",
        "frame_closed": "Ram stängd",
        "frame_set": "Ram bestämd",
        "grant_changed": "Beviljat belopp ändrat",
        "grant_lines_changed": "Budgetposter ändrade",
        "grant_lines_planned": "Bidraget lagt ut på budgetposter",
        "grant_reserved": "Belopp reserverat i ramen",
        "payment_approve": "Rekvisition godkänd för utbetalning",
        "payment_attest": "Rekvisition attesterad och inskickad",
        "payment_check": "Rekvisition kontrollerad",
        "payment_pay": "Rekvisition utbetald",
        "payment_recovered": "Återbetalning bokförd",
        "payment_return": "Rekvisition skickad åter",
        "payment_saved": "Rekvisition sparad",
        "payment_send": "Attest av rekvisition begärd",
        "payment_started": "Rekvisition påbörjad",
        "payment_stop": "Utbetalning stoppad",
        "payment_take_back": "Rekvisition öppnad för ändring",
        "payment_withdraw": "Rekvisition borttagen",
        "return_annulled": "Avstämd återföring tillbakatagen",
        "return_plan_set": "Återföringsplan fastställd",
        "revised_budget_approved": "Reviderad budget godkänd",
        "revised_budget_begun": "Reviderad budget påbörjad",
        "revised_budget_filed": "Reviderad budget inlämnad",
        "revised_budget_returned": "Reviderad budget skickad åter",
        "revised_budget_saved": "Reviderad budget sparad",
        "savings_returned": "Återföring avstämd",
        "year_divided": "Årets medel fördelade",
    }
)

keep_private_until_registered(
    "budgets.budget",
    "budgets.budgetversion",
    "budgets.paymentrequest",
    "budgets.revisedbudget",
    "budgets.workbookimport",
)
