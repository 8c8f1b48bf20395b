"""Papers of a year's results: 民主评议测评汇总表.

They show what `points.results` worked out and what the branch's meeting decided.
"""
