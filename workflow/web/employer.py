"""What employers see of their own, and the same pages at the counter for an employer who came in person."""

from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from sqlalchemy import select
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response as Answer

from forms.circumstances import CircumstancesForm
from forms.evidence import EvidenceForm, form_for
from workflow import answering, employers, inspection, uploads
from workflow.administration import Slip
from workflow.casework import Act, OtherContent
from workflow.desk import Desk
from workflow.domain import thai
from workflow.domain.actor import Role
from workflow.domain.documents import DOCUMENTS, WORKING_PRINTS
from workflow.domain.employer_policies import LISTED
from workflow.domain.flow import Refusal, Refused
from workflow.domain.names import clean_text
from workflow.domain.registers import Employer
from workflow.domain.request import Demand
from workflow.domain.words import N_
from workflow.employers import ASKERS
from workflow.store.history import record_of
from workflow.store.projections import Case
from workflow.visibility import visible_to
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for, ruled_label
from workflow.web.employer_forms import AccountForm, OneEmployer
from workflow.web.entering import SENT_OTHERWISE, Paper, entered
from workflow.web.holdings import Group, Holdings, WorkerLine, counted, holdings_of
from workflow.web.papers import sent
from workflow.web.reading import note_reading
from workflow.web.shown import language
from workflow.web.signs import own_sign, sign_of_form
from workflow.web.stepup import ask_for_fresh_proof

employer = Blueprint("employer", __name__)

OFFICER = Role.OFFICER
A_PAGE = 50


# --- what an employer has


@employer.get("/employer")
@allow(*ASKERS)
@in_menu(N_("My workers"), order=5)
def home() -> str:
    """Show an employer's own workers, requests and papers."""
    return home_page(holdings_of(desk(), current_actor()))


@employer.get("/employers/<reference>")
@allow(*ASKERS, OFFICER)
def show(reference: str) -> str:
    """Show what an employer has, at the counter."""
    return home_page(holdings_of(desk(), current_actor(), reference))


def home_page(mine: Holdings) -> str:
    """Draw the first page of an employer."""
    note_reading(record_of(mine.desk.session, mine.employer.subject), "employer's page")
    workers = mine.workers()
    return render_template(
        "employer.html",
        **frame(mine),
        counts=cards(mine, workers),
        requests=mine.requests(),
        papers=list(mine.papers()),
        titles=DOCUMENTS,
        dates=mine.dates()[:8],
        to_answer=answering.to_answer(mine.desk, mine.actor, mine.employer.subject),
        accounts=employers.accounts_of(mine.desk, mine.employer.subject) if at_the_counter() else [],
        keeps=at_the_counter() and may_amend(mine),
        request_id=sign_of_form(),
    )


@employer.get("/employers/<reference>/inspection-pack")
@allow(*WORKING_PRINTS[inspection.PRINT].audience)
def inspection_pack(reference: str) -> Answer:
    """Print what an inspector asks for at the workplaces of an employer, as it stands now: a working print."""
    mine = holdings_of(desk(), current_actor(), reference)
    with force_locale("th"):
        body = inspection.printed(mine.desk, mine.actor, mine.employer, gettext)
    note_reading(record_of(mine.desk.session, mine.employer.subject), "pack for an inspection")
    return sent(body, f"inspection-{mine.employer.reference}.pdf")


def may_amend(mine: Holdings) -> bool:
    """Say whether the entry may be changed here: by the province that keeps it, while there is business."""
    return mine.employer.state == LISTED and employers.keeps(mine.desk, mine.actor, mine.employer.subject)


def frame(mine: Holdings) -> dict[str, object]:
    """Give what every page of an employer shows."""
    return {
        "employer": mine.employer,
        "counter": at_the_counter(),
        "home_href": home_address(mine),
        "on": mine.today,
    }


def at_the_counter() -> bool:
    """Say whether an official looks, for an employer who came in person."""
    return current_actor().role.official


