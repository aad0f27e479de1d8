"""Paper: a frozen record becomes the same PDF, byte for byte, whenever and wherever it is made.

render(key, record)   the sheet itself         preflight(key, record)  what keeps it from being made
settle(key, record)   the same, and the part of the record that it prints
merge(sheets)         one file for the tray    stamp(sheet, mark)      a copy: the original with a mark
"""

from pdf.bindery import merge, stamp
from pdf.composing import preflight, render, settle
from pdf.press import PaperFault
from pdf.slots import Lack

__all__ = ["Lack", "PaperFault", "merge", "preflight", "render", "settle", "stamp"]
