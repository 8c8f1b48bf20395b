"""What every verb that writes ends with: its entry in the log, its batch, and the order in which writers lock."""
