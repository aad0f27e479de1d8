"""What the store knows of the rows of a sheet of paper permits: who, which permit, which employer, taken before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from workflow.casework import batched
from workflow.domain.employer_policies import LISTED
from workflow.domain.namelist import Finding, FindingKind
from workflow.domain.names import Person, same_person
from workflow.domain.takeover import PaperPermit, digits, held
from workflow.domain.words import N_
from workflow.namelists import person_of
from workflow.store.projections import Case, OfficialNumber, Pass, RegisterEntry, Worker
from workflow.store.truth import EventRow

DONE = "taken_over"
"""The code of a row that was taken over already."""
AT_ONCE = 500
"""So many rows are looked up together."""

_IN_REGISTER = N_("This permit is in the register: %(reference)s.")
_IN_OTHER_FILE = N_("This permit number stands in another file: %(reference)s.")
_REJECTED = N_(
    "This row was taken over before and a second person rejected it. Mend it in your sheet and hand the sheet in anew."
)
_OTHER_NAME = N_("This border pass is registered for a person of another name.")
_HAS_PERMIT = N_("The worker holds a running permit already: %(reference)s.")
_OTHER_NUMBER = N_(
    "The register knows this worker under the foreigner number %(known)s; compare both with the paper."
)
_OF_ANOTHER = N_("This foreigner number belongs to another worker of the register.")
_NO_EMPLOYER = N_(
    "No employer with this number is in the register; add the name, or enter the employer first."
)
_NEW_EMPLOYER = N_(
    "The employer “%(name)s” is not in the register and is entered with this row; complete the entry afterwards."
)
_CEASED = N_(
    "The employer with this number is out of business in the register. Reopen the entry first, or correct the number."
)


def found_in_store(session: Session, rows: Iterable[PaperPermit], sign: str) -> Iterator[Finding]:
    """Say what the store has against each row; `sign` is the preview's, under which rows were taken over before."""
    for some in batched(rows, AT_ONCE):
        known = _Known.of(session, some, sign)
        for row in some:
            yield from known.against(row)


def request_of(sign: str, row: PaperPermit) -> str:
    """Name the act that takes over one row of a sheet, so that it is done once."""
    return f"{sign}:{row.row}"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store holds under the passes, numbers and employers that some rows name."""

    sign: str
    before: dict[str, str]
    holders: dict[str, Worker]
    permits: dict[str, Row[Any]]
    running: dict[str, str]
    foreigners: dict[str, str]
    employers: dict[str, str]

    @classmethod
    def of(cls, session: Session, rows: Sequence[PaperPermit], sign: str) -> "_Known":
        """Look all rows up together."""
        passes = {row.pass_key for row in rows if row.pass_key}
        held_by = select(Pass.pass_key, Worker).join(Worker, Worker.subject == Pass.worker)
        holders = dict(session.execute(held_by.where(Pass.pass_key.in_(passes))).all())
        permits = (
            select(OfficialNumber.value, Case.subject, Case.worker, Case.reference)
            .join(Case, Case.subject == OfficialNumber.subject)
            .where(OfficialNumber.kind == "permit", OfficialNumber.value.in_({row.number for row in rows}))
        )
        live = select(Case.worker, Case.reference).filter_by(flow="permit", state="active")
        numbers = {digits(row.foreigner_number) for row in rows if row.foreigner_number}
        foreigners = select(Worker.foreigner_number, Worker.subject)
        employers = select(RegisterEntry.number, RegisterEntry.state).filter_by(register="employer")
        listed_last = employers.order_by(RegisterEntry.state == LISTED)
        acts = {request_of(sign, row) for row in rows}
        return cls(
            sign=sign,
            before=_pairs(session, select(EventRow.request_id, EventRow.subject), acts),
            holders=holders,
            permits={one.value: one for one in session.execute(permits)},
            running=_pairs(session, live, {worker.subject for worker in holders.values()}),
            foreigners=_pairs(session, foreigners, numbers),
            employers=_pairs(session, listed_last, {digits(row.employer_number) for row in rows}),
        )

    def against(self, row: PaperPermit) -> Iterator[Finding]:
        """Say what speaks against one row; of what was taken over already nothing more is said."""
        taken = self._taken(row)
        if taken is not None:
            yield taken
            return
        yield from self._of_person(row)
        yield from self._of_employer(row)

    def _taken(self, row: PaperPermit) -> Finding | None:
        """Say that a row is a permit already: this very one, another under its number, one that was rejected."""
        if not (row.permit_number and row.permit_book):
            return None
        case, mine = self.permits.get(row.number), self.before.get(request_of(self.sign, row))
        holder = self.holders.get(row.pass_key or "")
        if case is None:
            return _refused(row, "rejected", _REJECTED) if mine else None
        if case.subject == mine or (holder is not None and case.worker == holder.subject):
            return _refused(row, DONE, _IN_REGISTER, reference=case.reference)
        return held(row.row, "permit_number", "number_used", _IN_OTHER_FILE, reference=case.reference)

    def _of_person(self, row: PaperPermit) -> Iterator[Finding]:
        holder, number = self.holders.get(row.pass_key or ""), digits(row.foreigner_number)
        if holder is not None:
            person = Person(
                name_latin=row.name_latin, name_khmer=row.name_khmer, name_thai=row.name_thai, sex=row.sex
            )
            if not same_person(person, person_of(holder)).worth_a_look:
                yield held(row.row, "pass_number", "pass_of_another", _OTHER_NAME)
            if reference := self.running.get(holder.subject):
                yield held(row.row, "pass_number", "has_permit", _HAS_PERMIT, reference=reference)
            if number and holder.foreigner_number and holder.foreigner_number != number:
                known = holder.foreigner_number
                yield held(row.row, "foreigner_number", "foreigner_differs", _OTHER_NUMBER, known=known)
        other = self.foreigners.get(number)
        if other is not None and (holder is None or other != holder.subject):
            yield held(row.row, "foreigner_number", "foreigner_of_another", _OF_ANOTHER)

    def _of_employer(self, row: PaperPermit) -> Iterator[Finding]:
        number = digits(row.employer_number)
        state = self.employers.get(number)
        if len(number) != 13 or state == LISTED:
            return
        if state is not None:
            yield held(row.row, "employer_number", "employer_ceased", _CEASED)
        elif not row.employer_name:
            yield held(row.row, "employer_number", "employer_unknown", _NO_EMPLOYER)
        else:
            name = {"name": row.employer_name[:80]}
            yield Finding(
                FindingKind.WARNING, "employer_new", row.row, _NEW_EMPLOYER, name, "employer_number"
            )


def _pairs(session: Session, asked: Select[Any], among: set[str]) -> dict[str, str]:
    """Give the second column by the first, where the first is among these."""
    return dict(session.execute(asked.where(asked.selected_columns[0].in_(among))).all())


def _refused(row: PaperPermit, code: str, text: str, **values: str) -> Finding:
    return Finding(FindingKind.REFUSED, code, row.row, text, values, "permit_number")
