"""What the list of events calls what happens to money, and what stays with the applicant."""

from __future__ import annotations

from finsam.registry.wording import keep_private_until_registered, name_actions

name_actions(
    {
        "allocation_proposed": "Fördelning lagd som förslag",
        "allocation_saved": "Fördelning sparad",
        "budget_frozen": "Budget låst i en version",
        "budget_locked": "Budget låst",
        "budget_opened": "Budget öppnad",
        "budget_saved": "Budget sparad",
        "budget_years_set": "Budgetens år valda",
        "contribution_paid": "Medlemsbidrag betalat",
        "contributions_planned": "Medlemsbidrag planerade",
        "equity_opened": "Eget kapital ingående",
        "frame_closed": "Ram stängd",
        "frame_set": "Ram bestämd",
        "grant_changed": "Beviljat belopp ändrat",
        "grant_reserved": "Belopp reserverat i ramen",
        "year_divided": "Årets medel fördelade",
    }
)

keep_private_until_registered("budgets.budget", "budgets.budgetversion")
