"""A zip of photos as people pack it: bounded before anything is unpacked, every name and every fault told.

Nothing of it is written to disk under its own name; folders in it are passed over, their pictures are not.
"""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from workflow.domain.flow import Refusal, Refused
from workflow.domain.names import clean_text
from workflow.domain.words import N_

MOST = 300
LARGEST = 8 * 1024 * 1024
MOST_BYTES = 1024 * 1024 * 1024
MOST_RATIO = 100
"""A photo hardly shrinks when it is packed; what grows a hundredfold is no photo."""
LONGEST_NAME = 80

NOT_A_ZIP = N_("The file is not a zip that can be read.")
TOO_MANY = N_("The zip holds %(count)s files; at most %(most)s can be taken at once.")
BOMB = N_("The zip unpacks to far more than photos would; pack the photos anew.")
LOCKED = N_("This file is locked by a password or packed in a rare way.")
BROKEN = N_("This file of the zip is broken.")
TOO_LARGE = N_("The file is larger than 8 MB; take a smaller picture.")


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of the zip: its name, and its bytes or why they cannot be had."""

    name: str
    body: bytes = b""
    fault: Refusal | None = None


def unpacked(content: bytes) -> Iterator[Packed]:
    """Give the files of a zip one after another; raises Refused for one that is none, too full or a trap."""
    try:
        archive = ZipFile(io.BytesIO(content))
    except (BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as unreadable:
        raise _refused("not-a-zip", NOT_A_ZIP) from unreadable
    files = [info for info in archive.infolist() if not _passed_over(info)]
    if len(files) > MOST:
        raise _refused("too-many-files", TOO_MANY, count=len(files), most=MOST)
    if _is_trap(files, len(content)):
        raise _refused("zip-trap", BOMB)
    return (_taken_out(archive, info) for info in files)


def _passed_over(info: ZipInfo) -> bool:
    """Folders, and what telephones and Macs add of their own."""
    return info.is_dir() or info.filename.startswith("__MACOSX/") or _plain(info).startswith(".")


def _plain(info: ZipInfo) -> str:
    return clean_text(info.filename.replace("\\", "/").rpartition("/")[2])[-LONGEST_NAME:]


def _is_trap(files: list[ZipInfo], size: int) -> bool:
    """Judge by what the zip says of itself; what it says wrongly is found when it is taken out."""
    packed, whole = sum(info.compress_size for info in files), sum(info.file_size for info in files)
    swells = any(info.file_size > MOST_RATIO * max(info.compress_size, 100) for info in files)
    return swells or packed > size or whole > MOST_BYTES


def _taken_out(archive: ZipFile, info: ZipInfo) -> Packed:
    name = _plain(info)
    if info.flag_bits & 1 or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return Packed(name, fault=Refusal("locked", LOCKED))
    if info.file_size > LARGEST:
        return Packed(name, fault=Refusal("too-large", TOO_LARGE))
    try:
        with archive.open(info) as file:
            body = file.read(LARGEST + 1)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        return Packed(name, fault=Refusal("broken", BROKEN))
    return Packed(name, body) if len(body) <= LARGEST else Packed(name, fault=Refusal("too-large", TOO_LARGE))


def _refused(code: str, text: str, **values: object) -> Refused:
    return Refused([Refusal(code, text, values, field="zip")])
