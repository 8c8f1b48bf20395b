"""Excel and PDF, rows apart from their rendering: annual report, record form, papers of meetings and reviews."""
