"""Reading the workbooks people send: inspected before they are parsed, every fault told where it stands."""
