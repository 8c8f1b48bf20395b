"""Excel and PDF, rows apart from their rendering: annual report, record form, papers of meetings and reviews.

A paper of a notice or a finding lies beside its idea; who may have one, its screen and `exports` ask.
"""
