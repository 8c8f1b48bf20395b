"""What forms of workbench and portal share: the looks of fields, the token, pickers of members, files, pictures."""
