"""What leaves the house: workbooks, figures and folders."""

from handprint.export.netcdf import netcdf
from handprint.export.workbook import workbook

__all__ = ["netcdf", "workbook"]
