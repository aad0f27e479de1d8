"""The desk of the administrator: what is set up, what is missing, and who may sign in; no case in sight."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, or_, select, true
from werkzeug.wrappers import Response

from forms.evidence import NoChoices, form_for
from workflow import administration
from workflow.administration import ROLES, Slip
from workflow.desk import Desk
from workflow.domain.actor import Role
from workflow.domain.everywhere import Reason
from workflow.domain.flow import Refused
from workflow.domain.flows import step_label
from workflow.domain.names import clean_text
from workflow.domain.record import Record
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.factors import has_second_factor
from workflow.store.history import record_of
from workflow.store.projections import Account, RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.admin_forms import SamePersonForm, account_form
from workflow.web.at_desk import desk
from workflow.web.choices import choices_for
from workflow.web.entering import Paper, act, entered, typed
from workflow.web.rules import in_force_by_province, loaded
from workflow.web.shown import show_refusal
from workflow.web.stepup import fresh_second_factor
from workflow.web.visiting import reading

admin = Blueprint("admin", __name__, url_prefix="/admin")

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that an office needs before it can work: what, whether it is there, where it is done."""

    label: str
    note: str
    done: bool
    href: str


@admin.get("")
@allow(Role.ADMINISTRATOR)
@in_menu(N_("Administration"), order=20)
def home() -> str:
    """Show what is set up and what is still missing, in the order in which it is done."""
    tasks = list(_tasks(desk()))
    return render_template("admin.html", tasks=tasks, next=next((one for one in tasks if not one.done), None))


def _tasks(at: Desk) -> Iterator[Task]:
    on = bangkok_date(at.now())
    offices, people = _count(at, "office"), _people(at)
    rules = in_force_by_province(at, (one.ruleset for one in loaded(at)), on)
    yield Task(
        gettext("Enter the office"),
        gettext("With its letterhead and emblem; its short code stands in every number."),
        offices > 0,
        url_for("registers.offices"),
    )
    yield Task(
        gettext("Open the account of a second administrator"),
        gettext("Two persons are needed to bring rules into force, and one looks after the other's account."),
        people.get(Role.ADMINISTRATOR, 0) > 1,
        url_for(".new_account", role=Role.ADMINISTRATOR.value),
    )
    for role, note in PEOPLE_NEEDED:
        label = gettext("Open an account: %(role)s", role=gettext(role.label))
        yield Task(label, gettext(note), people.get(role, 0) > 0, url_for(".new_account", role=role.value))
    yield Task(
        gettext("Enter the hospitals"),
        gettext("Those whose certificates the office accepts."),
        _count(at, "hospital") > 0,
        url_for("registers.hospitals"),
    )
    yield Task(
        gettext("See which rules are in force"),
        gettext("Orders are possible only under a decision of the cabinet."),
        any(rule.orders for rule in rules.values()),
        url_for("registers.rulesets"),
    )


PEOPLE_NEEDED = (
    (Role.OFFICER, N_("Receives, checks, prepares and prints.")),
    (Role.REGISTRAR, N_("Decides and signs; the account's days are those of the appointment.")),
    (Role.CASHIER, N_("Takes the fees.")),
    (Role.AUDITOR, N_("Reads and verifies, changes nothing.")),
)


def _count(at: Desk, register: str) -> int:
    listed = select(func.count()).where(RegisterEntry.register == register, RegisterEntry.state == "listed")
    return at.session.scalar(listed) or 0


def _people(at: Desk) -> dict[str, int]:
    counted = select(Account.role, func.count()).where(Account.closed.is_(False)).group_by(Account.role)
    return {row.role: row[1] for row in at.session.execute(counted)}


# accounts -----------------------------------------------------------------------------------


