"""SQLite as Django has it. Each connection has a ticket, which the triggers ask for as `seal_ticket()`."""
