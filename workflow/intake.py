"""The intake of a name list: read, kept as a preview, mended, and confirmed once with all its good rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import namelist
from forms.grid import FileFault
from forms.listfacts import ListFacts
from forms.listkept import from_json, to_json
from forms.namelist import Reading
from workflow import casework, namelists, uploads
from workflow.casework import Act, Performed
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Nothing
from workflow.domain.namelist import Finding, ListRow, ListRules
from workflow.domain.names import similarity
from workflow.domain.policies import listed_rows
from workflow.domain.record import Record
from workflow.domain.request import Demand, NameList, Request
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store import files, previews
from workflow.store.history import record_of
from workflow.store.previews import Owner, Preview
from workflow.store.projections import Account, Case, Pass, RegisterEntry, Worker
from workflow.visibility import visible_to

OPEN_FOR_A_LIST = frozenset(
    {
        Request.DRAFTED,
        Request.SUBMITTED,
        Request.RECEIVED,
        Request.INCOMPLETE,
        Request.REVIEWED,
        Request.LIST_OPEN,
    }
)
"""The states of a request in which a list may still be attached; afterwards it is amended row by row."""

SHEETS = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
PASTED = "pasted.txt"
SAME_NAME = 0.75


HandsIn = Callable[[Session, str, str, str], None]
"""Hands in the opening of a request's applications: the session, the request, the user name, the batch."""


class SeenOtherwise(Exception):
    """The list is no longer as it was shown: another window mended it, or the store knows more by now."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A list on its way: what was read, and which of its good rows are to wait."""

    preview: Preview
    reading: Reading
    waiting: frozenset[int]

    @property
    def taken(self) -> tuple[ListRow, ...]:
        """Give the good rows that go on with the next confirmation."""
        return tuple(row for row in self.reading.accepted() if row.row not in self.waiting)

    @property
    def left(self) -> Reading:
        """Give the rows that stay behind: to be mended, refused or waiting."""
        goes = {row.row for row in self.taken}
        return replace(self.reading, rows=tuple(row for row in self.reading.rows if row.row not in goes))

    @property
    def sign(self) -> str:
        """Name exactly this state of the list."""
        return f"{self.preview.reference}:{self.preview.version}"


@dataclass(frozen=True, slots=True)
class Places:
    """How many men and women a list may name; nothing is fixed before the registrar's order."""

    men: int
    women: int
    approved: bool

    def over(self, rows: Iterable[ListRow]) -> bool:
        """Say whether these rows are more than the places."""
        men, women = count_by_sex(rows)
        return men > self.men or women > self.women


@dataclass(frozen=True, slots=True)
class EarlierList:
    """A list of the same employer, from a request before this one."""

    reference: str
    workers: int
    on: date


