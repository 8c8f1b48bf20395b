"""积分一览: a year's scores of some branches as they stand, read for the screen and taken out as a workbook."""
