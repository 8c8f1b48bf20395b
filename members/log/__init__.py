"""What every verb that writes ends with: its entry in the log, its batch, and the order in which writers lock.

The words of a verb stand in its own app's `log_words`; a verb without words cannot be logged.
"""
