"""Tags of the templates: the token of a form."""
