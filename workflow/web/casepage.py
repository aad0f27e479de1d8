"""What the page of a case shows one actor: where it stands, what can be done, facts, history, papers, files, kin."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext
from sqlalchemy import or_, select

from workflow import lookups, medical, printing
from workflow.desk import Desk
from workflow.domain import clocks
from workflow.domain.actor import Actor, Role
from workflow.domain.answers import Answer, answers
from workflow.domain.application import KINDS, Listed, Track
from workflow.domain.documents import DOCUMENTS
from workflow.domain.everywhere import AttachedFile, Correction, Reason
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import OpenStep, open_steps
from workflow.domain.flows import FLOWS, step_label
from workflow.domain.kinds import ApplicationKind
from workflow.domain.medical import UNKNOWN_DOCTOR
from workflow.domain.oddities import Oddity
from workflow.domain.permit import PermitOpened
from workflow.domain.policies import listed_rows
from workflow.domain.record import Done, Facts, Record
from workflow.domain.request import NameList, Request
from workflow.domain.standing import LEFT, Standing, standing
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import Term
from workflow.namelists import unopened
from workflow.store.projections import Case, Document, Employment, RegisterEntry
from workflow.visibility import visible_to
from workflow.web import narrow
from workflow.web.about import About, about, kind_shown
from workflow.web.alike import Compared, compared
from workflow.web.beginnings import Beginning, beginnings
from workflow.web.diagram import line
from workflow.web.files import Attached, attached_to
from workflow.web.permitpage import PermitPanel, panel_of
from workflow.web.person_rules import READERS, terms_of
from workflow.web.shown import show_refusal
from workflow.web.stated import Fact, Reader
from workflow.web.ways import list_address, step_address

MOST_KIN = 100
SHOWN_ELSEWHERE = (Nothing, Correction, AttachedFile, NameList, Reason, Listed)
OFFERED_ELSEWHERE = frozenset({"open_application", "list_entries"})
"""Steps that the page of the name list, or the many-at-once page, does in their place."""
# fmt: off
LAST = frozenset({
    "hold", "propose_correction", "attach_file", "withdraw", "withdraw_request", "cancel_request",
    "revoke_request", "close_request", "amend_list", "replace_travel_document", "suspect_duplicate",
    "refuse_identity", "end_without_permit", "arrange_return", "not_taken_up", "record_reentry",
    "record_earlier_entry", "ask_for_missing", "return_to_officer", "return_request_to_officer",
    "report_loss", "record_hospitalised", "check_trafficking", "suspend", "grant_grace",
    "notify_departure", "declare_unknown", "propose_revocation", "drop_revocation", "record_exit", "record_death",
    "end_permit", "reopen", "serve_order", "recall_order",
})
# fmt: on
"""Steps that do not lead on stand after those that do."""
URGED = {"check_trafficking": "absconded", "record_exit": "departure", "record_reentry": "permit"}
"""Of these, which lead on after all: while a flag holds, or in a flow."""
ADVERSE = frozenset(
    {
        "reject_same_person",
        "record_no_show",
        "refuse_entry",
        "record_never_came",
        "ask_retest",
        "lapse_unpaid",
        "return_filing",
        "return_request",
    }
)
"""Steps for what went wrong: in sight, but never the first button."""

WELL = frozenset({Track.ENTRY_PLANNED, Track.FEE_PAID, *KINDS})
"""Flags that tell of something done, or of what kind an application is."""


LOOKS_INTO = frozenset({Role.OFFICER, Role.REGISTRAR, Role.AUDITOR})
"""Who is told what is unusual about a medical result, or stands against an employer."""


@dataclass(frozen=True, slots=True)
class Button:
    """A step that the actor may take up, or why not."""

    href: str
    label: str
    because: str
    leads_on: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """The newest standing evidence of one kind."""

    heading: str
    done: Done
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the history as it is told."""

    done: Done
    label: str
    who: str
    office: str
    facts: list[Fact]
    note: str
    stopped: bool
    later: bool


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper of the case."""

    paper: Document
    title: str


@dataclass(frozen=True, slots=True)
class Kin:
    """Another case that belongs to this one."""

    case: Case
    flow: str
    state: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class CasePage:
    """All that the page shows."""

    record: Record
    case: Case
    about: About
    state: str
    standing: Standing
    line: list[dict[str, str]]
    flags: list[tuple[str, str]]
    dues: list[clocks.Due]
    on: date
    buttons: list[Button]
    stated: list[Stated]
    history: list[Happening]
    papers: list[PaperLine]
    files: list[Attached]
    kin: list[Kin]
    alike: Compared | None
    answers: tuple[Answer, ...] = ()
    unusual: tuple[Oddity, ...] = ()
    employer: RegisterEntry | None = None
    unknown_doctor: dict[str, str] | None = None
    permit: PermitPanel | None = None
    rows: list[object] = field(default_factory=list)
    narrow: bool = False
    limits: tuple[Term, ...] = ()
    rules: bool = False


def case_page(desk: Desk, actor: Actor, case: Case, record: Record) -> CasePage:
    """Gather the page of a case for one actor."""
    facts = lookups.facts_for(desk, record, None, actor, desk.now())
    reader = Reader(desk, actor, facts.ruleset)
    is_narrow = narrow.is_narrow(actor.role)
    return CasePage(
        record=record,
        case=case,
        about=about(desk, record),
        state=state_shown(actor, case),
        standing=line_of(desk, actor, case, facts.on),
        line=[] if is_narrow else line(record),
        flags=flag_labels(actor, case),
        dues=dues_for(actor, record, facts),
        on=facts.on,
        buttons=buttons(desk, actor, record, facts),
        stated=list(stated(reader, record)),
        history=list(history(desk, reader, record)),
        papers=[
            PaperLine(paper, DOCUMENTS[paper.key].title)
            for paper in printing.papers_of(desk, actor, [case.subject])
        ],
        files=attached_to(actor, record),
        kin=list(kin_of(desk, actor, case, facts.on)),
        alike=compared(desk, actor, record),
        answers=() if is_narrow else answers(record, facts),
        unusual=medical.flags_of(desk, record, facts.ruleset) if actor.role in LOOKS_INTO else (),
        employer=_marked_employer(desk, actor, case),
        unknown_doctor=_unknown_doctor(desk, actor, record, facts),
        permit=panel_of(desk, actor, record, facts),
        rows=list(listed_rows(record))[:MOST_KIN] if record.flow == "request" and not is_narrow else [],
        narrow=is_narrow,
        limits=() if is_narrow else terms_of(desk, record),
        rules=actor.role in READERS and case.worker is not None,
    )


def _marked_employer(desk: Desk, actor: Actor, case: Case) -> RegisterEntry | None:
    """Give the employer of a case under way, to officials who decide on it or prepare it."""
    decides = case.live and case.employer and actor.role in LOOKS_INTO
    return desk.session.get(RegisterEntry, case.employer) if decides else None


def _unknown_doctor(desk: Desk, actor: Actor, record: Record, facts: Facts) -> dict[str, str] | None:
    """What a certificate says of a doctor whom the officer may enter in the register; nothing where he is there."""
    seen = record.last("record_medical")
    if seen is None or actor.role is not Role.OFFICER:
        return None
    if all(odd.text != UNKNOWN_DOCTOR for odd in medical.flags_of(desk, record, facts.ruleset)):
        return None
    stated = seen.evidence
    return {"name": stated.doctor, "licence": stated.doctor_licence, "hospitals": stated.hospital}


# where it stands ----------------------------------------------------------------------------


def state_shown(actor: Actor, case: Case) -> str:
    """Say the state in words; the desks of others are not told more than they need."""
    if narrow.is_narrow(actor.role) and case.flow == "application" and actor.role is not Role.CASHIER:
        return gettext("Under way") if case.live else gettext("Ended")
    if case.state == "ready" and case.kind != ApplicationKind.NEW:
        return gettext("Opened, to be filed")
    return gettext(FLOWS[case.flow].label_of(case.state))


def flag_labels(actor: Actor, case: Case) -> list[tuple[str, str]]:
    """List the flags that hold, in words, each with its kind: what went well is no warning."""
    held = frozenset(filter(None, case.flags.split(",")))
    labels = {flag.value: flag.label for flag in FLOWS[case.flow].flags}
    shown = [flag for flag in narrow.flags_shown(actor.role, held) if flag in labels]
    return [(gettext(labels[flag]), "active" if flag in WELL else "warning") for flag in shown]


def line_of(desk: Desk, actor: Actor, case: Case, on: date) -> Standing:
    """Write the first line of a case; another desk's reasons are not told to the narrow ones."""
    if case.flow == "permit" and case.live and actor.role in narrow.EMPLOYERS and _has_left(desk, actor, case):
        return LEFT
    told = standing(narrow.situation_shown(actor.role, lookups.situation(case)), on)
    if narrow.is_narrow(actor.role) and told.who is not actor.role:
        return Standing(told.kind)
    return told


