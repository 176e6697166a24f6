"""What leaves the house: workbooks, figures and folders."""

from handprint.export.workbook import workbook

__all__ = ["workbook"]
