"""What leaves the house: workbooks, pages, exchange tables, figures and folders."""

from handprint.export.iamc import iamc, read_iamc
from handprint.export.netcdf import netcdf
from handprint.export.report import report
from handprint.export.tidy import tidy
from handprint.export.workbook import workbook

__all__ = ["iamc", "netcdf", "read_iamc", "report", "tidy", "workbook"]
