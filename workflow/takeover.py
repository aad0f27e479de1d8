"""Taking over the paper permits that run: a sheet is read, looked through, and confirmed once, row by row."""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from sqlalchemy import select

from forms import takeover as reading
from forms.takeover import Sheet
from workflow import casework
from workflow.casework import Act, Performed, Result
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor
from workflow.domain.flow import Refusal, Refused, StepFault
from workflow.domain.namelist import Finding, FindingKind, Outcome, outcomes
from workflow.domain.names import pass_key
from workflow.domain.permit import PermitTakenOver
from workflow.domain.registers import Employer, EmployerKind
from workflow.domain.rulesets import NONE, Ruleset
from workflow.domain.takeover import PaperPermit, digits, judge
from workflow.domain.thai import bangkok_date
from workflow.namelists import enter_person
from workflow.store import previews
from workflow.store.history import CaseNotFound, record_of
from workflow.store.previews import Owner, Preview
from workflow.store.projections import Pass, RegisterEntry
from workflow.takeoverknown import DONE, found_in_store, request_of

PLACE = "takeover"
"""Where the sheet on its way is kept: at most one for each account."""


class SheetReplaced(StepFault):
    """Another sheet was handed in, or this one put away, since it was looked through."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sheet on its way, judged as of today by the rules and by what the store knows."""

    preview: Preview
    sheet: Sheet
    findings: tuple[Finding, ...]
    becomes: dict[int, Outcome]

    @property
    def good(self) -> list[PaperPermit]:
        """Give the rows that may be taken over now."""
        return [row for row in self.sheet.rows if self.becomes[row.row] is Outcome.ACCEPTED]

    @property
    def done(self) -> list[PaperPermit]:
        """Give the rows that were taken over already."""
        taken = {one.row for one in self.findings if one.code == DONE}
        return [row for row in self.sheet.rows if row.row in taken]

    def found_in(self, row: int) -> list[Finding]:
        """Give what was found in one row."""
        return [one for one in self.findings if one.row == row]


