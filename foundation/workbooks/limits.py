"""How large a workbook may be.

Chosen so that a town's year (270,000 records in 11 columns: about 8 MB zipped, 120 MB inflated, 3 million cells) passes
while nothing a stranger sends can make reading take more than 10 seconds or 512 MB.
"""

FILE_BYTES = 20 * 1024 * 1024
INFLATED_BYTES = 200 * 1024 * 1024  # all parts of the zip together, counted while inflating
PART_BYTES = 5 * 1024 * 1024  # of a part parsed as a tree: the workbook's list of sheets and its relations
TREE_BYTES = 20 * 1024 * 1024  # of all such parts together
DECLARATION_BYTES = 1024  # within which the XML declaration of a part ends
ZIP_MEMBERS = 2_000
SHEETS = 200
ROWS = 300_000
COLUMNS = 200
LONG_ROWS = 25_000  # a sheet with cells below this row ...
LONG_COLUMNS = 16  # ... may use this many columns, so that the grid of a sheet stays below 5 million cells
FILLED_CELLS = 3_300_000  # of all sheets together: 300,000 rows with 11 columns
CELLS = 6_000_000  # of one sheet, blank ones included
ELEMENTS_PARSED = 5_000_000  # of one part that has to be parsed in full
RUN_BYTES = 4 * 1024 * 1024  # without a single "<"; of one tag or comment
SHARED_TEXT = 40_000_000  # characters of shared strings, each counted as often as a cell shows it
MERGED_CELLS = 1_000_000  # in all merged ranges of a sheet
FAULTY_CELLS = 1_000  # remembered per sheet
PERCENTAGES = 100_000  # remembered per sheet, far more than errors are reported
