"""The name list of a request on screen: handed in, looked through, mended, confirmed once, opened."""

import io
from collections.abc import Callable, Iterable
from pathlib import PurePath

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from forms import listfile
from forms.namelist import Reading
from workflow.casework import Act, Moved
from workflow.domain.actor import Role
from workflow.domain.flow import OutOfTurn, Refusal, Refused
from workflow.domain.namelist import FIELDS
from workflow.domain.names import clean_text
from workflow.domain.request import FLOW, Request
from workflow.domain.words import N_
from workflow.intake import PASTED, Draft, Intake, SeenOtherwise, count_by_sex, open_some, opening
from workflow.namelists import OPENS, batch_of
from workflow.store import files
from workflow.store.chain import event_of_request
from workflow.store.files import FileLost
from workflow.store.history import CaseNotFound, record_of
from workflow.visibility import case_seen
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.list_forms import FactsForm, RowForm
from workflow.web.list_shown import SHOWS, Show, rows_shown
from workflow.web.reading import note_reading
from workflow.web.signs import own_sign, sign_of_form
from workflow.web.ways import case_address, step_address

lists = Blueprint("lists", __name__, url_prefix="/requests/<reference>/list")

WHO = (Role.EMPLOYER, Role.AGENT, Role.OFFICER)
READERS = (*WHO, Role.REGISTRAR, Role.AUDITOR)
"""Who looks at a list that others hand in."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 100
NOTHING_SENT = Refusal("no-sheet", N_("Choose a file, or paste the cells of the list."), field="sheet")
MENDED_ELSEWHERE = Refusal(
    "mended-elsewhere",
    N_("The list was changed in another window. What you typed is kept: look at it and send it again."),
)


def intake_of(reference: str) -> Intake:
    """Give the intake of a request that the reader may see."""
    here, actor = desk(), current_actor()
    case = case_seen(here, actor, reference)
    if case.flow != "request":
        raise CaseNotFound(reference)
    queues = current_app.extensions.get("queues")
    return Intake(here, actor, record_of(here.session, case.subject), queues and queues.open_listed)


def draft_of(intake: Intake) -> Draft:
    """Give the list that the reader has on its way; without one there is no page."""
    return intake.draft() or abort(404)


# --- the list of a request


@lists.get("")
@allow(*READERS)
def show(reference: str) -> str:
    """Show what list the request has, and take another."""
    intake = intake_of(reference)
    note_reading(intake.request, "name list")
    return list_page(intake)


@lists.post("")
@allow(*WHO)
def take(reference: str) -> Answer:
    """Read what was handed in; a faulty file is refused whole, in words."""
    intake = intake_of(reference)
    if not intake.takes_lists:
        raise OutOfTurn("attach_list")
    reading = handed_in(intake)
    if reading is None or reading.faults:
        refusals = [NOTHING_SENT] if reading is None else file_faults(reading)
        return Response(list_page(intake, refusals), 422)
    return redirect(url_for(".preview", reference=reference))


def handed_in(intake: Intake) -> Reading | None:
    """Read the file, the pasted cells or the earlier list of a form; nothing where it holds none."""
    renewing = request.form.get("how", "renew") == "renew"
    sheet, pasted = request.files.get("sheet"), request.form.get("pasted", "")
    if "earlier" in request.form:
        return intake.load(request.form["earlier"], renewing=renewing)
    if sheet and sheet.filename:
        name = clean_text(PurePath(sheet.filename).name)[-200:]
        return intake.take(name, sheet.read(), renewing=renewing)
    return intake.take(PASTED, pasted, renewing=renewing) if pasted.strip() else None


def file_faults(reading: Reading) -> list[Refusal]:
    """Say as refusals why a file is not taken."""
    return [
        Refusal(f"file:{fault.code}", listfile.sentence(fault, gettext), field="sheet")
        for fault in reading.faults
    ]


def list_page(intake: Intake, refusals: Iterable[Refusal] = ()) -> str:
    """Draw the page of a request's list."""
    attached, takes = intake.attached(), intake.takes_lists and hands_in(intake)
    return render_template(
        "list.html",
        **frame(intake),
        draft=intake.draft(),
        attached=attached,
        attached_on=intake.request.last("attach_list"),
        rows=rows_shown(attached, only=first_rows(attached)) if attached else [],
        takes_lists=takes,
        earlier=intake.earlier() if takes else [],
        may_lock=intake.locks and attached is not None,
        waits_for_lock=intake.request.state == Request.LIST_OPEN and not intake.locks,
        opens=intake.request.state in OPENS,
        request_id=sign_of_form(),
        refusals=list(refusals),
    )