@dataclass(frozen=True, slots=True)
class Intake:
    """One person's work on the name list of one request.

    `hands_in` gives a locked list to the work in the background, within the act that locks it.
    """

    desk: Desk
    actor: Actor
    request: Record
    hands_in: HandsIn | None = None

    # --- what there is

    def draft(self) -> Draft | None:
        """Give the list that this person has on its way, if any."""
        kept = previews.find(self.desk.session, self._owner, self.desk.now())
        if kept is None:
            return None
        try:
            reading = from_json(kept.stated["reading"])
        except ValueError:
            return None
        return Draft(kept, reading, frozenset(kept.stated["waiting"]))

    def attached(self) -> Reading | None:
        """Give the list that the request holds now, judged by the rules of today."""
        done = self.request.last("attach_list")
        if done is None:
            return None
        return self.judged(Reading(filename=done.evidence.file_name, rows=listed_rows(self.request)))

    def places(self) -> Places | None:
        """Give how many the registrar approved, or how many are asked for until then."""
        order, demand = self.request.last("decide_request"), demand_of(self.request)
        if order is not None:
            return Places(order.evidence.men, order.evidence.women, True)
        return Places(demand.men, demand.women, False) if demand else None

    def earlier(self, most: int = 6) -> list[EarlierList]:
        """List the newest lists of the same employer that could be loaded again."""
        wanted = select(Case.subject).where(
            Case.flow == "request",
            Case.employer == casework.employer_of(self.request),
            Case.subject != self.request.subject,
            visible_to(self.desk, self.actor),
        )
        found = []
        for subject in self.desk.session.scalars(wanted.order_by(Case.opened_at.desc()).limit(3 * most)):
            record = record_of(self.desk.session, subject)
            rows, done = listed_rows(record), record.last("attach_list")
            if rows and done:
                found.append(EarlierList(record.reference, len(rows), bangkok_date(done.happened_at)))
        return found[:most]

    @property
    def takes_lists(self) -> bool:
        """Say whether a list may still be attached."""
        return self.request.state in OPEN_FOR_A_LIST

    @property
    def locks(self) -> bool:
        """Say whether this person's confirmation also locks the list and opens the applications."""
        return self.request.state == Request.LIST_OPEN and self.actor.role is Role.OFFICER

    # --- a list comes in

    def take(self, filename: str, content: bytes | str, *, renewing: bool) -> Reading:
        """Read a file, or cells pasted as text, and keep it as a preview; a faulty file is not kept.

        With `renewing` it is put over the list that is there, by pass number; nobody is doubled.
        """
        reading = namelist.read(filename, content, self.rules(), self._today())
        if reading.faults:
            return reading
        sheet = content.encode() if isinstance(content, str) else content
        return self._begin(reading, sheet, renewing=renewing)

    def load(self, reference: str, *, renewing: bool) -> Reading:
        """Load the list of an earlier request of the same employer, with what the register knows by now.

        Raises LookupError for a list that is not among those of `earlier`.
        """
        if reference not in {one.reference for one in self.earlier()}:
            raise LookupError(reference)
        subject = self.desk.session.scalar(select(Case.subject).filter_by(reference=reference))
        rows = tuple(self._as_known(row) for row in listed_rows(record_of(self.desk.session, str(subject))))
        return self._begin(Reading(filename=reference, rows=rows), None, renewing=renewing)

    def _begin(self, reading: Reading, sheet: bytes | None, *, renewing: bool) -> Reading:
        before = self._to_renew() if renewing else None
        if before is not None:
            reading = namelist.renew(before, reading, self.rules(), self._today())
        reading = self.judged(replace(reading, notes=(*reading.notes, *self._other_employer(reading))))
        with casework.transaction(self.desk):
            previews.begin(self.desk.session, self._owner, _stated(reading), sheet, self.desk.now())
        return reading

    def _to_renew(self) -> Reading | None:
        draft = self.draft()
        return draft.reading if draft else self.attached()

    def _as_known(self, row: ListRow) -> ListRow:
        """Fill a row from the register of workers, which was checked at the counter since."""
        held = self.desk.session.get(Pass, row.pass_key) if row.pass_key else None
        known = self.desk.session.get(Worker, held.worker) if held else None
        if held is None or known is None:
            return row
        names = ("name_latin", "name_khmer", "name_thai", "sex")
        told = {name: getattr(known, name) for name in names if getattr(known, name)}
        if known.birth_on:
            day = known.birth_precision == "day"
            told |= {
                "birth_on": known.birth_on if day else None,
                "birth_year": known.birth_on.year,
                "birth_precision": "day" if day else "year",
                "age": None,
            }
        return replace(
            row,
            **told,
            pass_province=held.pass_province or row.pass_province,
            pass_expires_on=held.pass_expires_on or row.pass_expires_on,
        )

    def _other_employer(self, reading: Reading) -> list[FileFault]:
        subject = casework.employer_of(self.request)
        name = self.desk.session.scalar(select(RegisterEntry.name).filter_by(subject=subject)) or ""
        written = reading.facts.employer
        if not written or similarity(written, name) >= SAME_NAME:
            return []
        text = N_("The sheet names the employer “%(written)s”, the request is of “%(employer)s”.")
        return [FileFault("other_employer", text, {"written": written[:80], "employer": name})]

    # --- it is mended

    def mend(self, draft: Draft, row: int, changes: Mapping[str, str]) -> Draft:
        """Type fields of a row anew; it is judged again, here and against the store."""
        mended = namelist.mend(draft.reading, row, changes, self.rules(), self._today())
        now = mended.row(row)
        added = [finding for finding in draft.reading.added if finding.row != row]
        added += self._found([now] if now else [])
        return self._change(draft, namelist.judged(mended, self.rules(), self._today(), added))

    def drop(self, draft: Draft, row: int) -> Draft:
        """Take a row off the list."""
        return self._change(draft, namelist.drop(draft.reading, row, self.rules(), self._today()))

    def mend_page(self, draft: Draft, facts: ListFacts) -> Draft:
        """Put right what the page of the sheet states."""
        notes = tuple(note for note in draft.reading.notes if note.code != "other_employer")
        reading = namelist.mend_facts(replace(draft.reading, notes=notes), facts, self.rules(), self._today())
        return self._change(draft, replace(reading, notes=(*notes, *self._other_employer(reading))))

    def let_wait(self, draft: Draft, rows: Iterable[int]) -> Draft:
        """Choose which good rows wait."""
        good = {row.row for row in draft.reading.accepted()}
        return self._change(draft, draft.reading, frozenset(rows) & good)

    def fit(self, draft: Draft) -> Draft:
        """Let the rows wait that come after the last place, men and women each in their order."""
        places, waiting = self.places(), set()
        left = {"M": places.men, "F": places.women} if places else {}
        for row in draft.reading.accepted():
            sex = row.sex or ""
            if left.get(sex, 0) > 0:
                left[sex] -= 1
            else:
                waiting.add(row.row)
        return self.let_wait(draft, waiting)

    def discard(self) -> None:
        """Forget the list that is on its way; what is attached stays."""
        with casework.transaction(self.desk):
            previews.end(self.desk.session, self._owner)

    def _change(self, draft: Draft, reading: Reading, waiting: frozenset[int] | None = None) -> Draft:
        """Keep the mended list; raises SeenOtherwise where another window mended it first."""
        waiting = draft.waiting if waiting is None else waiting
        with casework.transaction(self.desk):
            stated = _stated(reading, waiting)
            if not previews.change(self.desk.session, draft.preview, self._owner, stated):
                raise SeenOtherwise
        return Draft(replace(draft.preview, version=draft.preview.version + 1), reading, waiting)

    # --- it is confirmed

    def confirm(self, draft: Draft, act: Act, scan: bytes | None = None) -> Performed:
        """Attach the good rows that do not wait, in one act; an officer's on an approved request locks them too.

        Raises SeenOtherwise where the store holds or frees other rows than were shown, beside what `perform` raises.
        """
        again = self.judged(draft.reading)
        if again.outcomes != draft.reading.outcomes:
            self._change(draft, again)
            raise SeenOtherwise
        checked = uploads.checked(scan) if scan else None
        locks = self.locks
        with casework.transaction(self.desk):
            file = self._keep_sheet(draft)
            if checked:
                digest = uploads.keep_within(self.desk.session, self.desk, self.request.subject, *checked)
                act = replace(act, scan=digest)
            listed = NameList(rows=draft.taken, file_name=draft.reading.filename, file=file)
            done = self._do("attach_list", listed, act)
            if locks:
                done = self._lock(Act(request_id=f"{act.request_id}:lock"))
            if not draft.left.rows:
                previews.end(self.desk.session, self._owner)
        return done

    def lock(self, act: Act) -> Performed:
        """Lock the attached list and have its applications opened; raises as `perform` does."""
        with casework.transaction(self.desk):
            return self._lock(act)

    def _lock(self, act: Act) -> Performed:
        done = self._do("lock_list", Nothing(), act)
        if self.hands_in is not None and not done.repeated:
            account = self.desk.session.get(Account, self.actor.account)
            if account is not None:
                batch = namelists.batch_of(self.actor.account, self.request.subject)
                self.hands_in(self.desk.session, self.request.subject, account.user_name, batch)
        return done

    def _keep_sheet(self, draft: Draft) -> str | None:
        sheet = previews.sheet_of(self.desk.session, self._owner)
        if sheet is None:
            return None
        suffix = draft.reading.filename[-5:].lower()
        kind = SHEETS.get(suffix, "text/plain")
        key = casework.key_of(self.desk, self.request.subject)
        return files.keep(self.desk.session, sheet, kind, key, now=self.desk.now())

    def _do(self, step: str, evidence: NameList | Nothing, act: Act) -> Performed:
        return casework.perform_within(self.desk, self.actor, self.request.subject, step, evidence, act)

    # --- parts

    @property
    def _owner(self) -> Owner:
        key = casework.key_of(self.desk, self.request.subject)
        return Owner(self.actor.account, self.request.subject, key)

    def _today(self) -> date:
        return bangkok_date(self.desk.now())

    def rules(self) -> ListRules:
        """Give what is asked of a listed worker today."""
        ruleset = self.desk.in_force(self._today(), self.desk.province_of(self.request.office))
        demand = demand_of(self.request)
        return namelists.rules_for(ruleset, demand.start_on if demand else None)

    def judged(self, reading: Reading) -> Reading:
        """Judge a list by the rules of today and by what the store knows."""
        return namelist.judged(reading, self.rules(), self._today(), self._found(reading.rows))

    def _found(self, rows: Iterable[ListRow]) -> tuple[Finding, ...]:
        return namelists.found_in_store(self.desk, rows, self.request.subject, self.actor)