def home_address(mine: Holdings) -> str:
    """Give the first page of an employer, the own one or the one at the counter."""
    return url_for("employer.show", reference=mine.employer.reference) if at_the_counter() else url_for("employer.home")


def cards(mine: Holdings, workers: list[WorkerLine]) -> list[dict[str, object]]:
    """Count the workers by whom they wait with; a card leads to its workers."""
    counts = counted(workers)
    shown = [group for group in Group if counts[group] or group in (Group.MAY_WORK, Group.EMPLOYER)]
    return [
        {
            "number": counts[group],
            "label": group_label(group),
            "kind": group.kind,
            "href": workers_address(mine, group),
        }
        for group in shown
        if group is not Group.ENDED
    ]


def group_label(group: Group) -> str:
    """Say with whom a worker waits, as the reader would."""
    return (
        gettext("missing from you")
        if group is Group.EMPLOYER and not at_the_counter()
        else gettext(group.label)
    )


def workers_address(mine: Holdings, group: Group | None = None, page: int = 1) -> str:
    """Give the page of an employer's workers, of one group or all."""
    more = {"page": page} if page > 1 else {}
    shown = {"show": group.value} if group else {}
    return url_for(".workers", reference=mine.employer.reference, **shown, **more)


@employer.get("/employers/<reference>/workers")
@allow(*ASKERS, OFFICER)
def workers(reference: str) -> str:
    """List an employer's workers with their first lines."""
    mine = holdings_of(desk(), current_actor(), reference)
    every = mine.workers()
    note_reading(record_of(mine.desk.session, mine.employer.subject), "employer's workers", len(every))
    asked = next((group for group in Group if group.value == request.args.get("show")), None)
    chosen = [one for one in every if asked is None or one.group is asked]
    pages = max(1, -(-len(chosen) // A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "employer_workers.html",
        **frame(mine),
        workers=chosen[(page - 1) * A_PAGE : page * A_PAGE],
        labels={group: group_label(group) for group in Group},
        filters=group_links(mine, every, asked),
        page=page,
        pages=pages,
        address=lambda number: workers_address(mine, asked, number),
    )


def group_links(mine: Holdings, every: list[WorkerLine], asked: Group | None) -> list[dict[str, object]]:
    """Give the links that show all workers, or one group."""
    counts = counted(every)
    return [
        group_link(mine, None, asked, len(every)),
        *(group_link(mine, group, asked, counts[group]) for group in Group if counts[group]),
    ]


def group_link(mine: Holdings, group: Group | None, asked: Group | None, count: int) -> dict[str, object]:
    """Give the link that shows one group of workers, or all."""
    label = group_label(group) if group else gettext("All")
    return {"label": label, "href": workers_address(mine, group), "current": group is asked, "count": count}


@employer.get("/employers/<reference>/calendar")
@allow(*ASKERS, OFFICER)
def calendar(reference: str) -> str:
    """Show on one page, month by month, what ends or is due when; made to be printed."""
    mine = holdings_of(desk(), current_actor(), reference)
    note_reading(record_of(mine.desk.session, mine.employer.subject), "employer's calendar")
    months = [
        (month, list(days)) for month, days in groupby(mine.dates(), key=lambda one: one.on.replace(day=1))
    ]
    return render_template("employer_calendar.html", **frame(mine), months=months)


# --- a demand letter


@employer.route("/employers/<reference>/requests/new", methods=["GET", "POST"])
@allow(*ASKERS, OFFICER)
def new_request(reference: str) -> Answer:
    """Write a demand letter, for oneself or keyed in from the signed paper."""
    mine = holdings_of(desk(), current_actor(), reference)
    typed = sent_fields()
    keyed = ASKERS if at_the_counter() else ()
    form, circumstances = demand_form(mine, typed), CircumstancesForm(typed, keyed)
    if request.method == "GET":
        return demand_page(mine, form, circumstances)
    sound = all([form.validate(), circumstances.validate()])
    return draft(mine, form, circumstances) if sound else demand_page(mine, form, circumstances, status=422)


def draft(mine: Holdings, form: EvidenceForm[Demand], circumstances: CircumstancesForm) -> Answer:
    """Keep a demand letter as a draft, with the scan of the signed one; lead to its case."""
    try:
        begun = employers.draft(mine.desk, mine.actor, form.evidence(), act_of(mine, circumstances))
    except Refused as refused:
        return demand_page(mine, form, circumstances, refused.refusals, 422)
    except OtherContent:
        return demand_page(mine, form, circumstances, (SENT_OTHERWISE,), 409)
    keep_signed_letter(mine.desk, begun.record.subject, circumstances)
    flash(gettext("The demand letter is kept as a draft. Attach the name list, then submit it."))
    return redirect(url_for("cases.show", reference=begun.record.reference), 303)


def act_of(mine: Holdings, circumstances: CircumstancesForm) -> Act:
    """Give the circumstances under which a letter is written."""
    return Act(
        request_id=own_sign(),
        happened_at=circumstances.happened_at(mine.desk.now()),
        on_behalf_of=circumstances.on_behalf_of(),
        note=circumstances.note(),
    )


def demand_form(mine: Holdings, typed: Any) -> EvidenceForm[Demand]:
    """Give the form of the demand letter; what seldom changes is taken from the letter before."""
    choices = choices_for(mine.desk, mine.actor)
    offered = OneEmployer(choices, mine.employer.subject, mine.employer.name)
    known = last_demand(mine) | {"employer": mine.employer.subject}
    return form_for(Demand, offered, typed, known)


LASTING = ("job", "workplace", "workplace_district", "gate", "wage", "wage_unit", "daily_floor")


def last_demand(mine: Holdings) -> dict[str, Any]:
    """Take what seldom changes from the employer's newest demand letter."""
    newest = (
        select(Case.subject)
        .where(
            Case.flow == "request",
            Case.employer == mine.employer.subject,
            visible_to(mine.desk, mine.actor),
        )
        .order_by(Case.opened_at.desc())
        .limit(1)
    )
    subject = mine.desk.session.scalar(newest)
    stated = record_of(mine.desk.session, subject).stated(Demand) if subject else None
    return {name: value for name, value in stated.plain().items() if name in LASTING} if stated else {}


def demand_page(
    mine: Holdings,
    form: EvidenceForm[Demand],
    circumstances: CircumstancesForm,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
) -> Response:
    """Draw the demand letter as a form."""
    shown = render_template(
        "employer_demand.html",
        **frame(mine),
        form=form,
        circumstances=circumstances,
        refusals=refusals,
        request_id=sign_of_form(),
    )
    return make_response(shown, status)


@employer.app_template_global()
def undertakings() -> list[str]:
    """List the undertakings of the demand letter in the reader's language."""
    ruleset = choices_for(desk(), current_actor()).ruleset
    return [ruled_label(entry, language()) for entry in ruleset.get("undertakings", [])]


def keep_signed_letter(at: Desk, subject: str, circumstances: CircumstancesForm) -> None:
    """Add the scan of the signed letter to the new file."""
    scan = circumstances.scan()
    if scan is None:
        return
    try:
        employers.attach_signed(
            at, current_actor(), subject, uploads.keep_upload(at, subject, scan), own_sign()
        )
    except Refused:
        flash(gettext("The scan could not be read and is not kept; add it to the case again."), "warning")


# --- at the counter: employers and their accounts


@employer.get("/employers")
@allow(OFFICER)
@in_menu(N_("Employers"), order=30)
def search() -> str:
    """Find an employer in the register."""
    words = clean_text(request.args.get("q", ""))[:100]
    return render_template("employer_search.html", words=words, found=employers.find(desk(), words))


@employer.route("/employers/new", methods=["GET", "POST"])
@allow(OFFICER)
def enter() -> Answer:
    """Enter an employer who came in person."""
    return register_page(None)


@employer.route("/employers/<reference>/entry", methods=["GET", "POST"])
@allow(OFFICER)
def amend(reference: str) -> Answer:
    """Change an employer's entry in the register."""
    return register_page(holdings_of(desk(), current_actor(), reference))


def register_page(mine: Holdings | None) -> Answer:
    """Take the form of an employer's entry, new or changed, or show it."""
    known = record_of(desk().session, mine.employer.subject).stated(Employer) if mine else None
    form = form_for(Employer, choices_for(desk(), current_actor()), sent_fields(), known)

    def do() -> Answer:
        act = Act(request_id=own_sign())
        if mine:
            employers.amend(desk(), current_actor(), mine.employer.subject, form.evidence(), act)
            done = mine.employer.reference
        else:
            done = employers.enter(desk(), current_actor(), form.evidence(), act).record.reference
        flash(gettext("The entry is kept."))
        return redirect(url_for(".show", reference=done), 303)

    title = gettext("Change the entry") if mine else gettext("Enter a new employer")
    back = url_for(".show", reference=mine.employer.reference) if mine else url_for(".search")
    return entered(Paper(title=title, back=back, button=gettext("Keep the entry")), [form], do)


@employer.route("/employers/<reference>/accounts/new", methods=["GET", "POST"])
@allow(OFFICER)
def open_account(reference: str) -> Answer:
    """Open an account for an employer and print its slip."""
    mine = holdings_of(desk(), current_actor(), reference)
    stated = mine.employer.stated
    known = {"name": stated.get("signatory"), "position": stated.get("signatory_position")}
    form = AccountForm(sent_fields(), known)
    if request.method == "GET" or not form.validate():
        return account_page(mine, form, status=200 if request.method == "GET" else 422)
    asking = ask_for_fresh_proof()
    if asking is not None:
        return asking
    try:
        facts = form.account(mine.employer.subject, mine.today)
        slip = employers.open_account(mine.desk, mine.actor, facts, Act(request_id=own_sign()))
    except (Refused, OtherContent) as fault:
        refusals = fault.refusals if isinstance(fault, Refused) else (SENT_OTHERWISE,)
        return account_page(mine, form, refusals, 422)
    return slip_page(mine, slip)


def account_page(
    mine: Holdings, form: AccountForm, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> Response:
    """Draw the form of an account."""
    shown = render_template(
        "employer_account.html", **frame(mine), form=form, refusals=refusals, request_id=sign_of_form()
    )
    return make_response(shown, status)


@employer.post("/employers/<reference>/accounts/<account>/slip")
@allow(OFFICER)
def new_slip(reference: str, account: str) -> Answer:
    """Give an employer's account a new one-time code; the password and the visits of before end."""
    mine = holdings_of(desk(), current_actor(), reference)
    asking = ask_for_fresh_proof()
    if asking is not None:
        return asking
    return slip_page(mine, employers.give_slip(mine.desk, mine.actor, mine.employer.subject, account))


def slip_page(mine: Holdings, slip: Slip) -> Response:
    """Show the slip, once; it is printed and handed over, and stored nowhere."""
    shown = render_template(
        "employer_slip.html", **frame(mine), slip=slip, address=f"{mine.desk.site}{url_for('first.by_slip')}"
    )
    return make_response(shown)


# --- parts


@employer.app_template_filter("month_name")
def month_name(on: date) -> str:
    """Write a month with its year in the reader's era."""
    match language():
        case "en":
            return f"{thai.ENGLISH_MONTHS[on.month - 1]} {on.year}"
        case "km":
            return f"{thai.KHMER_MONTHS[on.month - 1]} {on.year} ({thai.be_year(on)})"
    return f"{thai.MONTHS[on.month - 1]} {thai.be_year(on)}"


def sent_fields() -> Any:
    """Give what was typed and the files with it; nothing where the page is only shown."""
    return CombinedMultiDict([request.files, request.form]) if request.method == "POST" else None