def hands_in(intake: Intake) -> bool:
    """Say whether the reader is one of those who hand lists in and change them."""
    return intake.actor.role in WHO


def first_rows(attached: Reading) -> Reading:
    """Give what one page can show of a list: the rows with findings first, then the others."""
    odd = {finding.row for finding in attached.findings}
    ordered = sorted(attached.rows, key=lambda row: (row.row not in odd, row.row))
    return Reading(rows=tuple(ordered[:MOST_SHOWN]))


def frame(intake: Intake) -> dict[str, object]:
    """Give what every page about a list shows of its request."""
    reference = intake.request.reference
    return {
        "request_record": intake.request,
        "state_label": gettext(FLOW.label_of(intake.request.state)),
        "case_href": case_address(reference),
        "amend_href": step_address(reference, "amend_list") if hands_in(intake) else "",
        "fields": FIELDS,
    }


@lists.get("/empty.xlsx")
@allow(*WHO)
def empty_sheet(reference: str) -> Answer:
    """Give an empty list to be filled in."""
    intake_of(reference)
    return workbook(listfile.mending_workbook(Reading(), gettext), "name-list.xlsx")


@lists.get("/sheet")
@allow(*READERS)
def sheet_as_received(reference: str) -> Answer:
    """Give the sheet back as it was handed in."""
    intake = intake_of(reference)
    done = intake.request.last("attach_list")
    if done is None or done.evidence.file is None:
        abort(404)
    note_reading(intake.request, "sheet of the name list")
    try:
        body = files.open_file(intake.desk.session, done.evidence.file)
    except FileLost:
        abort(404)
    return send_file(
        io.BytesIO(body),
        "application/octet-stream",
        as_attachment=True,
        download_name=done.evidence.file_name,
    )


def workbook(packed: bytes, name: str) -> Answer:
    """Hand out a workbook as a file."""
    return send_file(io.BytesIO(packed), XLSX, as_attachment=True, download_name=name)


# --- the preview


@lists.get("/preview")
@allow(*WHO)
def preview(reference: str) -> str:
    """Show row by row what was read and found; nothing of it is stored as truth yet."""
    intake = intake_of(reference)
    draft = draft_of(intake)
    note_reading(intake.request, "preview of a name list")
    return preview_page(intake, draft)


def preview_page(intake: Intake, draft: Draft, refusals: Iterable[Refusal] = ()) -> str:
    """Draw the preview."""
    shown, places = Show.of(draft.reading, draft.waiting, request.args), intake.places()
    return render_template(
        "list_preview.html",
        **frame(intake),
        draft=draft,
        shown=shown,
        filters=filters(intake, shown),
        address=lambda page: preview_address(intake, shown.show, page),
        places=places,
        by_sex=count_by_sex(draft.taken),
        over=places is not None and places.approved and places.over(draft.taken),
        notes=[listfile.sentence(note, gettext) for note in draft.reading.notes],
        facts=FactsForm(draft.reading.facts).shown(),
        locks=intake.locks,
        waits_for_lock=intake.request.state == Request.LIST_OPEN,
        keyed=intake.actor.role is Role.OFFICER,
        refusals=list(refusals),
    )


def filters(intake: Intake, shown: Show) -> list[dict[str, object]]:
    """Give the links that choose which rows are shown; kinds without a row are left out."""
    return [
        {
            "label": gettext(label),
            "href": preview_address(intake, name),
            "current": name == shown.show,
            "count": shown.counts[name],
        }
        for name, label in SHOWS.items()
        if shown.counts[name] or name in ("all", shown.show)
    ]


def preview_address(intake: Intake, show: str, page: int = 1) -> str:
    """Give the address of a part of the preview."""
    return url_for(".preview", reference=intake.request.reference, show=show, page=page, _anchor="rows")


@lists.get("/<any(report, mending, left):kind>.xlsx")
@allow(*READERS)
def download(reference: str, kind: str) -> Answer:
    """Give what was found as a sheet, or the list (all of it, or what stays behind) with its gaps coloured."""
    intake = intake_of(reference)
    draft = intake.draft()
    reading = draft.reading if draft else intake.attached() or abort(404)
    note_reading(intake.request, f"sheet made from the name list: {kind}")
    name = f"{reference}-{kind}.xlsx"
    if kind == "report":
        return workbook(listfile.report_workbook(reading, gettext), name)
    rows = draft.left if draft and kind == "left" else reading
    return workbook(listfile.mending_workbook(rows, gettext), name)


