"""Papers of what the roster records about one member: 不实行积分制审批表.

They show what was recorded, and places where people sign and seal.
"""
