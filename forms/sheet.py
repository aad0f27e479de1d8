"""Opens what an employer sends or pastes as sheets of cells, or says in one sentence why it cannot."""

from forms.delimited import read_delimited, read_table
from forms.grid import FileFault, Grid, Refused
from forms.workbook import read_workbook
from workflow.domain.words import N_

MOST_BYTES = 5 * 1024 * 1024

_EMPTY = N_("The file is empty.")
_TOO_LARGE = N_("The file is too large: at most %(most)s MB.")
_OLD_EXCEL = N_("This is an old Excel file (.xls). Open it in Excel and save it as “Excel Workbook (.xlsx)”.")
_PASSWORD = N_("The workbook is protected by a password. Take the password off and send it again.")
_NOT_EXCEL = N_("This is not an Excel workbook. Send the list as .xlsx or .csv, or paste its cells.")
_MACROS = N_("The workbook holds macros. Save it as “Excel Workbook (.xlsx)” without macros.")

_TEXT_ENDINGS = (".csv", ".tsv", ".txt")
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"{\\rtf", b"%pdf")


def open_file(name: str, packed: bytes) -> tuple[Grid, ...] | FileFault:
    """Open a file of cells by what it is, not by what it is called; nothing in it is ever carried out."""
    try:
        return _open(name.casefold().strip(), packed)
    except Refused as refusal:
        return refusal.fault


def open_pasted(text: str) -> tuple[Grid, ...] | FileFault:
    """Open cells pasted from a sheet, or a CSV pasted as text."""
    try:
        if not text.strip():
            raise Refused("empty", _EMPTY)
        if len(text) > MOST_BYTES:
            raise Refused("too_large", _TOO_LARGE, most=MOST_BYTES // 1024 // 1024)
        return (read_table(text),)
    except Refused as refusal:
        return refusal.fault


def _open(name: str, packed: bytes) -> tuple[Grid, ...]:
    if not packed.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", _EMPTY)
    if len(packed) > MOST_BYTES:
        raise Refused("too_large", _TOO_LARGE, most=MOST_BYTES // 1024 // 1024)
    if packed.startswith(_OLE_MARK):
        raise _ole_refusal(packed)
    if packed.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if name.endswith((".xlsm", ".xltm", ".xlam")):
            raise Refused("macros", _MACROS)
        return read_workbook(packed)
    if not name.endswith(_TEXT_ENDINGS) or packed.lstrip()[:9].lower().startswith(_MARKUP):
        raise Refused("old_excel", _OLD_EXCEL) if name.endswith(".xls") else Refused("not_excel", _NOT_EXCEL)
    return (read_delimited(packed),)


def _ole_refusal(packed: bytes) -> Refused:
    """Tell apart what the old container holds: an encrypted workbook, an old workbook, something else."""
    if "EncryptedPackage".encode("utf-16-le") in packed:
        return Refused("password", _PASSWORD)
    if any(stream.encode("utf-16-le") in packed for stream in ("Workbook", "Book")):
        return Refused("old_excel", _OLD_EXCEL)
    return Refused("not_excel", _NOT_EXCEL)
