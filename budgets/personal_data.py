"""What people call the rows of this floor in which a person may appear."""

from __future__ import annotations

from finsam.administration.personal_data.paths import name_places

name_places({"budgets.budget": "budget", "budgets.budgetrevision": "tidigare lydelse av budget"})
