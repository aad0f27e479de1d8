"""What lists of cases show: chosen by tray, flow, state, request and search; a page at a time, counts capped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select

from workflow import lookups, medical
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.flow import START
from workflow.domain.flows import FLOWS
from workflow.domain.names import clean_text, pass_key
from workflow.domain.oddities import Oddity, oddities
from workflow.domain.standing import Standing
from workflow.domain.thai import bangkok_date
from workflow.store.projections import Case, Pass, RegisterEntry, Worker
from workflow.visibility import visible_to
from workflow.web.casepage import line_of, state_shown
from workflow.web.choices import ruleset_for
from workflow.web.trays import TRAYS, Tray

A_PAGE = 50
CAP = 1000
"""Counts stop here: "1,000 and more" is as good as the number."""
ODD_ONES_OF = 200
MOST_FOUND = 300
"""A search that means more than so many persons is told the first of them; one more word makes it narrower."""
ENDLESS = frozenset({"all", "ended"})
"""Lists without a day to keep, shown in the order of their references."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for."""

    tray: str = ""
    flow: str = ""
    state: str = ""
    request: str = ""
    words: str = ""
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Wanted":
        """Read it from an address."""
        said = {
            name: clean_text(asked.get(name, ""))[:100]
            for name in ("tray", "flow", "state", "request", "q", "page")
        }
        page = int(said["page"]) if said["page"].isdecimal() else 1
        return cls(
            tray=said["tray"],
            flow=said["flow"],
            state=said["state"],
            request=said["request"],
            words=said["q"],
            page=max(1, min(page, CAP // A_PAGE)),
        )

    @property
    def choosing(self) -> bool:
        """Say whether something was chosen beside the tray."""
        return bool(self.flow or self.state or self.request or self.words)


@dataclass(frozen=True, slots=True)
class Counted:
    """A tray with how many cases lie in it."""

    tray: Tray
    count: int

    @property
    def more(self) -> bool:
        """Say whether there are more than were counted."""
        return self.count >= CAP


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a list."""

    case: Case
    state: str
    standing: Standing
    numbers: str
    employer: str
    odd: tuple[Oddity, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list."""

    rows: list[Row]
    count: int
    page: int
    steps: list[tuple[str, str, int]]

    @property
    def pages(self) -> int:
        """Count the pages."""
        return max(1, -(-self.count // A_PAGE))

    @property
    def more(self) -> bool:
        """Say whether there are more than were counted."""
        return self.count >= CAP


def counted(desk: Desk, actor: Actor) -> list[Counted]:
    """Count what lies in each tray of an actor."""
    on, mine = bangkok_date(desk.now()), visible_to(desk, actor)
    return [
        Counted(tray, _count(desk, and_(mine, tray.holds(actor, on)))) for tray in TRAYS.get(actor.role, ())
    ]


def _count(desk: Desk, condition: ColumnElement[bool]) -> int:
    some = select(Case.subject).where(condition).limit(CAP).subquery()
    return desk.session.scalar(select(func.count()).select_from(some)) or 0


def listing(desk: Desk, actor: Actor, wanted: Wanted) -> Listing:
    """Give a page of what is wanted, as far as the actor may see it."""
    on = bangkok_date(desk.now())
    condition = and_(visible_to(desk, actor), *_conditions(desk, actor, wanted, on))
    count = _count(desk, condition)
    odd_first = actor.role is Role.REGISTRAR and wanted.tray == "decide"
    found = _odd_first(desk, actor, condition, wanted) if odd_first else _page(desk, condition, wanted)
    rows = rows_of(desk, actor, found, on, odd=odd_first)
    tray = tray_of(actor, wanted)
    steps = many_steps(actor, [row.case for row in rows])
    fit = [step for step in steps if tray is None or not tray.many or step[0] in tray.many]
    return Listing(rows, count, wanted.page, fit)


def _conditions(desk: Desk, actor: Actor, wanted: Wanted, on: date) -> Iterable[ColumnElement[bool]]:
    tray = tray_of(actor, wanted)
    if tray is not None:
        yield tray.holds(actor, on)
    if wanted.flow in FLOWS:
        yield Case.flow == wanted.flow
    if wanted.state:
        yield Case.state == wanted.state
    if wanted.request:
        asked = select(Case.subject).where(Case.reference == wanted.request, visible_to(desk, actor))
        yield Case.request.in_(asked)
    if wanted.words:
        yield matching(desk, actor, wanted.words)


def tray_of(actor: Actor, wanted: Wanted) -> Tray | None:
    """Find the tray that is asked for on an actor's desk."""
    return next((tray for tray in TRAYS.get(actor.role, ()) if tray.key == wanted.tray), None)


def _page(desk: Desk, condition: ColumnElement[bool], wanted: Wanted) -> list[Case]:
    by_day = (Case.due_on.is_(None), Case.due_on, Case.reference)
    chosen = (
        select(Case).where(condition).order_by(*((Case.reference,) if wanted.tray in ENDLESS else by_day))
    )
    return list(desk.session.scalars(chosen.offset((wanted.page - 1) * A_PAGE).limit(A_PAGE)))


def _odd_first(desk: Desk, actor: Actor, condition: ColumnElement[bool], wanted: Wanted) -> list[Case]:
    """Of the longest-waiting ones the odd come first; beyond them the order of the day holds."""
    chosen = select(Case).where(condition).order_by(Case.due_on, Case.reference).limit(ODD_ONES_OF)
    first = list(desk.session.scalars(chosen))
    odd = {subject for subject, told in odd_among(desk, actor, first).items() if told}
    ordered = sorted(first, key=lambda case: case.subject not in odd)
    start = (wanted.page - 1) * A_PAGE
    return ordered[start : start + A_PAGE] if start < len(ordered) else _page(desk, condition, wanted)


def odd_among(desk: Desk, actor: Actor, found: Iterable[Case]) -> dict[str, tuple[Oddity, ...]]:
    """List what is unusual about cases: each in itself, and its medical results beside those of others."""
    subjects = [case.subject for case in found]
    flags = medical.flags_among(desk, subjects, ruleset_for(desk, actor))
    return {subject: (*_odd_in_itself(desk, actor, subject), *flags.get(subject, ())) for subject in subjects}


def _odd_in_itself(desk: Desk, actor: Actor, subject: str) -> tuple[Oddity, ...]:
    record = desk.record(subject)
    return oddities(record, lookups.facts_for(desk, record, None, actor, desk.now()))


def rows_of(desk: Desk, actor: Actor, found: Iterable[Case], on: date, *, odd: bool = False) -> list[Row]:
    """Draw the rows of a list."""
    found = list(found)
    passes, employers = _passes(desk, found), _employers(desk, found)
    unusual = odd_among(desk, actor, found) if odd else {}
    return [
        Row(
            case,
            state_shown(actor, case),
            line_of(desk, actor, case, on),
            passes.get(case.worker or "", ""),
            employers.get(case.employer or "", "") if case.worker else "",
            unusual.get(case.subject, ()),
        )
        for case in found
    ]


def _passes(desk: Desk, found: list[Case]) -> dict[str, str]:
    workers = {case.worker for case in found if case.worker}
    rows = desk.session.execute(
        select(Pass.worker, Pass.pass_number).where(Pass.worker.in_(workers)).order_by(Pass.pass_expires_on)
    )
    return {row.worker: row.pass_number for row in rows}


def _employers(desk: Desk, found: list[Case]) -> dict[str, str]:
    named = {case.employer for case in found if case.employer}
    rows = desk.session.execute(
        select(RegisterEntry.subject, RegisterEntry.name).where(RegisterEntry.subject.in_(named))
    )
    return {row.subject: row.name for row in rows}


# many at once -------------------------------------------------------------------------------


def many_steps(actor: Actor, cases: Iterable[Case]) -> list[tuple[str, str, int]]:
    """List the steps that may be done on many of these cases at once, with how many are open for it."""
    found: dict[str, tuple[str, int]] = {}
    for case in cases:
        for name, label in open_to_many(actor, case).items():
            found[name] = (label, found.get(name, ("", 0))[1] + 1)
    return [(name, label, count) for name, (label, count) in found.items()]


def open_to_many(actor: Actor, case: Case) -> dict[str, str]:
    """Name the steps open on a case that may be done on many, by what state and flags say."""
    flags = frozenset(filter(None, case.flags.split(",")))
    rows = FLOWS[case.flow].open_rows(case.state or START, flags)
    return {row.name: row.label for row in rows if row.many and row.may(actor.role)}


# search -------------------------------------------------------------------------------------


def matching(desk: Desk, actor: Actor, words: str) -> ColumnElement[bool]:
    """Find cases by a person's names in any script and order, pass, foreigner number, reference or employer.

    Who is meant is looked up first, each in its own table; the cases are then found by index.
    """
    whole, session = _like(words), desk.session
    in_sight = select(Case.subject).where(Case.worker == Worker.subject, visible_to(desk, actor)).exists()
    people = session.scalars(select(Worker.subject).where(_person(words), in_sight).limit(MOST_FOUND))
    named = select(RegisterEntry.subject).where(RegisterEntry.name.ilike(whole, escape="\\"))
    employers = session.scalars(named.where(RegisterEntry.register == "employer").limit(MOST_FOUND))
    found = or_(Case.worker.in_(list(people)), Case.employer.in_(list(employers)))
    return or_(found, Case.subject.in_(_referred(desk, actor, whole))) if _has_digit(words) else found


def _referred(desk: Desk, actor: Actor, whole: str) -> list[str]:
    same = select(Case.subject).where(
        Case.reference.like(whole.upper(), escape="\\"), visible_to(desk, actor)
    )
    return list(desk.session.scalars(same.limit(MOST_FOUND)))


def _has_digit(words: str) -> bool:
    return any(character.isdigit() for character in words)


def _person(words: str) -> ColumnElement[bool]:
    """Every word is somewhere in what a person is found by; a number may be typed with spaces or hyphens."""
    each = and_(*(Worker.search_text.like(_like(word.upper()), escape="\\") for word in words.split()))
    folded = pass_key(words)
    return or_(each, Worker.search_text.contains(folded, autoescape=True)) if folded else each


def _like(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
