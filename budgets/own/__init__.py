"""Budgets in spreadsheets of the applicants' own making: what each cell seems to be, to confirm.

`tables` finds sheets, header rows and columns, `items` the amounts with what they seem to be,
`totals` sets the sender's sums beside ours, `taking` makes the budget's rows. Nothing here is
decided without being shown: whoever sends the sheet confirms or changes each proposal.
"""
