"""Tags of the templates of workbench and portal. A tag writes one field that many pages need; it decides nothing."""
