"""Files that people hand in: only pictures and PDF, opened and made anew before anything is kept."""

import io

import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from workflow import casework
from workflow.desk import Desk
from workflow.domain.flow import Refusal, Refused
from workflow.domain.words import N_
from workflow.store import files

LARGEST = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2000
NO_FILE = N_("The file is not a readable JPEG, PNG or PDF.")
NO_PHOTO = N_("The file is not a readable JPEG or PNG picture.")
ACTIVE = ("/JavaScript", "/JS", "/EmbeddedFiles", "/Launch", "/OpenAction", "/AA")


def keep_upload(desk: Desk, subject: str, content: bytes, *, photo: bool = False) -> str:
    """Keep a picture or PDF under the key of a case; give its digest.

    Pictures are made anew (turned upright, without hidden data, at most 2,000 pixels a side). Raises
    Refused for anything that is not a readable JPEG, PNG or PDF, too large, or that holds active content.
    """
    body, kind = checked(content, photo=photo)
    with casework.transaction(desk):
        return keep_within(desk.session, desk, subject, body, kind)


def keep_within(session: Session, desk: Desk, subject: str, body: bytes, kind: str) -> str:
    """Keep checked bytes within a writing transaction that is open already."""
    return files.keep(session, body, kind, casework.key_of(desk, subject), now=desk.now())


def checked(content: bytes, *, photo: bool = False, longest: int = LONGEST_SIDE) -> tuple[bytes, str]:
    """Check what was handed in; give the bytes to keep and their media type; `longest` is a picture's side."""
    if len(content) > LARGEST:
        raise _refused("too-large", N_("The file is larger than 8 MB; take a smaller picture."))
    if content.startswith(b"%PDF-") and not photo:
        return _checked_pdf(content), "application/pdf"
    return _picture(content, longest, NO_PHOTO if photo else NO_FILE), "image/jpeg"


def _picture(content: bytes, longest: int, otherwise: str) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _refused("too-many-pixels", N_("The picture is too large; take a smaller one."))
            picture.draft("RGB", (longest, longest))  # a JPEG need not be read finer than it is kept
            upright = _on_white(ImageOps.exif_transpose(picture))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as unreadable:
        raise _refused("not-a-picture", otherwise) from unreadable
    upright.thumbnail((longest, longest))
    kept = io.BytesIO()
    upright.save(kept, "JPEG", quality=88)
    return kept.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """An emblem or a scan that lets the paper show through is put on white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")


def _checked_pdf(content: bytes) -> bytes:
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            held = " ".join(str(key) for item in document.objects for key in _keys(item))
    except pikepdf.PdfError as unreadable:
        raise _refused("not-a-pdf", N_("The PDF cannot be read; scan it again.")) from unreadable
    if any(f"{name} " in f"{held} " for name in ACTIVE):
        raise _refused("active-pdf", N_("The PDF holds scripts or other files; scan it again.")) from None
    return content


def _keys(item: pikepdf.Object) -> list[str]:
    return list(item.keys()) if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)) else []


def _refused(code: str, text: str) -> Refused:
    return Refused([Refusal(code, text, field="file")])
