"""Every page as every role, in Thai: nothing falls over, nobody is led to a closed door, nothing is left in English.

Two walks over one office that holds something in every state. The first opens every address that takes GET, with
real records filled in, as everybody; the marks of `workflow.web.access` say who may. The second follows every link.
"""

import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import samples
from tests.conftest import TODAY, office_at
from tests.offices import desk_at, season_at
from tests.pages import read_page
from tests.signing_in import PASSWORD, sign_in_as, token
from workflow import casework, powercut, printing
from workflow.casework import Act
from workflow.demonstration import Calendar, Season, showcase
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.flow import Step
from workflow.domain.flows import FLOWS
from workflow.domain.registers import Account
from workflow.paperwork import may_open
from workflow.people import actor_named
from workflow.store import accounts
from workflow.store.database import begin_write, db
from workflow.store.factors import equip_for_demonstration
from workflow.store.history import record_of
from workflow.store.projections import Case, Document, RegisterEntry
from workflow.visibility import visible_to
from workflow.web.access import ANYONE
from workflow.web.steps import ELSEWHERE

pytestmark = pytest.mark.timeout(900)

PEOPLE = {
    "owner": Role.EMPLOYER, "agent": Role.AGENT, "officer": Role.OFFICER, "peo": Role.OFFICER,
    "registrar": Role.REGISTRAR, "hospital": Role.HOSPITAL, "gate": Role.CHECKPOINT, "cashier": Role.CASHIER,
    "auditor": Role.AUDITOR, "admin": Role.ADMINISTRATOR, "worker": Role.WORKER, "nobody": None,
}  # fmt: skip
"""Who walks; the worker has opened the own page and nothing else."""
FOLLOWS_LINKS_ONLY = "peo"
"""A second officer, whose links lead to other steps; the addresses answer him as they do the first."""
OUTSIDE = ("worker", "nobody")
"""They have no account, so that every page of the office sends them to the sign-in."""

MANY = 5
OPENS, LEADS_ON, SENT_ON, SIGN_IN, CLOSED, FOREIGN, OUT_OF_TURN = 200, 302, 303, 302, 403, 404, 409
NEVER_ALONE = frozenset({
    # the walked office tried no measure, had no request for data and takes nothing over: their own tests do
    "measures.show", "measures.as_file", "measures.act_on", "privacy.follow", "takeover.preview", "takeover.report",
    "first.choose_password", "signin.second_factor", "signin.set_up_second_factor", "many.choose",
    "deadlines.fetch", "lists.sheet_as_received", "registers.emblem",
    "printruns.show", "printruns.file", "printruns.last_run",  # no run of this office waits at the printer
    "bars.appeal",  # nobody is barred here
    "gates.printed",  # no gate of this office was ever closed; tests/test_gates_page.py closes one
})  # fmt: skip
"""Pages in the middle of a way, that only lead on, or that want a file or a secret that this office does not hold."""