def demand_of(request: Record) -> Demand | None:
    """Give the demand letter as it stands."""
    return request.stated(Demand)


def count_by_sex(rows: Iterable[ListRow]) -> tuple[int, int]:
    """Count men and women."""
    sexes = [row.sex for row in rows]
    return sexes.count("M"), sexes.count("F")


def _stated(reading: Reading, waiting: Iterable[int] = ()) -> dict[str, object]:
    return {"reading": to_json(reading), "waiting": sorted(waiting)}


# --- the applications of a locked list ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """How far the applications of a locked list are opened; `left` are those that could not be."""

    of: int
    opened: int
    tried_up_to: int
    finished: bool
    left: Reading


def opening(intake: Intake, tried_up_to: int = 0) -> Opening:
    """Say how far the applications are opened.

    It is finished when every row that has none had its try (all up to `tried_up_to`), or is in another file.
    """
    rows = listed_rows(intake.request)
    waiting = tuple(namelists.unopened(intake.desk, intake.request))
    elsewhere = {finding.row for finding in _in_other_files(intake, waiting)}
    finished = all(row.row <= tried_up_to or row.row in elsewhere for row in waiting)
    left = intake.judged(Reading(rows=waiting if finished else ()))
    return Opening(len(rows), len(rows) - len(waiting), tried_up_to, finished, left)


def _in_other_files(intake: Intake, rows: Iterable[ListRow]) -> Iterable[Finding]:
    found = namelists.found_in_store(intake.desk, rows, intake.request.subject)
    return (finding for finding in found if finding.code == "in_another_file")


def open_some(intake: Intake, tried_up_to: int, batch: str) -> int:
    """Open the next handful of applications; give the last row that had its try."""
    results = namelists.open_listed(
        intake.desk, intake.actor, intake.request.subject, batch, after=tried_up_to
    )
    tried = [int(result.subject) for result in islice(results, casework.COMMIT_EVERY)]
    return max(tried, default=max((row.row for row in listed_rows(intake.request)), default=0))
