"""What forms of workbench and portal share: the looks of fields, the token, pickers of members, files, pictures.

They clean input and nothing else; what is allowed, the verbs say.
"""
