"""Taking files in: columns by name, values cleaned cell by cell, everything checked before anything is written."""
