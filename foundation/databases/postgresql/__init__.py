"""PostgreSQL as Django has it. Each connection has a ticket, which the triggers read as the setting `seal.ticket`."""
