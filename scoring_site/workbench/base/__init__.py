"""What the screens of all jobs share: the admin class they stand on, filters, columns, words."""
