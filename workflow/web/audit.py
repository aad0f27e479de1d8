"""The auditor's desk: days, files, proofs and registers; reads and prints, each on record, and changes nothing."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, abort, make_response, render_template, request, send_file, url_for
from flask_babel import force_locale, gettext

from workflow import auditing, dayclosing, ledgers
from workflow.auditing import Entry, Proof
from workflow.dayclosing import End
from workflow.desk import SYSTEM_CHAIN
from workflow.domain.actor import Role
from workflow.domain.flows import step_label
from workflow.domain.names import clean_text
from workflow.domain.record import Record
from workflow.domain.thai import bangkok_date, numeric_date, parse_date
from workflow.domain.words import N_
from workflow.ledgers import Gap, Line
from workflow.store.chain import heads
from workflow.store.projections import Account, Case, RegisterEntry
from workflow.visibility import case_seen
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.casepage import case_page
from workflow.web.reading import note_look, note_reading, show_purpose
from workflow.web.shown import language, show_date
from workflow.web.signs import own_sign, sign_of_form

audit = Blueprint("audit", __name__, url_prefix="/audit")

MOST_EVENTS = 200
LONGEST_DAYS = 366
NO_MARK = N_("Type what stands on the sheet: the chain, the number and at least 16 signs of the hash, with / between.")


COLUMNS = (
    N_("Number"),
    N_("Day"),
    N_("Reference"),
    N_("Name"),
    N_("About"),
    N_("Where it stands"),
    N_("Amount"),
    N_("Taken by"),
)


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """An office on a day: how many events, where its chain stands."""

    office: RegisterEntry
    events: int
    live: int
    seq: int
    hash: str


@audit.get("")
@allow(Role.AUDITOR)
@in_menu(N_("Audit"), order=20)
def home() -> str:
    """Show the offices of the audit order and what was recorded on a day."""
    at, actor, on = desk(), current_actor(), _day()
    offices = auditing.offices_in_view(at, actor)
    chains = [office.subject for office in offices]
    note_look("office", ",".join(chains), f"events of a day: {on.isoformat()}")
    return render_template(
        "audit.html",
        offices=[_office_day(office, on) for office in offices],
        entries=[_told(entry) for entry in auditing.entries_of_day(at, chains, on, MOST_EVENTS)],
        most=MOST_EVENTS,
        proofs=[_proof_of(look) for look in auditing.looks_of_day(at, chains, on, "account")],
        on=on,
        today=bangkok_date(at.now()),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
    )


def _office_day(office: RegisterEntry, on: date) -> OfficeDay:
    at = desk()
    head = heads(at.session).get(office.subject)
    return OfficeDay(
        office,
        auditing.count_of_day(at, office.subject, on),
        at.session.query(Case).filter_by(office=office.subject, live=True).count(),
        head.seq if head else 0,
        head.hash.hex() if head else "",
    )


def _day(name: str = "on") -> date:
    """Give the day asked for, typed in either era; today where none or nonsense is."""
    return _typed_day(name) or bangkok_date(desk().now())


def _typed_day(name: str) -> date | None:
    return getattr(parse_date(clean_text(request.args.get(name, ""))[:40]), "on", None)


def typed_day(on: date) -> str:
    """Write a day as it is typed, in the era of the reader's language."""
    return numeric_date(on) if language() == "th" else f"{on:%d/%m/%Y}"


def _told(entry: Entry) -> dict[str, object]:
    envelope = entry.envelope
    return {
        "seq": entry.seq,
        "chain": envelope.chain,
        "hash": entry.hash,
        "when": envelope.recorded_at,
        "step": gettext(step_label(envelope.flow, envelope.step)),
        "who": entry.who,
        "role": envelope.role,
        "about": entry.about,
        "reference": entry.reference,
        "number": envelope.number,
    }


def _proof_of(look: auditing.Look) -> dict[str, object]:
    about = desk().session.get(Account, look.subject)
    return {
        "when": look.read_at,
        "who": _account_name(look.person),
        "purpose": show_purpose(look.purpose),
        "about": f"{about.name} ({about.user_name})" if about else look.subject,
    }


def _account_name(reference: str) -> str:
    found = desk().session.get(Account, reference)
    return found.name if found else reference


# a case file --------------------------------------------------------------------------------


@audit.get("/cases/<string:reference>")
@allow(Role.AUDITOR)
def case_file(reference: str) -> str:
    """Show a case file whole: facts, papers, every event with its hash, and who looked at it."""
    return _file_page(reference)


def _file_page(reference: str, problem: str = "") -> str:
    at, actor = desk(), current_actor()
    case = case_seen(at, actor, reference)
    record = at.record(case.subject)
    note_reading(record, "case file")
    return render_template(
        "audit_case.html",
        page=case_page(at, actor, case, record),
        entries=[_told(entry) for entry in auditing.entries_of(at, case.subject)],
        looks=[
            (look, _account_name(look.person), show_purpose(look.purpose))
            for look in auditing.looks_at(at, case.subject)
        ],
        request_id=sign_of_form(),
        problem=problem,
    )


@audit.post("/cases/<string:reference>/print")
@allow(Role.AUDITOR)
def print_file(reference: str) -> Response:
    """Print a case file: the index with its proof, then audit copies of all papers, outside the count."""
    at, actor = desk(), current_actor()
    case = case_seen(at, actor, reference)
    reason = clean_text(request.form.get("reason", ""))[:300]
    if not reason:
        return make_response(_file_page(reference, gettext("Say why the file is printed.")), 422)
    with force_locale("th"):
        body = auditing.case_file(at, actor, case, reason, own_sign(), gettext)
    record: Record = at.record(case.subject)
    note_reading(record, f"case file printed: {reason}"[:200])
    return send_file(io.BytesIO(body), "application/pdf", download_name=f"{case.reference}-file.pdf")