def _has_left(desk: Desk, actor: Actor, case: Case) -> bool:
    works = select(Employment.permit).filter_by(permit=case.subject, employer=actor.employer, ended_on=None)
    return desk.session.scalar(works.limit(1)) is None


def dues_for(actor: Actor, record: Record, facts: Facts) -> list[clocks.Due]:
    """List the clocks that run: for a narrow role only its own, for an employer none of another's."""
    running = clocks.running(record, facts)
    if narrow.is_narrow(actor.role):
        return [due for due in running if due.clock.duty is actor.role]
    here = () if narrow.left_at(actor, record) is not None else (None, "")
    mine = (*here, actor.employer) if actor.role in narrow.EMPLOYERS else None
    return [due for due in running if mine is None or due.employer in mine]


# what can be done ---------------------------------------------------------------------------


def buttons(desk: Desk, actor: Actor, record: Record, facts: Facts) -> list[Button]:
    """List the steps that the actor may take up, those that lead on first; blocked ones with their reasons."""
    opened = [
        one
        for one in open_steps(FLOWS[record.flow], record, actor, facts)
        if one.name not in OFFERED_ELSEWHERE
    ]
    further = (_beginning(one) for one in beginnings(desk, actor, record, facts))
    made = [*(_button(record, one) for one in opened), *_opening(desk, actor, record), *further]
    return sorted(made, key=lambda button: (not button.leads_on, button.quiet, bool(button.because)))


