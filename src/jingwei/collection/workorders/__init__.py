"""The way back: what is wrong goes to the organization that can mend it, with a deadline.

    run ends ──orders.settle──▶ WorkOrder ──page (mending) or workbook (excel, returned)──▶ service.repair ──▶ run
    a value that somebody disputes ──disputes.open──▶ WorkOrder ──confirmed, or mended──▶ the mark goes

Rows stay in the lake (`lines` reads those of an order); the order itself says who, by when, and how many are left.
"""
