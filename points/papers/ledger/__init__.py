"""What a branch keeps as a book: 台账 of a month or quarter, 积分登记册 of a year.

Both print what the ledger holds and what the rules make of it; grounds of findings stand in neither (D21).
"""