def _opening(desk: Desk, actor: Actor, record: Record) -> Iterator[Button]:
    """A locked list waits for its applications to be opened, an amended one for those of its new rows."""
    opens = record.state in (Request.LIST_LOCKED, Request.RUNNING) and actor.role is Role.OFFICER
    if opens and (record.state == Request.LIST_LOCKED or unopened(desk, record)):
        href, label = f"{list_address(record.reference)}/opening", gettext("Open the applications")
        yield Button(href, label, because="", leads_on=True, quiet=False)


def _beginning(one: Beginning) -> Button:
    because = " ".join(show_refusal(refusal) for refusal in one.against)
    return Button(one.href, one.label, because, leads_on=one.urged and not because, quiet=not one.urged)


def _button(record: Record, step: OpenStep) -> Button:
    because = " ".join(show_refusal(refusal) for refusal in step.against)
    label = gettext(step.label)
    if step.keyed:
        label = gettext("%(step)s (for: %(role)s)", step=label, role=gettext(step.keyed[0].label))
    href = step_address(record.reference, step.name)
    leads = step.name not in LAST or URGED.get(step.name) in (*record.flags, record.flow)
    return Button(href, label, because, leads and not because, bool(step.keyed) or step.name in ADVERSE)


# what was stated ----------------------------------------------------------------------------


def stated(reader: Reader, record: Record) -> Iterator[Stated]:
    """Give the newest standing evidence of each kind, in the order in which the kinds came."""
    newest: dict[type[Evidence], Done] = {}
    for done in narrow.shown_of(reader.actor, record):
        if not isinstance(done.evidence, SHOWN_ELSEWHERE):
            newest[_slot(done)] = done
    for done in newest.values():
        facts = reader.facts(done)
        if facts:
            yield Stated(gettext(step_label(record.flow, done.step)), done, facts)


def _slot(done: Done) -> object:
    """Payments of two fees are two facts; every other kind is one."""
    return (
        (type(done.evidence), done.step) if type(done.evidence).__name__ == "Payment" else type(done.evidence)
    )


def history(desk: Desk, reader: Reader, record: Record) -> Iterator[Happening]:
    """Tell the history, the newest first."""
    finals = {state.value for state in FLOWS[record.flow].states if state.final}
    for done in reversed(narrow.shown_of(reader.actor, record)):
        silent = isinstance(done.evidence, Correction | NameList | Listed | PermitOpened)
        yield Happening(
            done=done,
            label=gettext(step_label(record.flow, done.step)),
            who=_who(done),
            office=_office(desk, done.office),
            facts=[] if silent else reader.facts(done),
            note="" if narrow.only_outcome(reader.actor.role, done) else done.note or "",
            stopped=done.target in finals and done.target not in ("issued", "closed"),
            later=bangkok_date(done.happened_at) != bangkok_date(done.recorded_at),
        )


def _who(done: Done) -> str:
    name = (
        gettext("System")
        if done.role == Role.SYSTEM
        else ", ".join(part for part in (done.name, done.position) if part)
    )
    if done.on_behalf_of:
        return gettext("%(who)s, for: %(role)s", who=name, role=gettext(Role(done.on_behalf_of).label))
    return name


def _office(desk: Desk, office: str | None) -> str:
    return (desk.session.scalar(select(RegisterEntry.name).filter_by(subject=office)) or "") if office else ""


# kin ----------------------------------------------------------------------------------------


def kin_of(desk: Desk, actor: Actor, case: Case, on: date) -> Iterable[Kin]:
    """List the cases that belong to this one, as far as the actor may see them."""
    same_worker = Case.worker == case.worker if case.worker else Case.request == case.subject
    mine = or_(Case.subject == case.request, same_worker) if case.request else same_worker
    rows = desk.session.scalars(
        select(Case)
        .where(mine, Case.subject != case.subject, visible_to(desk, actor))
        .order_by(Case.flow.desc(), Case.reference)
        .limit(MOST_KIN)
    )
    return [
        Kin(row, kind_shown(row), state_shown(actor, row), line_of(desk, actor, row, on))
        for row in rows
    ]
