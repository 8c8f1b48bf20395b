"""The audit log, with its values in words."""
