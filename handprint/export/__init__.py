"""What leaves the house: workbooks, pages, exchange tables, figures and folders."""

from handprint.export.iamc import iamc, read_iamc
from handprint.export.report import report
from handprint.export.workbook import workbook

__all__ = ["iamc", "read_iamc", "report", "workbook"]