@lists.route("/preview/rows/<int:row>", methods=["GET", "POST"])
@allow(*WHO)
def mend(reference: str, row: int) -> Answer | str:
    """Show one row as a form; what is typed anew is judged at once."""
    intake = intake_of(reference)
    draft = draft_of(intake)
    before = draft.reading.row(row) or abort(404)
    ruleset = choices_for(intake.desk, intake.actor, intake.request).ruleset
    form = RowForm(draft.reading, before, ruleset, request.form or None)
    if request.method == "POST":
        return mended(intake, draft, row, form)
    note_reading(intake.request, "row of a name list")
    return row_page(intake, draft, row, form)


def mended(intake: Intake, draft: Draft, row: int, form: RowForm) -> Answer:
    """Keep a mended row; where it is good now, lead on to what is still to be mended."""
    if not form.validate():
        return Response(row_page(intake, draft, row, form), 422)
    try:
        after = None if changed_elsewhere(draft) else intake.mend(draft, row, form.changes())
    except SeenOtherwise:
        after = None
    if after is None:
        return Response(row_page(intake, draft_of(intake), row, form, [MENDED_ELSEWHERE]), 409)
    if any(finding.kind != "warning" for finding in after.reading.found_in(row)):
        return redirect(url_for(".mend", reference=intake.request.reference, row=row))
    flash(gettext("Row %(row)s is good now.", row=row))
    show = "held" if after.reading.counts.held else "all"
    return redirect(url_for(".preview", reference=intake.request.reference, show=show))


def changed(reference: str, change: Callable[[Intake, Draft], Draft], said: str) -> Answer:
    """Change the list as it was shown and say so, or say that another window was faster."""
    intake = intake_of(reference)
    draft = draft_of(intake)
    try:
        if changed_elsewhere(draft):
            raise SeenOtherwise
        change(intake, draft)
        flash(said)
    except SeenOtherwise:
        flash(gettext("The list was changed in another window. This is how it stands now."), "warning")
    return redirect(url_for(".preview", reference=reference, **request.args))


def changed_elsewhere(draft: Draft) -> bool:
    """Say whether the page that was sent showed another state of the list."""
    return request.form.get("sign") != draft.sign


def row_page(intake: Intake, draft: Draft, row: int, form: RowForm, refusals: Iterable[Refusal] = ()) -> str:
    """Draw the form of one row."""
    only = Reading(rows=tuple(one for one in draft.reading.rows if one.row == row))
    return render_template(
        "list_row.html",
        **frame(intake),
        draft=draft,
        form=form,
        one=rows_shown(draft.reading, only=only)[0],
        extras=draft.reading.extras.get(row, {}),
        refusals=list(refusals),
    )


@lists.post("/preview/rows/<int:row>/drop")
@allow(*WHO)
def drop(reference: str, row: int) -> Answer:
    """Take a row off the list."""
    said = gettext("Row %(row)s is taken off.", row=row)
    return changed(reference, lambda intake, draft: intake.drop(draft, row), said)


@lists.route("/preview/page", methods=["GET", "POST"])
@allow(*WHO)
def mend_page(reference: str) -> Answer | str:
    """Put right what the page of the sheet says about the demand."""
    intake = intake_of(reference)
    draft = draft_of(intake)
    form = FactsForm(draft.reading.facts, request.form or None)
    if request.method == "POST" and form.validate():
        said = gettext("What the page states is put right; the rows were judged again.")
        return changed(reference, lambda one, old: one.mend_page(old, form.facts()), said)
    page = render_template("list_facts.html", **frame(intake), draft=draft, form=form)
    return Response(page, 422 if request.method == "POST" else 200)


@lists.post("/preview/waiting")
@allow(*WHO)
def let_wait(reference: str) -> Answer:
    """Choose, among the rows of a page, which good ones wait."""
    here = {int(row) for row in request.form.getlist("here") if row.isdecimal()}
    waits = {int(row) for row in request.form.getlist("waits") if row.isdecimal()}
    return changed(
        reference,
        lambda intake, draft: intake.let_wait(draft, (draft.waiting - here) | (waits & here)),
        gettext("It is noted which workers wait."),
    )


