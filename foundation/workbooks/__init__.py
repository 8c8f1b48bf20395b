"""Reading the workbooks people send: inspected before they are parsed, every fault told where it stands.

What a column means in a roster or a record, the apps above say with a `Resource`; writing is for them too.
"""
