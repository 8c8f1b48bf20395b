"""The pages of members, one module per page with its form: one's points and why, notices, claims, hearings, results."""
