"""The money of an association: ledger, year, frames with lots and grants, budgets."""

from __future__ import annotations

from budgets.models.allocation import Allocation, AllocationRow
from budgets.models.base_payments import (
    BasePayment,
    BasePaymentState,
    BaseRecovery,
    RecoveryState,
)
from budgets.models.budget import Budget, BudgetVersion, CostRow, FinancingRow, StaffRow
from budgets.models.figures import ShownFigure
from budgets.models.frames import Frame, FrameSource, Grant, Lot
from budgets.models.imports import BudgetRevision, ImportKind, ImportState, WorkbookImport
from budgets.models.ledger import Account, AccountKind, Transfer, TransferReason
from budgets.models.payments import (
    AccountType,
    EconomySettings,
    GrantLine,
    PaymentBatch,
    PaymentRequest,
    PaymentRow,
    PaymentState,
)
from budgets.models.recoveries import DemandState, PaymentRecovery
from budgets.models.returns import PlannedReturn, SavingsReturn
from budgets.models.revised import RevisedBudget, RevisedState
from budgets.models.year import (
    BaseFinancing,
    BaseFinancingShare,
    Contribution,
    ContributionKey,
    EquityLevel,
    KeyBasis,
    Pool,
    PoolKind,
)

__all__ = [
    "Account",
    "AccountKind",
    "AccountType",
    "Allocation",
    "AllocationRow",
    "BaseFinancing",
    "BaseFinancingShare",
    "BasePayment",
    "BasePaymentState",
    "BaseRecovery",
    "Budget",
    "BudgetRevision",
    "BudgetVersion",
    "Contribution",
    "ContributionKey",
    "CostRow",
    "DemandState",
    "EconomySettings",
    "EquityLevel",
    "FinancingRow",
    "Frame",
    "FrameSource",
    "Grant",
    "GrantLine",
    "ImportKind",
    "ImportState",
    "KeyBasis",
    "Lot",
    "PaymentBatch",
    "PaymentRecovery",
    "PaymentRequest",
    "PaymentRow",
    "PaymentState",
    "PlannedReturn",
    "Pool",
    "PoolKind",
    "RecoveryState",
    "RevisedBudget",
    "RevisedState",
    "SavingsReturn",
    "ShownFigure",
    "StaffRow",
    "Transfer",
    "TransferReason",
    "WorkbookImport",
]
