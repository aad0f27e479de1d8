"""Measures on screen: prepared, tried, looked through case by case, applied by a second person, taken back."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from werkzeug.wrappers import Response

from forms.evidence import EvidenceForm, NoChoices, form_for
from workflow import measures as the_measures
from workflow.casework import transaction
from workflow.domain.actor import Role
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import OpenStep, open_steps
from workflow.domain.measure import FLOW, MeasureDraft
from workflow.domain.permit import PermitFlag
from workflow.domain.provinces import place_name
from workflow.domain.record import Record
from workflow.domain.words import N_
from workflow.jobs import Order
from workflow.lookups import facts_for
from workflow.measurelists import A_PAGE, KINDS, Line, counted, page_of, whole
from workflow.store.history import CaseNotFound
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.admin import history
from workflow.web.admin_forms import EveryRule
from workflow.web.at_desk import desk, user_name
from workflow.web.audit import written
from workflow.web.choices import OF_MEASURE, choices_for
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.reading import note_look
from workflow.web.shown import language, show_date, show_refusal
from workflow.web.stepup import fresh_second_factor

measures = Blueprint("measures", __name__, url_prefix="/measures")

PREPARES = (Role.OFFICER, Role.REGISTRAR, Role.ADMINISTRATOR)
HEADS = (
    N_("Permit"), N_("Office"), N_("Until, before"), N_("Until, after"), N_("Stay, before"), N_("Stay, after"),
    N_("Marks, before"), N_("Marks, after"), N_("What stands against it"),
)  # fmt: skip
NOTES = {
    "record_dry_run": N_("Every permit that the measure reaches is judged and listed, before and after. Nothing changes."),
    "apply_measure": N_("All permits are judged anew; those that moved since the dry run as they stand now, and listed."),
    "revert_measure": N_("Permits that nobody acted on since are as before. The others keep the measure and are listed."),
    "end_measure": N_("What the measure gave keeps its days; nothing more is given under it."),
}  # fmt: skip
KINDS_OF_STATE = {"tried": "waiting", "applied": "good", "reverted": "stopped", "ended": "final"}


class MeasureChoices:
    """What a measure may name: the rules of the register, and every province that they know."""

    def options(self, name: str) -> list[tuple[str, str]]:
        """Give the choices of a list; whoever has a province is offered that one alone."""
        if name == OF_MEASURE:
            return choices_for(desk(), current_actor()).options(name)
        own = current_actor().province
        return [one for one in EveryRule(desk()).options(name) if own is None or one[0] == own]


@dataclass(frozen=True, slots=True)
class AtOffice:
    """How many permits a measure changed at an office, how many were taken back, how many stayed."""

    office: str
    changed: int | None
    untouched: int | None
    acted_on: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """A long step as the page shows it: under way and how far, or why it came to nothing."""

    label: str
    under_way: bool
    failed: bool
    refusals: list[str]
    done: int
    of: int


@measures.get("")
@allow(*PREPARES, Role.AUDITOR)
@in_menu(N_("Measures"), order=85)
def listed() -> str:
    """List the measures."""
    rows = [
        (
            one,
            MeasureDraft.read(one.stated),
            FLOW.label_of(one.state),
            KINDS_OF_STATE.get(one.state, "neutral"),
        )
        for one in the_measures.measures(desk())
    ]
    return render_template("measures.html", every=rows, may_prepare=current_actor().role in PREPARES)


@measures.route("/new", methods=["GET", "POST"])
@allow(*PREPARES)
@fresh_second_factor(10)
def new() -> Response:
    """Prepare a measure."""
    own = current_actor().province
    form = form_for(MeasureDraft, MeasureChoices(), typed(), {"provinces": [own] if own else []})

    def do() -> Response:
        done = the_measures.draft(desk(), current_actor(), form.evidence(), act())
        flash(gettext("The measure is prepared. Try it next: nothing changes by that."))
        return redirect(url_for(".show", reference=done.record.reference), 303)

    paper = Paper(
        title=gettext("Prepare a measure"),
        back=url_for(".listed"),
        button=gettext("Prepare the measure"),
        note=gettext(
            "A measure lays new rules over permits that run already, from a day that may lie in the past."
        ),
    )
    return entered(paper, [form], do)


@measures.get("/<string:reference>")
@allow(*PREPARES, Role.AUDITOR)
def show(reference: str) -> str:
    """Show a measure: what it brings, what was found, each permit before and after."""
    record = _found(reference)
    draft, state = the_measures.draft_of(record), record.state or ""
    return render_template(
        "measure.html",
        record=record,
        draft=draft,
        rules=desk().ruleset(draft.under),
        state=FLOW.label_of(state),
        state_kind=KINDS_OF_STATE.get(state, "neutral"),
        steps=_steps(record),
        places=[place_name(one, language()) for one in draft.provinces],
        tried=record.last("record_dry_run"),
        offices=list(_offices(record)),
        job=_job(record),
        history=history(record),
        **_list_shown(record),
    )


def _job(record: Record) -> Job | None:
    """Tell of the long step that was asked for last, while it is under way or where it came to nothing."""
    queues = current_app.extensions.get("queues")
    last = queues.last_order(record.subject) if queues else None
    if last is None or not (last.under_way or last.order.version == record.version):
        return None
    label = next(gettext(row.label) for row in FLOW.steps if row.name == last.order.step)
    done, of = the_measures.progress(desk(), record, last.order.step) if last.under_way else (0, 0)
    return Job(
        label, last.under_way, last.failed, [show_refusal(one) for one in last.refusals], min(done, of), of
    )


def _list_shown(record: Record) -> dict[str, object]:
    """Give the list that is asked for, one page of it; else the first list that holds anything."""
    actor, asked = current_actor(), request.args.get("list", "")
    counts = counted(desk(), actor, record)
    kind = asked if asked in KINDS else next((one for one, count in counts.items() if count), "changed")
    pages = max(1, -(-counts[kind] // A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return {
        "filters": _filters(record, counts, kind),
        "heads": [gettext(head) for head in (HEADS if kind == "against" else HEADS[:-1])],
        "rows_shown": [_row(line) for line in page_of(desk(), actor, record, kind, page)],
        "count": counts[kind],
        "kind": kind,
        "kind_label": KINDS[kind],
        "page": page,
        "pages": pages,
        "address": lambda number: url_for(".show", reference=record.reference, list=kind, page=number),
    }


@measures.get("/<string:reference>/<string:kind>.csv")
@allow(*PREPARES, Role.AUDITOR)
def as_file(reference: str, kind: str) -> Response:
    """Give a list of a measure as a file for a sheet."""
    record = _found(reference)
    if kind not in KINDS:
        abort(404)
    lines = [_cells(line, plain=True) for line in whole(desk(), current_actor(), record, kind)]
    note_look("measure", record.subject, "list of a measure", len(lines))
    answer = make_response("\ufeff" + written([[gettext(head) for head in HEADS], *lines]))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{record.reference}-{kind}.csv"'
    return answer


@measures.route("/<string:reference>/<string:step>", methods=["GET", "POST"])
@allow(*PREPARES)
@fresh_second_factor(5)
def act_on(reference: str, step: str) -> Response:
    """Try, apply, take back or end a measure."""
    record = _found(reference)
    row = next((one for one in FLOW.steps[1:] if one.name == step), None) or abort(404)
    asked = row.evidence if step in ("revert_measure", "end_measure") else Nothing
    form = form_for(asked, NoChoices(), typed())

    def do() -> Response:
        _do(record, step, form.evidence())
        flash(gettext("Done: %(step)s", step=gettext(row.label)))
        return redirect(url_for(".show", reference=reference), 303)

    def hand_in() -> Response:
        return (
            redirect(url_for(".show", reference=reference), 303) if _handed_in(record, step, form) else do()
        )

    paper = Paper(
        title=gettext(row.label),
        caption=f"{the_measures.draft_of(record).title} · {record.reference}",
        back=url_for(".show", reference=reference),
        button=gettext(row.label),
        note=gettext(NOTES[step]),
        warning=step in ("apply_measure", "revert_measure"),
    )
    return entered(paper, [form], hand_in, record.version)


def _do(record: Record, step: str, stated: Evidence) -> None:
    if step in the_measures.LONG:
        reason = getattr(stated, "reason", "")
        the_measures.carry_out(desk(), current_actor(), record.subject, step, reason, act())
    else:
        the_measures.end(desk(), current_actor(), record.subject, stated, act())


def _handed_in(record: Record, step: str, form: EvidenceForm) -> bool:
    """Give a long step to the queues, where there are any; what stands against it already is told at once."""
    queues, acting = current_app.extensions.get("queues"), act()
    if queues is None or step not in the_measures.LONG or acting.request_id is None:
        return False
    if the_measures.was_sent(desk(), acting):
        return True
    the_measures.may(desk(), current_actor(), record, step)
    order = Order(
        measure=record.subject,
        step=step,
        user_name=user_name(),
        request_id=acting.request_id,
        version=acting.seen_version or record.version,
        reason=getattr(form.evidence(), "reason", ""),
    )
    with transaction(desk()):
        return queues.carry_out_measure(desk().session, order)


def _found(reference: str) -> Record:
    try:
        return the_measures.measure_of(desk(), reference)
    except CaseNotFound:
        abort(404)


def _steps(record: Record) -> tuple[OpenStep, ...]:
    actor = current_actor()
    facts = facts_for(desk(), record, None, actor, desk().now())
    return open_steps(FLOW, record, actor, facts) if actor.role in PREPARES else ()


def _offices(record: Record) -> Iterator[AtOffice]:
    for office, laid in the_measures.at_offices(desk(), record):
        first = laid.history[0].evidence if laid else None
        lifted = laid.history[-1].evidence if laid and laid.last("lift_measure") else None
        yield AtOffice(
            office,
            first and first.changed,
            lifted and lifted.untouched,
            len(lifted.acted_on) if lifted else None,
        )


def _filters(record: Record, counts: dict[str, int], kind: str) -> list[dict[str, object]]:
    shown = [one for one in KINDS if counts[one] or one in ("changed", kind)]
    return [
        {
            "label": gettext(KINDS[one]),
            "href": url_for(".show", reference=record.reference, list=one),
            "current": one == kind,
            "count": counts[one],
        }
        for one in shown
    ]


def _row(line: Line) -> list[str]:
    """What stands against a permit is a column of the one list where something does."""
    cells = _cells(line)
    return [cell or "–" for cell in (cells if line.against else cells[:-1])]


def _cells(line: Line, *, plain: bool = False) -> list[str]:
    write = (lambda on: on.isoformat() if on else "") if plain else (lambda on: show_date(on) if on else "–")
    return [
        line.reference,
        line.office,
        write(line.was_until),
        write(line.until),
        write(line.was_stay),
        write(line.stay),
        _marks(line.was_flags),
        _marks(line.flags),
        show_refusal(line.against) if line.against else "",
    ]


def _marks(flags: frozenset[str]) -> str:
    labels = {flag.value: flag.label for flag in PermitFlag}
    return ", ".join(gettext(labels[flag]) for flag in sorted(flags) if flag in labels)