@admin.get("/accounts")
@allow(Role.ADMINISTRATOR)
@in_menu(N_("Accounts"), order=30)
def accounts() -> str:
    """List who may sign in."""
    words, role = clean_text(request.args.get("q", ""))[:100], request.args.get("role", "")
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    wanted = select(Account).where(_named(words), Account.role == role if role else true())
    count = desk().session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = (
        wanted.order_by(Account.closed, Account.role, Account.name).offset((page - 1) * A_PAGE).limit(A_PAGE)
    )
    return render_template(
        "admin_accounts.html",
        rows_shown=list(desk().session.scalars(rows)),
        places=_places(desk()),
        count=count,
        words=words,
        page=page,
        pages=max(1, -(-count // A_PAGE)),
        address=lambda number: url_for(".accounts", q=words or None, role=role or None, page=number),
        filters=_filters(role),
        roles=ROLES,
        on=bangkok_date(desk().now()),
    )


def _named(words: str) -> ColumnElement[bool]:
    columns = (Account.name, Account.user_name, Account.position)
    return or_(*(column.icontains(words, autoescape=True) for column in columns)) if words else true()


def _places(at: Desk) -> dict[str, str]:
    rows = at.session.execute(select(RegisterEntry.subject, RegisterEntry.name))
    return {row.subject: row.name for row in rows} | dict(choices_for(at, current_actor()).options("gates"))


def _filters(chosen: str) -> list[dict[str, object]]:
    choices = [("", gettext("All")), *((role.value, gettext(role.label)) for role in ROLES)]
    return [
        {"label": label, "href": url_for(".accounts", role=role or None), "current": chosen == role}
        for role, label in choices
    ]


@admin.get("/accounts/<string:reference>")
@allow(Role.ADMINISTRATOR)
def account(reference: str) -> str:
    """Show an account: whose, where, until when, and what was done with it."""
    found = administration.account_of(desk(), reference)
    record = record_of(desk().session, administration.subject_of(desk(), reference))
    with reading() as own:
        second_factor = has_second_factor(own, reference)
    return render_template(
        "admin_account.html",
        account=found,
        place=_places(desk()).get(found.office or found.hospital or found.employer or found.gate or "", found.gate or ""),
        others=_others(found),
        second_factor=second_factor,
        history=history(record),
        own=current_actor().account == reference,
        on=bangkok_date(desk().now()),
    )


def _others(found: Account) -> list[Account]:
    same = select(Account).where(Account.person == found.person, Account.reference != found.reference)
    return list(desk().session.scalars(same))


def history(record: Record) -> list[dict[str, object]]:
    """Tell what was done with an entry, the newest first."""
    return [
        {
            "what": gettext(step_label(record.flow, done.step)),
            "when": done.recorded_at,
            "who": done.name,
            "more": _told(done.evidence),
        }
        for done in record.standing()
    ]


def _told(evidence: object) -> str:
    if isinstance(evidence, Reason):
        return evidence.reason
    role = getattr(evidence, "role", None)
    return f"{gettext(role.label)} · {evidence.user_name}" if isinstance(role, Role) else ""


@admin.route("/accounts/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def new_account() -> Response:
    """Open an account and print its slip."""
    role = _role_asked() or abort(404)
    known = {"valid_from": bangkok_date(desk().now()).isoformat()}
    form = account_form(desk(), role, typed(), known | _only_office(role))
    same = SamePersonForm(typed(), _officials())

    def do() -> Response:
        facts = form.evidence({"person": same["same_person"].data or ""})
        done = administration.open_account(desk(), current_actor(), facts, act())
        if done.repeated:
            return redirect(url_for(".account", reference=done.record.reference), 303)
        return slip_page(administration.give_slip(desk(), current_actor(), done.record.reference))

    return entered(
        Paper(
            title=gettext("Open an account: %(role)s", role=gettext(role.label)),
            back=url_for(".accounts"),
            button=gettext("Open the account and show the slip"),
            note=gettext(
                "No e-mail is needed. The next page is a slip with a one-time code: print it and hand it over."
            ),
        ),
        [form, same],
        do,
    )


def _role_asked() -> Role | None:
    asked = request.args.get("role", "")
    return Role(asked) if asked in ROLES else None


def _only_office(role: Role) -> dict[str, str]:
    """Where there is one office, people are of this one."""
    listed = select(RegisterEntry.subject).filter_by(register="office", state="listed").limit(2)
    found = list(desk().session.scalars(listed))
    return {"office": found[0]} if len(found) == 1 and role is not Role.AUDITOR else {}


def _officials() -> list[Account]:
    official = [role.value for role in Role if role.official]
    return list(
        desk().session.scalars(select(Account).where(Account.role.in_(official)).order_by(Account.name))
    )


@admin.route("/accounts/<string:reference>/change", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def change_account(reference: str) -> Response:
    """Change whose account it is, where, in which role, until when; an event of the register."""
    found = administration.account_of(desk(), reference)
    record = record_of(desk().session, administration.subject_of(desk(), reference))
    role = _role_asked() or Role(found.role)
    stated = record.last("amend_account", "enter_account").evidence.plain()
    form = account_form(desk(), role, typed(), _kept(stated, role))

    def do() -> Response:
        facts = form.evidence({"person": found.person})
        administration.amend_account(desk(), current_actor(), reference, facts, act())
        flash(gettext("The account is changed. Whoever was signed in with it signs in again."))
        return redirect(url_for(".account", reference=reference), 303)

    return entered(
        Paper(
            title=gettext("Change the account"),
            caption=f"{found.name} · {gettext(role.label)}",
            back=url_for(".account", reference=reference),
            button=gettext("Change the account"),
            roles=_other_roles(reference, role),
        ),
        [form],
        do,
        record.version,
    )


def _other_roles(reference: str, role: Role) -> tuple[tuple[str, str], ...]:
    others = (one for one in ROLES if one is not role)
    return tuple(
        (gettext(one.label), url_for(".change_account", reference=reference, role=one.value))
        for one in others
    )


def _kept(stated: dict[str, object], role: Role) -> dict[str, object]:
    """Of the old entry a new role keeps the person and the days, not the place of another role."""
    lasting = {"user_name", "name", "position", "valid_from", "valid_until"}
    same_role = stated["role"] == role.value
    places = {"office", "employer", "hospital", "gate", "acting_for"}
    return {
        name: value for name, value in stated.items() if name in lasting or (same_role and name in places)
    }


@admin.route("/accounts/<string:reference>/close", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def close_account(reference: str) -> Response:
    """Close an account at once."""
    found = administration.account_of(desk(), reference)
    form = form_for(Reason, NoChoices(), typed())

    def do() -> Response:
        administration.close_account(desk(), current_actor(), reference, form.evidence(), act())
        flash(gettext("The account is closed. Nobody is signed in with it any more."))
        return redirect(url_for(".account", reference=reference), 303)

    paper = Paper(
        title=gettext("Close the account"),
        caption=f"{found.name} · {found.user_name}",
        back=url_for(".account", reference=reference),
        button=gettext("Close the account"),
        note=gettext(
            "What the person did stays on record. A closed account is not opened again; the person gets a new one."
        ),
        warning=True,
    )
    return entered(paper, [form], do)


@admin.post("/accounts/<string:reference>/slip")
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def slip(reference: str) -> Response:
    """Give a new one-time code on a slip."""
    return _slip(reference, lost_telephone=False)


@admin.post("/accounts/<string:reference>/lost-telephone")
@allow(Role.ADMINISTRATOR)
@fresh_second_factor(10)
def lost_telephone(reference: str) -> Response:
    """Take the second factor away and give a new one-time code."""
    return _slip(reference, lost_telephone=True)


def _slip(reference: str, *, lost_telephone: bool) -> Response:
    try:
        given = administration.give_slip(desk(), current_actor(), reference, lost_telephone=lost_telephone)
    except Refused as refused:
        flash(show_refusal(refused.refusals[0]), "warning")
        return redirect(url_for(".account", reference=reference), 303)
    return slip_page(given)


def slip_page(given: Slip) -> Response:
    """Show the slip, once; it is printed and handed over, and stored nowhere."""
    return make_response(
        render_template("admin_slip.html", slip=given, address=f"{desk().site}{url_for('first.by_slip')}")
    )