@dataclass(frozen=True, slots=True)
class TakingOver:
    """One officer's work on the sheet of an office."""

    desk: Desk
    actor: Actor

    # --- a sheet comes in

    def take(self, filename: str, content: bytes | str) -> Sheet:
        """Read a file, or pasted cells, and keep it as a preview; a faulty file is not kept."""
        sheet = reading.read(filename, content, self._gates())
        if sheet.faults:
            return sheet
        packed = content.encode() if isinstance(content, str) else content
        with casework.transaction(self.desk):
            previews.begin(self.desk.session, self._owner, reading.to_json(sheet), packed, self.desk.now())
        return sheet

    def draft(self) -> Draft | None:
        """Give the sheet on its way, judged anew; nothing where there is none."""
        kept = previews.find(self.desk.session, self._owner, self.desk.now())
        if kept is None:
            return None
        try:
            sheet = reading.from_json(kept.stated)
        except ValueError:
            return None
        unread = {(one.row, one.field or "") for one in sheet.unread}
        found = [
            *sheet.unread,
            *judge(sheet.rows, self._rules(), self._today(), unread),
            *found_in_store(self.desk.session, sheet.rows, kept.reference),
        ]
        placed = [
            replace(one, cell=sheet.cell(one.field, one.row))
            for one in sorted(found, key=lambda one: one.row)
        ]
        return Draft(kept, sheet, tuple(placed), outcomes(sheet.rows, placed))

    def discard(self) -> None:
        """Forget the sheet on its way; what was taken over stays."""
        with casework.transaction(self.desk):
            previews.end(self.desk.session, self._owner)

    # --- it is confirmed

    def take_over(self, draft: Draft, most: int = casework.COMMIT_EVERY) -> list[Result]:
        """Open worker and permit of the next good rows, at most `most` in one commit; safe to repeat.

        Each row stands or falls alone; one that cannot be taken over is left and told.
        """
        rows = draft.good[:most]
        with casework.transaction(self.desk):
            packed = self._sheet(draft.preview)
            digest, against = sha256(packed).hexdigest(), self._against(rows, draft.preview.reference)
            return [self._one(draft, row, digest, against.get(row.row, [])) for row in rows]

    def _sheet(self, looked_through: Preview) -> bytes:
        """Open the very sheet that was looked through; raises SheetReplaced where it is there no more."""
        kept = previews.find(self.desk.session, self._owner, self.desk.now())
        packed = previews.sheet_of(self.desk.session, self._owner)
        if packed is None or kept is None or kept.reference != looked_through.reference:
            raise SheetReplaced(looked_through.reference)
        return packed

    def _against(self, rows: list[PaperPermit], sign: str) -> dict[int, list[Refusal]]:
        """Look again at what stops a row: the store may have moved since the sheet was looked through."""
        found: dict[int, list[Refusal]] = {}
        for one in found_in_store(self.desk.session, rows, sign):
            if one.kind is not FindingKind.WARNING and one.code != DONE:
                found.setdefault(one.row, []).append(Refusal(one.code, one.text, one.params, one.field))
        return found

    def _one(self, draft: Draft, row: PaperPermit, digest: str, against: list[Refusal]) -> Result:
        if against:
            return Result(str(row.row), fault=Refused(against))
        act = Act(request_id=request_of(draft.preview.reference, row))
        try:
            done = casework.alone(self.desk, lambda: self._open(draft.sheet.filename, row, digest, act))
        except (StepFault, CaseNotFound) as fault:
            return Result(str(row.row), fault=fault)
        return Result(str(row.row), done)

    def _open(self, filename: str, row: PaperPermit, digest: str, act: Act) -> Performed:
        employer, worker = self._employer(row), self._worker(row)
        stated = PermitTakenOver(
            worker=worker,
            employer=employer,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            job=row.job or "",
            workplace=row.workplace or "",
            permit_book=row.permit_book or "",
            permit_number=row.permit_number or "",
            foreigner_number=digits(row.foreigner_number),
            gate=row.gate or "",
            stay_until=row.stay_until,
            sheet=filename,
            sheet_digest=digest,
            sheet_row=row.row,
        )
        chain = self.actor.office or ""
        return casework.open_subject(
            self.desk, self.actor, "permit", "take_over_permit", stated, act, chain=chain, key=worker
        )

    def _employer(self, row: PaperPermit) -> str:
        """Find the employer by the number; one who is not in the register is entered from the sheet."""
        number = digits(row.employer_number)
        known = self._employer_entry(number)
        if known is not None:
            return known.subject
        juristic = number.startswith("0")
        entered = Employer(
            kind_of=EmployerKind.JURISTIC if juristic else EmployerKind.NATURAL,
            name=row.employer_name or "",
            number=number,
            business=row.job or "",
            address=row.workplace or "",
            signatory=row.employer_name or "",
        )
        subject, chain = f"em{self.desk.chance(14)}", self.actor.office or ""
        casework.open_subject(
            self.desk,
            self.actor,
            "employer",
            "enter_employer",
            entered,
            Act(),
            chain=chain,
            key=subject,
            subject=subject,
        )
        return subject

    def _worker(self, row: PaperPermit) -> str:
        """Find the person by the pass, or enter a new one; a known person learns the foreigner number."""
        holder = self._holder(row)
        number = digits(row.foreigner_number)
        if holder is not None:
            record = record_of(self.desk.session, holder)
            known = record.last("enter_worker", "amend_worker").evidence
            if not known.foreigner_number:
                now = replace(known, foreigner_number=number, freed=())
                casework.carry_on(self.desk, SYSTEM, record, "amend_worker", now)
            return holder
        return enter_person(self.desk, self.actor.office or "", row, foreigner_number=number)

    # --- parts

    def _employer_entry(self, number: str) -> RegisterEntry | None:
        return self.desk.session.scalars(
            select(RegisterEntry).filter_by(register="employer", number=number, state="listed").limit(1)
        ).first()

    def _holder(self, row: PaperPermit) -> str | None:
        key = pass_key(row.pass_number) if row.pass_number else None
        return self.desk.session.scalar(select(Pass.worker).filter_by(pass_key=key)) if key else None

    @property
    def _owner(self) -> Owner:
        return Owner(self.actor.account, PLACE, self.actor.account)

    def _today(self) -> date:
        return bangkok_date(self.desk.now())

    def _rules(self) -> Ruleset:
        return self.desk.in_force(self._today(), self.actor.province) if self.actor.province else NONE

    def _gates(self) -> dict[str, list[str]]:
        gates = self._rules().get("gates", {})
        return {
            key: [words for name, words in entry.items() if name in ("th", "en", "km")]
            for key, entry in gates.items()
        }
