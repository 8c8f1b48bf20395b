"""One deed of many members recorded in one go."""
