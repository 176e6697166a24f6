"""Floor one: a publisher's file becomes a checked input-output table."""

from io_tables.concordance import Concordance
from io_tables.table import IOTable, from_arrays

__all__ = ["Concordance", "IOTable", "from_arrays"]