@dataclass
class Office:
    """The office that is walked through, and what its addresses may name."""

    app: Flask
    season: Season
    link: str = ""
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.season.desk.session

    @cached_property
    def cases(self) -> dict[str, Case]:
        """All cases by reference."""
        return {case.reference: case for case in self.session.scalars(select(Case).order_by(Case.reference))}

    @cached_property
    def papers(self) -> dict[str, Document]:
        return {
            paper.subject: paper for paper in self.session.scalars(select(Document).order_by(Document.number))
        }

    @cached_property
    def a_case_of_each_kind(self) -> list[Case]:
        """One case for each flow, state and employer."""
        kinds = {(case.flow, case.state, case.employer): case for case in reversed(self.cases.values())}
        return list(kinds.values())

    @cached_property
    def a_paper_of_each_kind(self) -> list[str]:
        return list({paper.key: paper.subject for paper in reversed(self.papers.values())}.values())

    def sees(self, who: str, case: Case) -> bool:
        """Say whether somebody may see a case."""
        return case.subject in self._seen_by(who)

    def _seen_by(self, who: str) -> frozenset[str]:
        if who not in self._seen:
            asked = select(Case.subject).where(visible_to(self.season.desk, self.actors[who]))
            self._seen[who] = frozenset(self.session.scalars(asked))
        return self._seen[who]

    @cached_property
    def _seen(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def long(self) -> frozenset[str]:
        """The requests with too many workers to read all their papers."""
        workers = Counter(case.request for case in self.cases.values() if case.request)
        return frozenset(case.reference for case in self.cases.values() if workers[case.subject] > MANY)

    def register(self, name: str) -> list[RegisterEntry]:
        """The entries of a register."""
        return list(
            self.session.scalars(
                select(RegisterEntry).filter_by(register=name).order_by(RegisterEntry.subject)
            )
        )


class SlowCalendar(Calendar):
    """A clock that hardly moves, so that no visit grows old on a long walk."""

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


@pytest.fixture(scope="module")
def office(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a case in every state, papers made, lists on their way, everybody able to come in."""
    home, calendar = tmp_path_factory.mktemp("walk") / "home", SlowCalendar.at(TODAY)
    shutil.copytree(model_home, home)
    app = office_at(home, calendar)
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        season = season_at(desk_at(session, calendar), calendar)
        showcase.furnish(season, tuple(dict.fromkeys(showcase.SCENES)))
        season.employer, season.owner = "orchard", "owner"
        season.request((), until="drafted", men=4)
        assert season.left == []
        powercut.reserve(season.desk, season.cast["officer"], {("application", "hold"): 1}, Act())
        office = Office(app, season, begin_account(season))
        office.actors = {who: actor_named(session, who) for who in PEOPLE if who not in OUTSIDE}
        printing.make(season.desk, office.a_paper_of_each_kind[0])
        session.rollback()
        yield office
    engine.dispose()


def begin_account(season: Season) -> str:
    """Open the account of an agent with a password, and one that still waits behind its one-time link."""
    desk, entries = season.desk, season.cast.entries
    for user_name, role in (("agent", Role.AGENT), ("invited", Role.EMPLOYER)):
        facts = Account(
            user_name=user_name,
            name="นายตัวแทน ยื่นแทน",
            role=role,
            employer=entries["orchard"],
            valid_from=TODAY,
        )
        entered = casework.begin(desk, SYSTEM, "account", "enter_account", facts, Act(), chain="SYSTEM")
        begin_write(desk.session)
        if role is Role.AGENT:
            equip_for_demonstration(desk.session, [entered.record.reference], PASSWORD, desk.now())
        else:
            link = accounts.invite_by_link(
                desk.session, entered.record.reference, desk.now(), timedelta(days=1)
            )
        desk.session.commit()
    return link


# what the addresses name ---------------------------------------------------------------------


Given = dict[str, str | int]


def filled(office: Office, rule: Rule) -> list[Given]:
    """Fill the blanks of an address with real records, own and foreign ones; a new kind of blank needs a line here."""
    name = rule.endpoint
    if not rule.arguments:
        return [{}]
    give = RECORDS.get(name) or RECORDS.get(f"{name.partition('.')[0]}.*")
    assert give is not None, f"say in RECORDS what {rule.rule} may name"
    return list(give(office))


def of_cases(office: Office) -> Iterator[Given]:
    yield from ({"reference": case.reference} for case in office.a_case_of_each_kind)


def of_each_flow(office: Office) -> Iterator[Given]:
    for name in ("request", "application", "permit"):
        yield {"reference": next(case.reference for case in office.cases.values() if case.flow == name)}


def of_requests(office: Office, **more: str | int) -> Iterator[Given]:
    yield from (
        {"reference": case.reference, **more} for case in office.a_case_of_each_kind if case.flow == "request"
    )
    yield from ({**given, **more} for given in of_each_flow(office))


def of_steps(office: Office) -> Iterator[Given]:
    """Every step of the process, on a case where it can be done now if there is one."""
    for name in ("request", "application", "permit"):
        cases = [case for case in office.a_case_of_each_kind if case.flow == name]
        for step in {row.name for row in FLOWS[name].steps}:
            now = [case for case in cases if any(row.name == step for row in open_rows(case))]
            yield {"reference": (now or cases)[0].reference, "step": step}


def open_rows(case: Case) -> tuple[Step, ...]:
    return tuple(FLOWS[case.flow].open_rows(case.state, frozenset(filter(None, case.flags.split(",")))))


def of_many(office: Office) -> Iterator[Given]:
    for flow in FLOWS.values():
        for row in (row for row in flow.steps if row.many):
            stand = (
                case for case in office.cases.values() if case.flow == flow.name and case.state in row.source
            )
            yield from ({"step": row.name, "case": case.reference} for case in [next(stand, None)] if case)


def of_files(office: Office) -> Iterator[Given]:
    issued = next(case for case in office.cases.values() if case.state == "issued")
    yield {
        "reference": issued.reference,
        "digest": record_of(office.session, issued.subject).last("check_identity").evidence.photo,
    }


def of_papers(office: Office) -> Iterator[Given]:
    yield from ({"paper": paper} for paper in office.a_paper_of_each_kind)


def of_codes(office: Office) -> Iterator[Given]:
    yield from ({"code": office.papers[paper].code} for paper in office.a_paper_of_each_kind)


def of_employers(office: Office) -> Iterator[Given]:
    yield from ({"reference": entry.reference} for entry in office.register("employer"))


def of_register(name: str) -> Callable[[Office], Iterator[Given]]:
    return lambda office: ({"subject": entry.subject} for entry in office.register(name))


RECORDS: dict[str, Callable[[Office], Iterator[Given]]] = {
    "cases.*": of_cases,
    "cases.process": of_each_flow,
    "corrections.*": of_each_flow,
    "audit.*": of_each_flow,
    "steps.*": of_steps,
    "files.*": of_files,
    "lists.*": of_requests,
    "lists.mend": lambda office: of_requests(office, row=8),
    "lists.download": lambda office: of_requests(office, kind="mending"),
    "papers.*": of_papers,
    "papers.all_of": lambda office: iter([list(of_each_flow(office))[-1]]),
    "verify.*": of_codes,
    "worker.*": of_codes,
    "many.*": of_many,
    "employer.*": of_employers,
    "bars.*": of_employers,
    "bars.act_on": lambda office: (
        {**given, "step": step}
        for given in of_employers(office)
        for step in ("warn_employer", "propose_bar", "bar_employer", "cease_employer", "serve_order", "unknown")
    ),
    "deadlines.*": of_employers,
    "deadlines.fetch": lambda office: iter([{"secret": "unknown"}]),
    "photos.*": of_requests,
    "gates.*": lambda office: iter([{"name": "ban_laem"}]),
    "powercut.*": lambda office: ({"reference": entry.reference} for entry in office.register("blanks")),
    "quotas.*": of_requests,
    "onward.begin": lambda office: (
        {**given, "step": step}
        for given in of_each_flow(office)
        for step in ("open_renewal", "open_change", "open_addition", "open_substitute")
    ),
    "onward.appeal": of_each_flow,
    "onward.other_employer": of_each_flow,
    "onward.newcomer": of_employers,
    "onward.renewals": of_employers,
    "rules.of_person": of_each_flow,
    "doctors.*": of_register("doctor"),
    "measures.*": lambda office: iter([{"reference": "unknown", "step": "apply_measure", "kind": "changes"}]),
    "privacy.enter": lambda office: iter([{"step": "enter_privacy"}, {"step": "unknown"}]),
    "privacy.follow": lambda office: iter([{"reference": "unknown"}]),
    "admin.*": lambda office: ({"reference": actor.account} for actor in office.actors.values()),
    "registers.office": of_register("office"),
    "registers.change_office": of_register("office"),
    "registers.close_office": of_register("office"),
    "registers.emblem": of_register("office"),
    "registers.hospital": of_register("hospital"),
    "registers.change_hospital": of_register("hospital"),
    "registers.close_hospital": of_register("hospital"),
    "registers.ruleset": of_register("ruleset"),
    "registers.settle": lambda office: (
        {"subject": entry.subject, "step": step}
        for entry in office.register("ruleset")
        for step in {row.name for row in FLOWS["ruleset"].steps}
    ),
    "first.*": lambda office: iter([{"token": office.link}, {"token": "unknown"}]),
    "static": lambda office: iter([{"filename": "dist/app.css"}]),
}  # fmt: skip


# who comes in --------------------------------------------------------------------------------


@dataclass
class Visitor:
    """Somebody with a browser."""

    who: str
    office: Office
    client: FlaskClient

    @classmethod
    def come(cls, who: str, office: Office) -> "Visitor":
        """Come in as far as one can."""
        visitor = cls(who, office, office.app.test_client())
        visitor.client.get("/sign-in?lang=th")
        if who == "worker":
            visitor.open_own_page()
        elif who != "nobody":
            sign_in_as(visitor.client, who)
        if who in LISTS:
            visitor.hand_in_list(LISTS[who])
        return visitor

    def open_own_page(self) -> None:
        """Open the worker's page by the code of the referral and the last signs of the pass."""
        paper = next(one for one in self.office.papers.values() if one.key == "medical_referral")
        listed = record_of(self.office.session, paper.owner).history[0].evidence.row
        signs, address = listed.pass_number[-4:], f"/w/{paper.code}"
        answer = self.client.post(
            address, data={"csrf_token": token(self.client.get(address)), "signs": signs}
        )
        assert answer.status_code == SENT_ON, answer.text

    def hand_in_list(self, state: str) -> None:
        """Leave a list on its way, good rows and bad."""
        seen = (
            case
            for case in self.office.cases.values()
            if case.state == state and self.office.sees(self.who, case)
        )
        address, sheet = (
            f"/requests/{next(seen).reference}/list",
            io.BytesIO(samples.workbook(samples.messy(12))),
        )
        typed = {"csrf_token": token(self.client.get(address)), "sheet": (sheet, "list.xlsx")}
        assert self.client.post(address, data=typed).status_code == LEADS_ON


LISTS = {"owner": "drafted", "officer": "list_open"}
"""Who has a list on its way, for a request in which state."""


# the two walks -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What one address answered to somebody, what it should, where the link to it stood, what is wrong on the page."""

    who: str
    endpoint: str
    address: str
    status: int
    may: frozenset[int]
    seen_on: str = ""
    faults: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def answers(office: Office) -> list[Answer]:
    """Everything that everybody was answered."""
    return [answer for who in PEOPLE for answer in Walk(Visitor.come(who, office)).everywhere()]


class Walk:
    """The way of one visitor through the whole office."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.office = visitor, visitor.office
        self.addresses = self.office.app.url_map.bind("localhost")
        self.seen: set[object] = set()
        self.todo: list[tuple[str, str]] = []

    def everywhere(self) -> Iterator[Answer]:
        """Open every address with real records, then every kind of link that was found."""
        self.todo.append(("/", "the sign-in"))
        if self.visitor.who != FOLLOWS_LINKS_ONLY:
            yield from self.addresses_filled()
        while self.todo:
            address, seen_on = self.todo.pop()
            kind = self.kind_of(address)
            if kind not in self.seen and not self.is_long(address):
                self.seen.add(kind)
                yield self.open(address, frozenset({OPENS, LEADS_ON}), seen_on)

    def addresses_filled(self) -> Iterator[Answer]:
        """Open every address that takes GET, with each of the records that it may name."""
        for rule in (rule for rule in self.office.app.url_map.iter_rules() if "GET" in rule.methods):
            for given in filled(self.office, rule):
                address = self.addresses.build(rule.endpoint, given)
                self.seen.add(self.kind_of(address))
                yield self.open(
                    address, frozenset(may_answer(self.office, self.visitor.who, self.matched(address)[0], given))
                )

    def is_long(self, address: str) -> bool:
        """Say whether all papers of many workers lie behind an address: other tests make those."""
        endpoint, given = self.matched(address)
        return endpoint == "papers.all_of" and given["reference"] in self.office.long

    def open(self, address: str, may: frozenset[int], seen_on: str = "") -> Answer:
        """Open an address, judge its page, keep its links for later."""
        endpoint, _ = self.matched(address)
        with self.visitor.client.get(address) as answer:
            faults: list[str] = []
            if answer.status_code == LEADS_ON:
                self.todo.append((urljoin(address, answer.location), address))
            elif answer.mimetype == "text/html":
                faults += self.look(address, answer)
            return Answer(
                self.visitor.who, endpoint, address, answer.status_code, may, seen_on, tuple(faults)
            )

    def look(self, address: str, answer: TestResponse) -> Iterator[str]:
        """Read a page; a form on it must be for somebody who sees it."""
        page = read_page(answer.text)
        yield from page.faults()
        if answer.status_code == OPENS:
            self.todo += [(urljoin(address, link), address) for link in page.links if is_inside(link)]
            for method, action in page.forms:
                yield from self.form_faults(method, urljoin(address, action))

    def form_faults(self, method: str, action: str) -> Iterator[str]:
        """Say what is wrong with where a form is sent."""
        endpoint, _ = self.matched(action, method)
        roles = getattr(self.office.app.view_functions.get(endpoint), "allowed", frozenset())
        if endpoint == "" or (roles is not ANYONE and PEOPLE[self.visitor.who] not in roles):
            yield f"has a form to {method} {action}, which is closed"

    def matched(self, address: str, method: str = "GET") -> tuple[str, Given]:
        """Find the page behind an address; nothing where there is none."""
        try:
            return self.addresses.match(urlsplit(address).path, method)
        except HTTPException:
            return "", {}

    def kind_of(self, address: str) -> object:
        """Addresses of one kind differ by a record alone: of one state, of one sort of paper."""
        endpoint, given = self.matched(address)
        asked = [pair for pair in parse_qsl(urlsplit(address).query) if pair[0] not in CHOSEN]
        told = {(name, self.sort_of(endpoint, value)) for name, value in asked}
        return (
            (endpoint or address),
            *(self.sort_of(endpoint, str(value)) for value in given.values()),
            *sorted(told),
        )

    def sort_of(self, endpoint: str, value: str) -> str:
        """Give the sort of what a value names; a word stands for itself."""
        if value in self.office.cases:
            case = self.office.cases[value]
            flags = case.flags if endpoint == "cases.show" else ""
            return case.flow if endpoint in BINDS else f"{case.flow} {case.state} {flags}"
        if value in self.office.papers:
            return self.office.papers[value].key
        return value if value.isidentifier() and value.islower() else ""


CHOSEN = ("case", "request", "show")
BINDS = ("papers.all_of", "printruns.choose")
"""Pages that bind many papers together are the same for all cases of a flow."""


def is_inside(link: str) -> bool:
    """Say whether a link stays in the office and shows something else than the same page in another language."""
    parts = urlsplit(link)
    return (
        not parts.scheme
        and not parts.netloc
        and bool(parts.path or parts.query)
        and "lang=" not in parts.query
    )


# who is to be answered what ------------------------------------------------------------------


def may_answer(office: Office, who: str, endpoint: str, given: Given) -> set[int]:
    """Say what an address may answer to somebody: by the mark of its view, then by what it names."""
    view, role = office.app.view_functions[endpoint], PEOPLE[who]
    roles = ANYONE if endpoint == "static" else view.allowed
    if roles is ANYONE:
        return {OPENS, LEADS_ON, FOREIGN}
    if who in OUTSIDE:
        return {SIGN_IN}
    if role not in roles:
        return {CLOSED}
    case = office.cases.get(given.get("reference") or given.get("case"))
    if case is not None and not office.sees(who, case):
        return {FOREIGN}
    if "paper" in given:
        return {OPENS} if opens_paper(office, who, office.papers[given["paper"]]) else {FOREIGN}
    if endpoint == "bars.act_on":
        rows = FLOWS["employer"].rows(str(given["step"]))
        return {OPENS} if any(row.may(role) for row in rows) else {CLOSED} if rows else {FOREIGN}
    if endpoint in ("steps.do", "many.do") and case is not None:
        return of_step(endpoint, case, str(given["step"]), role)
    if (
        endpoint.startswith(("employer.", "deadlines.", "bars."))
        and given
        and office.actors[who].employer not in (None, employer_of(office, given))
    ):
        return {FOREIGN}
    return {OPENS, LEADS_ON, FOREIGN}


def of_step(endpoint: str, case: Case, step: str, role: Role) -> set[int]:
    """A step is shown to whose step it is, where its turn has come."""
    rows = FLOWS[case.flow].rows(step)
    if endpoint == "steps.do" and step in ELSEWHERE:
        return {FOREIGN}
    if not any(row.may(role) for row in rows):
        return {CLOSED}
    opened = endpoint == "many.do" or any(row.name == step and row.may(role) for row in open_rows(case))
    return {OPENS} if opened else {OUT_OF_TURN}


def opens_paper(office: Office, who: str, paper: Document) -> bool:
    """Say whether a paper is for somebody."""
    (case,) = (case for case in office.cases.values() if case.subject == paper.owner)
    return office.sees(who, case) and may_open(paper.key, PEOPLE[who])


def employer_of(office: Office, given: Given) -> str:
    """Find the employer that an address names."""
    return next(
        entry.subject for entry in office.register("employer") if entry.reference == given["reference"]
    )


# what is demanded ----------------------------------------------------------------------------


def told(answers: list[Answer]) -> list[str]:
    return [
        f"{one.who}: {one.address} answered {one.status}, seen on {one.seen_on or '-'}" for one in answers
    ]


def test_every_address_answers_as_its_mark_says(answers: list[Answer]) -> None:
    assert told([one for one in answers if not one.seen_on and one.status not in one.may]) == []


def test_no_link_leads_to_a_closed_door(answers: list[Answer]) -> None:
    followed = [one for one in answers if one.seen_on]
    assert told([one for one in followed if one.status not in one.may]) == []
    assert len(followed) > 300


def test_every_page_was_shown_to_somebody(office: Office, answers: list[Answer]) -> None:
    shown = {one.endpoint for one in answers if one.status == OPENS}
    routes = {rule.endpoint for rule in office.app.url_map.iter_rules() if "GET" in rule.methods}
    assert routes - shown == NEVER_ALONE


def test_nothing_on_a_page_is_broken_or_left_in_english(answers: list[Answer]) -> None:
    assert [f"{one.who}: {one.address} {fault}" for one in answers for fault in one.faults] == []


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        ("<p>{{ name }}</p>", "shows"),
        ("<p>นาย None</p>", "shows"),
        ("<p>Back to the case</p>", "English"),
        ("<input placeholder='the name of somebody'>", "English"),
        ("<p lang='en'>the name of somebody</p>", ""),
        ("<p id=a></p><p id=a></p>", "twice"),
        ("<p>BT.29 KIM KOSAL PL160816</p>", ""),
    ],
)
def test_a_faulty_page_is_found(shown: str, fault: str) -> None:
    found = read_page(f"<html lang='th'><body>{shown}</body></html>").faults()
    assert fault in "".join(found) if fault else found == []
