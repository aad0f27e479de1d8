"""Taking over the paper permits that run, on screen: a sheet handed in, looked through row by row, confirmed once."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from forms import takeoverfile
from forms.listfile import KIND_LABELS, sentence
from forms.takeover import Sheet
from workflow.casework import Result
from workflow.domain.actor import Role
from workflow.domain.flow import Refusal
from workflow.domain.namelist import Outcome
from workflow.domain.names import clean_text
from workflow.domain.takeover import FIELDS, PaperPermit
from workflow.domain.words import N_
from workflow.intake import PASTED
from workflow.takeover import Draft, SheetReplaced, TakingOver
from workflow.takeoverknown import DONE
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.list_shown import KINDS, TAGS, Said
from workflow.web.lists import XLSX
from workflow.web.reading import note_look
from workflow.web.shown import show_refusal

takeover = Blueprint("takeover", __name__, url_prefix="/takeover")

A_PAGE = 50
NOTHING_SENT = Refusal("no-sheet", N_("Choose a file, or paste the cells of the sheet."), field="sheet")
TAKEN = (N_("Taken over"), "good")


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the sheet as the preview shows it: who, which permit, what was found in words with its cell."""

    row: PaperPermit
    outcome: Outcome
    tag: tuple[str, str]
    said: list[Said]


def work() -> TakingOver:
    """Give the officer's taking over."""
    return TakingOver(desk(), current_actor())


def draft_of(at: TakingOver) -> Draft:
    """Give the sheet on its way; without one there is no page."""
    return at.draft() or abort(404)


@takeover.get("")
@allow(Role.OFFICER)
@in_menu(N_("Paper permits"), order=58)
def show() -> str:
    """Explain what is taken over, and take a sheet."""
    return _first_page(work())


@takeover.post("")
@allow(Role.OFFICER)
def take() -> Answer:
    """Read what was handed in; a faulty file is refused whole, in words."""
    at, sheet = work(), request.files.get("sheet")
    pasted, read = request.form.get("pasted", ""), None
    if sheet and sheet.filename:
        read = at.take(clean_text(PurePath(sheet.filename).name)[-200:], sheet.read())
    elif pasted.strip():
        read = at.take(PASTED, pasted)
    if read is None or read.faults:
        return Response(_first_page(at, [NOTHING_SENT] if read is None else _faults(read)), 422)
    return redirect(url_for(".preview"), 303)


def _faults(sheet: Sheet) -> list[Refusal]:
    return [Refusal(f"file:{one.code}", sentence(one, gettext), field="sheet") for one in sheet.faults]


def _first_page(at: TakingOver, refusals: Iterable[Refusal] = ()) -> str:
    return render_template("takeover.html", draft=at.draft(), refusals=list(refusals), fields=FIELDS)


@takeover.get("/empty.xlsx")
@allow(Role.OFFICER)
def empty_sheet() -> Answer:
    """Give an empty sheet to be filled in."""
    return _workbook(takeoverfile.empty_workbook(gettext), "paper-permits.xlsx")


@takeover.get("/preview")
@allow(Role.OFFICER)
def preview() -> str:
    """Show what was read, row by row, what becomes of each and why, and ask for the confirmation."""
    draft = draft_of(work())
    note_look("permit", "takeover", "sheet of paper permits", len(draft.sheet.rows))
    return _preview(draft)


def _preview(draft: Draft, left: Iterable[Refusal] = ()) -> str:
    wanted, page = request.args.get("show", ""), max(request.args.get("page", 1, type=int), 1)
    rows = [row for row in draft.sheet.rows if not wanted or draft.becomes[row.row].value == wanted]
    rows = sorted(rows, key=lambda row: (draft.becomes[row.row] is Outcome.ACCEPTED, row.row))
    pages = max(-(-len(rows) // A_PAGE), 1)
    shown = rows[(min(page, pages) - 1) * A_PAGE :][:A_PAGE]
    done = draft.done
    return render_template(
        "takeover_preview.html",
        draft=draft,
        rows=[_row_shown(draft, row) for row in shown],
        counts={outcome.value: list(draft.becomes.values()).count(outcome) for outcome in Outcome},
        done=done,
        show=wanted,
        page=min(page, pages),
        pages=pages,
        address=lambda number: url_for(".preview", show=wanted or None, page=number),
        refusals=list(left),
    )


def _row_shown(draft: Draft, row: PaperPermit) -> RowShown:
    found, outcome = draft.found_in(row.row), draft.becomes[row.row]
    done = any(one.code == DONE for one in found)
    said = [
        Said(
            sentence(one, gettext),
            one.cell or "",
            "warning" if done else KINDS[one.kind],
            gettext(KIND_LABELS[one.kind]),
        )
        for one in found
    ]
    words, kind = TAKEN if done else TAGS[outcome]
    return RowShown(row, Outcome.ACCEPTED if done else outcome, (gettext(words), kind), said)


@takeover.post("/confirm")
@allow(Role.OFFICER)
def confirm() -> Answer:
    """Take over the next fifty good rows; pressing again goes on, and nothing is done twice."""
    at = work()
    draft = draft_of(at)
    try:
        if request.form.get("sign") != draft.preview.reference:
            raise SheetReplaced(draft.preview.reference)
        results = at.take_over(draft)
    except SheetReplaced:
        flash(gettext("Another sheet was handed in meanwhile; look at it before you confirm."))
        return redirect(url_for(".preview"), 303)
    left = [result for result in results if not result.done]
    flash(gettext("%(count)s permits were taken over.", count=len(results) - len(left)))
    if left:
        return Response(_preview(draft_of(at), _reasons(left)), 422)
    return redirect(url_for(".preview"), 303)


def _reasons(left: Iterable[Result]) -> list[Refusal]:
    """Say by row why it could not be taken over after all."""
    found = []
    for result in left:
        for refusal in getattr(result.fault, "refusals", ()):
            words = {"row": result.subject, "reason": show_refusal(refusal)}
            found.append(Refusal(refusal.code, N_("Row %(row)s: %(reason)s"), words))
    return found


@takeover.get("/report.xlsx")
@allow(Role.OFFICER)
def report() -> Answer:
    """Give what was found, row by row, as a file."""
    draft = draft_of(work())
    packed = takeoverfile.report_workbook(draft.sheet, draft.findings, draft.becomes, gettext)
    return _workbook(packed, "paper-permits-found.xlsx")


@takeover.post("/discard")
@allow(Role.OFFICER)
def discard() -> Answer:
    """Forget the sheet; what was taken over stays."""
    work().discard()
    return redirect(url_for(".show"), 303)


def _workbook(packed: bytes, name: str) -> Answer:
    return send_file(io.BytesIO(packed), XLSX, as_attachment=True, download_name=name)
