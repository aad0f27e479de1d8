"""From a frozen record to a sheet: the template is set with the record's facts, then printed."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pdf import codes, fonts, outline, placing, plate, press, slots, stencil
from pdf.marks import mark_words
from pdf.noted import Noted
from pdf.press import PaperFault
from pdf.shapes import SHAPES, term, term_part
from pdf.slots import SHEET, Absent, Lack, Sheet
from pdf.unbroken import unbroken
from workflow.domain.documents import DOCUMENTS, WORKING_PRINTS

Record = Mapping[str, Any]

PAPERS = Path(__file__).parent / "papers"
PARTS = (
    "document",
    "office",
    "actor",
    "employer",
    "hospital",
    "request",
    "application",
    "worker",
    "permit",
    "against",
    "lines",
    "other_employers",
    "fees",
    "terms",
    "terms_of_validity",
    "images",
    "step",
    "notes",
    "case_file",
    "cash_day",
    "power_cut",
    "called_off",
    "inspection",
    "closing",
    "register",
)
"""What a frozen record may hold; anything else in it is not for paper."""

WEIGHTY = frozenset({"request", "application", "permit", "against", "employer", "hospital", "fees", "terms"})
"""Parts of which a paper's record keeps only what its template reads; the others stay whole."""

KINDS = {**DOCUMENTS, **WORKING_PRINTS}


class _Environment(Environment):
    """Facts are read by key only: a record has no methods, whatever it is called."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _late(slot: Callable[[object, str], Markup]) -> Callable[[Context, object, str], Markup]:
    """Keep Jinja from filling a slot while it compiles: what a slot notes belongs to one sheet."""

    @pass_context
    def filled(context: Context, value: object, fact: str) -> Markup:
        return slot(value, fact)

    return filled


@cache
def _papers() -> Environment:
    environment = _Environment(
        loader=FileSystemLoader(PAPERS),
        autoescape=True,
        undefined=Absent,
        finalize=slots.only_slots,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        SHAPES,
        printed=Markup,
        khmer=khmer,
        unbroken=unbroken,
        req=_late(slots.req),
        pen=_late(slots.pen),
        opt=_late(slots.opt),
    )
    environment.tests["known"] = lambda value: not slots.absent(value)
    environment.globals.update(
        hand=placing.Hand,
        fitting=placing.fitting,
        dotted=placing.dotted,
        line=placing.line,
        tear=placing.tear,
        box=placing.box,
        tick=placing.tick,
        ring=placing.ring,
        ruling=placing.ruling,
        checkbox=placing.checkbox,
        term=term,
        term_part=term_part,
        like=fonts.like,
        qr=_code,
    )
    return environment


def khmer(text: str) -> Markup:
    """Print our own Khmer words; a bar in them is a place where the line may end."""
    return Markup(text.replace("|", "\u200b"))


@pass_context
def _code(context: Context, address: object) -> Markup:
    return outline.open_code(escape(address)) if SHEET.get().for_plate and not slots.absent(address) else qr(address)


def qr(address: object) -> Markup:
    """Draw an address as a QR code in one path."""
    return Markup() if slots.absent(address) else Markup(codes.svg(str(address)))


def _pictures(record: Record, sheet: Sheet) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, picture in (record.get("images") or {}).items():
        if picture and "base64" in picture:
            try:
                found[name] = base64.b64decode(picture["base64"], validate=True)
                press.picture_type(found[name])
            except (binascii.Error, TypeError, PaperFault):
                found.pop(name, None)
                sheet.lack("image", f"images.{name}")
    return found


def compose(key: str, record: Record, mark: str | None = None, *, for_plate: bool = False) -> tuple[str, Sheet]:
    """Set a paper's template with the facts of a record; the sheet tells what was used or lacking."""
    sheet = Sheet(for_plate=for_plate)
    sheet.pictures = _pictures(record, sheet)
    token = SHEET.set(sheet)
    try:
        facts = {part: record[part] for part in PARTS if record.get(part) is not None}
        sheet.noted = {part: Noted(facts[part]) for part in WEIGHTY & facts.keys()}
        html = (
            _papers()
            .get_template(f"{key}.html")
            .render(
                facts | sheet.noted,
                acting=acting(record),
                mark=_escaped(mark_words(mark)),
                pictures=sheet.pictures,
            )
        )
    finally:
        SHEET.reset(token)
    return html, sheet


def acting(record: Record) -> Record | None:
    """Give the office that a paper speaks for: that of the one who acted, else the one that keeps the case."""
    return (record.get("actor") or {}).get("office") or record.get("office")


def _escaped(words: tuple[str, str] | None) -> tuple[Markup, Markup] | None:
    return (escape(words[0]), escape(words[1])) if words else None


def preflight(key: str, record: Record) -> list[Lack]:
    """List everything that keeps a paper from being made; nothing is printed.

    The bytes of pictures may still be missing here: that a photo is kept is enough.
    """
    return settle(key, record)[0]


def settle(key: str, record: Record) -> tuple[list[Lack], dict[str, Any]]:
    """Give what keeps a paper from being made, and of the record only what the paper prints or depends on."""
    sheet = compose(key, record)[1]
    if KINDS[key].wants_photo and not (record.get("images") or {}).get("photo"):
        sheet.lack("missing", "images.photo")
    return sheet.lacks, {**record, **{part: noted.kept() for part, noted in sheet.noted.items()}}


def render(key: str, record: Record, *, mark: str | None = None) -> bytes:
    """Make the sheet of a paper from its frozen record alone.

    `mark` is None for the original, or "draft", "copy 2", "void", "audit copy". Raises PaperFault where
    preflight would have named a reason.
    """
    if KINDS[key].plate:
        try:
            return impression(key, record, mark)
        except plate.DoesNotFit:
            pass
    html, sheet = _complete(key, record, mark)
    made_at, facts = particulars(key, record, mark, sheet)
    own = press.print_sheet(
        stencil.own_parts(html), sheet.pictures, _digest(key, record, mark), facts, made_at
    )
    forms = stencil.fixed_parts(html)
    return stencil.laid_over(own, forms) if forms else own


def impression(key: str, record: Record, mark: str | None = None) -> bytes:
    """Make the sheet of a paper from its plate; raises DoesNotFit where a value wants more room than it has."""
    html, sheet = _complete(key, record, mark, for_plate=True)
    made_at, facts = particulars(key, record, mark, sheet)
    return plate.impression(html, sheet.pictures, _digest(key, record, mark), facts, made_at)


def _complete(key: str, record: Record, mark: str | None, *, for_plate: bool = False) -> tuple[str, Sheet]:
    html, sheet = compose(key, record, mark, for_plate=for_plate)
    if KINDS[key].wants_photo and "photo" not in sheet.pictures:
        sheet.lack("missing", "images.photo")
    if sheet.lacks:
        raise PaperFault("; ".join(f"{lack.fact}: {lack.code}" for lack in sheet.lacks))
    return html, sheet


def particulars(key: str, record: Record, mark: str | None, sheet: Sheet) -> tuple[datetime, bytes]:
    """Give when a paper was made, and the facts that its file carries as JSON."""
    made_at = datetime.fromisoformat(record["document"]["made_at"])
    return made_at, _canonical({"paper": key, "mark": mark, "facts": sheet.facts})


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _digest(key: str, record: Record, mark: str | None) -> bytes:
    pictures = (str(picture) for picture in (record.get("images") or {}).values())
    told = [key, mark, {**record, "images": [hashlib.sha256(each.encode()).hexdigest() for each in pictures]}]
    return hashlib.sha256(_canonical(told)).digest()[:16]
