"""Deductions and vetoes: their lists, the steps from proposal to decision, and who may need a visit."""
