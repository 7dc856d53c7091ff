"""The money of an association: ledger, year, frames with lots and grants, budgets."""

from __future__ import annotations

from budgets.models.allocation import Allocation, AllocationRow
from budgets.models.budget import Budget, BudgetVersion, CostRow, FinancingRow, StaffRow
from budgets.models.frames import Frame, FrameSource, Grant, Lot
from budgets.models.ledger import Account, AccountKind, Transfer, TransferReason
from budgets.models.year import Contribution, Pool, PoolKind

__all__ = [
    "Account",
    "AccountKind",
    "Allocation",
    "AllocationRow",
    "Budget",
    "BudgetVersion",
    "Contribution",
    "CostRow",
    "FinancingRow",
    "Frame",
    "FrameSource",
    "Grant",
    "Lot",
    "Pool",
    "PoolKind",
    "StaffRow",
    "Transfer",
    "TransferReason",
]
