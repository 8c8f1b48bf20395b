"""Who may log in and holds which role: making and ending accounts and appointments, passwords, codes of login slips."""