@lists.post("/preview/fit")
@allow(*WHO)
def fit(reference: str) -> Answer:
    """Let those wait who come after the last approved place."""
    return changed(
        reference, lambda intake, draft: intake.fit(draft), gettext("It is noted which workers wait.")
    )


@lists.post("/preview/discard")
@allow(*WHO)
def discard(reference: str) -> Answer:
    """Forget the list that is on its way."""
    intake_of(reference).discard()
    flash(gettext("The list was put away. Nothing of it was stored."))
    return redirect(url_for(".show", reference=reference))


# --- confirmed and opened


@lists.post("/preview/confirm")
@allow(*WHO)
def confirm(reference: str) -> Answer:
    """Attach the good rows, once; an officer's confirmation on an approved request locks them too."""
    intake = intake_of(reference)
    sign = request.form.get("sign", "")
    draft = intake.draft()
    if draft is None or draft.sign != sign:
        return confirmed_before(intake, sign)
    act = Act(request_id=confirmation(intake, sign), seen_version=request.form.get("seen_version", type=int))
    try:
        done = intake.confirm(draft, act, sent_scan())
    except (SeenOtherwise, Moved):
        flash(
            gettext("The list or the request has changed meanwhile. Look at it and confirm again."), "warning"
        )
        return redirect(url_for(".preview", reference=reference))
    except Refused as fault:
        return Response(preview_page(intake, draft, fault.refusals), 422)
    flash(gettext("The list is attached: %(count)s workers.", count=len(draft.taken)))
    return redirect(after(reference, done.record.state))


def confirmation(intake: Intake, sign: str) -> str:
    """Name the act of confirming exactly this state of the list, so that twice is once."""
    return f"{intake.actor.account}:list:{sign}"


def confirmed_before(intake: Intake, sign: str) -> Answer:
    """Lead on where this very list was confirmed already; else show how the list stands."""
    reference = intake.request.reference
    if event_of_request(intake.desk.session, confirmation(intake, sign)):
        return redirect(after(reference, intake.request.state))
    flash(gettext("The list was changed in another window. This is how it stands now."), "warning")
    return redirect(url_for(".preview" if intake.draft() else ".show", reference=reference))


def after(reference: str, state: str | None) -> str:
    """Give the page that follows a confirmation."""
    return url_for(".opened" if state in OPENS else ".show", reference=reference)


def sent_scan() -> bytes | None:
    """Give the scan of the signed list, if one was sent."""
    sent = request.files.get("scan")
    return sent.read() if sent and sent.filename else None


@lists.post("/lock")
@allow(Role.OFFICER)
def lock(reference: str) -> Answer:
    """Lock the list that the employer attached, after a look at it."""
    intake = intake_of(reference)
    act = Act(request_id=own_sign(), seen_version=request.form.get("seen_version", type=int))
    try:
        intake.lock(act)
    except Moved:
        flash(
            gettext("The list or the request has changed meanwhile. Look at it and confirm again."), "warning"
        )
        return redirect(url_for(".show", reference=reference))
    except Refused as fault:
        return Response(list_page(intake_of(reference), fault.refusals), 422)
    return redirect(url_for(".opened", reference=reference))


@lists.get("/opening")
@allow(*READERS)
def opened(reference: str) -> str:
    """Show how far the applications of a locked list are opened, and which could not be."""
    intake = intake_of(reference)
    if intake.request.state not in OPENS:
        abort(404)
    note_reading(intake.request, "opening of a name list")
    stand = opening(intake, request.args.get("upto", 0, type=int))
    return render_template(
        "list_opening.html",
        **frame(intake),
        stand=stand,
        rows=rows_shown(stand.left),
        may_open=intake.actor.role is Role.OFFICER,
        by_itself=intake.hands_in is not None,
        held=intake.draft() is not None,
    )


@lists.post("/opening")
@allow(Role.OFFICER)
def open_next(reference: str) -> Answer:
    """Open the next handful of applications."""
    intake = intake_of(reference)
    if intake.request.state not in OPENS:
        raise OutOfTurn("open_application")
    batch = batch_of(intake.actor.account, intake.request.subject)
    upto = open_some(intake, request.form.get("upto", 0, type=int), batch)
    return redirect(url_for(".opened", reference=reference, upto=upto))
