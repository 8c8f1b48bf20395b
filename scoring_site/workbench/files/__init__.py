"""Files in and out: imports with preview and confirmation, exports."""
