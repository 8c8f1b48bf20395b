"""What is recorded in the demonstration town: two years of meetings, activities, claims, findings and voids."""