# verification -------------------------------------------------------------------------------


@audit.get("/verify")
@allow(Role.AUDITOR)
@in_menu(N_("Verify the records"), order=30)
def verify() -> str:
    """Verify a case, a day or an office, and show the result so that it can be printed and signed."""
    at, actor = desk(), current_actor()
    offices = auditing.offices_in_view(at, actor)
    what, proof, about = request.args.get("what", ""), None, ""
    if what == "case":
        case = case_seen(at, actor, clean_text(request.args.get("reference", "")).upper())
        proof, about = auditing.verify_case(at, case), f"{case.reference} · {case.title}"
        note_look(case.flow, case.subject, "verified")
    elif what in ("day", "office"):
        proof, about = _office_proof(what, offices)
    mark = dayclosing.read_mark(request.args.get("sheet", "")) if what == "sheet" else None
    if mark is not None:
        proof, about = _sheet_proof(mark, offices), mark.mark
    return render_template(
        "audit_verify.html",
        what=what,
        proof=proof,
        about=about,
        offices=offices,
        asked=request.args,
        problem=gettext(NO_MARK) if what == "sheet" and mark is None else "",
        now=at.now(),
        on=typed_day(_day()),
    )


def _office_proof(what: str, offices: list[RegisterEntry]) -> tuple[Proof, str]:
    office = next((one for one in offices if one.subject == request.args.get("office")), None) or abort(404)
    note_look("office", office.subject, "verified, a day" if what == "day" else "verified, an office")
    if what == "office":
        return auditing.verify_office(desk(), office.subject), office.name
    on = _day()
    return auditing.verify_day(desk(), office.subject, on), f"{office.name} · {show_date(on)}"


def _sheet_proof(mark: End, offices: list[RegisterEntry]) -> Proof:
    """Hold a chain against a day-closing sheet; an auditor reads the chains of the order and that of the system."""
    if mark.chain not in (SYSTEM_CHAIN, *(one.subject for one in offices)):
        abort(404)
    note_look("office", mark.chain, "verified against a sheet")
    return dayclosing.verify_since(desk(), mark)


# registers ----------------------------------------------------------------------------------


@audit.get("/registers")
@allow(Role.AUDITOR)
@in_menu(N_("Registers"), order=40)
def registers() -> str:
    """Show a register of a day or of more days, numbers in order, each gap explained."""
    kind, first, last = _asked_register()
    lines = ledgers.ledger(desk(), current_actor(), kind, first, last)
    note_look("register", kind, f"register: {first.isoformat()} – {last.isoformat()}", len(lines))
    return render_template(
        "audit_registers.html",
        kinds=ledgers.KINDS,
        kind=kind,
        first=first,
        last=last,
        typed=typed_day,
        lines=lines,
        total=ledgers.total(lines),
        states=ledgers.STATES,
        explained=explained,
        pdf=url_for("closing.register", kind=kind, first=first.isoformat(), last=last.isoformat()),
        csv=url_for(".register_csv", kind=kind, first=first.isoformat(), last=last.isoformat()),
    )


@audit.get("/registers.csv")
@allow(Role.AUDITOR)
def register_csv() -> Response:
    """Give the register as a file for a sheet; nothing in it is read as a formula."""
    kind, first, last = _asked_register()
    lines = ledgers.ledger(desk(), current_actor(), kind, first, last)
    note_look("register", kind, f"register as file: {first.isoformat()} – {last.isoformat()}", len(lines))
    answer = make_response("\ufeff" + written(_cells(lines)))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{first}-{last}.csv"'
    return answer


def _asked_register() -> tuple[str, date, date]:
    """Read which register of which days; without days, of this month until today."""
    today = bangkok_date(desk().now())
    first, last = _typed_day("first") or today.replace(day=1), _typed_day("last") or today
    first, last = min(first, last), max(first, last)
    kind = request.args.get("kind", "permits")
    return kind if kind in ledgers.KINDS else "permits", max(first, last - timedelta(days=LONGEST_DAYS)), last


def explained(gap: Gap) -> str:
    """Write why numbers are missing."""
    values = {
        name: show_date(value) if isinstance(value, date) else value for name, value in gap.values.items()
    }
    return gettext(gap.text, **values)


def _cells(lines: Iterable[Line | Gap]) -> Iterator[list[str]]:
    yield [gettext(head) for head in COLUMNS]
    for line in lines:
        if isinstance(line, Gap):
            numbers = line.first if line.count == 1 else f"{line.first} – {line.last}"
            yield [numbers, "", "", explained(line), "", gettext("Not among these"), "", ""]
        else:
            yield _cells_of(line)


def _cells_of(line: Line) -> list[str]:
    state = gettext(ledgers.STATES.get(line.state, line.state))
    amount = "" if line.amount is None else f"{line.amount:.2f}"
    about = gettext(line.about) if line.about else ""
    return [line.number, line.on.isoformat(), line.case, line.title, about, state, amount, line.by]


def written(rows: Iterable[list[str]]) -> str:
    """Write rows for a sheet; a cell that a sheet would run as a formula is made plain text."""
    kept = io.StringIO()
    csv.writer(kept, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return kept.getvalue()


def harmless(cell: str) -> str:
    """Keep a sheet from reading a cell as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
