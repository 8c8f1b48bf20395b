"""An assistant's drafts: handed in, confirmed, returned; what each holds.

A draft is no record: confirming it calls the verb that the recorder's own screen calls.
"""
