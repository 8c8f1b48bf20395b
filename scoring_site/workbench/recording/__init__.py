"""What a recorder does by the month: month, tick sheet, meetings, activities, sign-ins, claims, drafts, files."""
