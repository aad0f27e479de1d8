"""An office that lives in memory: the flows, their causes and what the store keeps apart, without a store.

It says of each try what casework would look up (facts), moves the case through its table, brings about what
follows on other cases, and takes all of it or nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any

from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.evidence import Ask, Evidence, questions, read_whole
from workflow.domain.fees import kind_of
from workflow.domain.flow import START, Cause, Kin, Outcome, Refusal, Refused, advance, refusals
from workflow.domain.flows import FLOWS, PROCESS
from workflow.domain.kinds import on_permit
from workflow.domain.medical import licence_key
from workflow.domain.namelist import ListRow
from workflow.domain.names import pass_key as key_of_pass
from workflow.domain.permit import PermitEnd
from workflow.domain.places import approved, bands, freed_applications, quota_place, slot_place
from workflow.domain.policies import listed_rows
from workflow.domain.record import Done, Facts, Record
from workflow.domain.registers import Worker
from workflow.domain.rulesets import NONE, Ruleset, RulesetFault, in_force
from workflow.domain.spells import employers_now
from workflow.domain.thai import BANGKOK, bangkok_date
from workflow.domain.validity import permit_until

pass_key = lru_cache(maxsize=4096)(key_of_pass)
OFFICES = {"PNR": "22", "CTI": "22", "SKW": "27"}
"""The offices of the model, each with its province."""
PROCESSES = frozenset(flow.name for flow in PROCESS)
DEMAND = ("draft_request", "revise_draft", "complete_request")
TELLS_OF_PERSON = ("check_identity", "replace_travel_document", "enter_numbers")
PAYS = ("pay_application_fee", "pay_permit_fee")
WITH_THE_OFFICE = ("submitted", "received", "incomplete", "reviewed", "list_open", "list_locked", "running")


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was appended; `corrects` names the entry whose facts it replaced."""

    done: Done
    corrects: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """One step that was done within an act: the case before and after, by what row, under which facts."""

    before: Record
    after: Record
    outcome: Outcome
    actor: Actor
    facts: Facts
    caused: bool


@dataclass
class Office:
    """All cases of the model at one moment; `rules` are the rulesets that are loaded."""

    rules: tuple[Ruleset, ...]
    now: datetime
    demonstration: bool = False
    records: dict[str, Record] = field(default_factory=dict)
    log: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    appointed: frozenset[str] = frozenset()
    count: int = 0
    moved: list[Moved] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Know the loaded rules by their digests."""
        self.by_digest = {one.digest: one for one in self.rules}

    # what stands -----------------------------------------------------------------------------

    def of(self, flow: str) -> Iterator[Record]:
        """Give the cases of a flow."""
        return (record for record in self.records.values() if record.flow == flow)

    @property
    def today(self) -> date:
        """Give the day in Bangkok."""
        return bangkok_date(self.now)

    def entry_now(self, worker: str) -> str:
        """Give the entry that stands for a worker's entry."""
        while (record := self.records.get(worker)) is not None and record.state == "joined":
            worker = record.last("join_worker").evidence.stays
        return worker

    def worker_of(self, record: Record) -> str | None:
        """Say whom a case is about."""
        worker = getattr(record.history[0].evidence, "worker", "") if record.history else ""
        return self.entry_now(worker) if worker else None

    def holder(self, number: str | None) -> str | None:
        """Say whose a border pass is."""
        key = pass_key(number or "")
        for record in self.of("worker") if key else ():
            if any(pass_key(getattr(done.evidence, "pass_number", "")) == key for done in record.history):
                return self.entry_now(record.subject)
        return None

    def live(self, record: Record) -> bool:
        """Say whether a case has not come to an end."""
        return record.state not in finals(record.flow)

    def live_files(self, worker: str) -> list[Record]:
        """List the applications of a worker that are under way."""
        return [one for one in self.of("application") if self.live(one) and self.worker_of(one) == worker]

    def permits(self, worker: str, on: date | None = None) -> list[Record]:
        """List the active permits of a worker, those that still run on a day if one is named."""
        mine = [one for one in self.of("permit") if one.state == "active" and self.worker_of(one) == worker]
        return [one for one in mine if on is None or permit_until(one) >= on]

    def demand_of(self, request: Record) -> Any:
        """Give the demand letter as it stands."""
        return request.last(*DEMAND).evidence

    def opened_rows(self, request: Record) -> set[str | None]:
        """List the passes for which an application of a request was opened."""
        mine = (one.history[0].evidence for one in self.of("application"))
        return {
            one.row.pass_key for one in mine if getattr(one, "row", None) and one.request == request.subject
        }

    # facts -----------------------------------------------------------------------------------

    def ruleset(self, record: Record, on: date) -> Ruleset:
        """Choose the rules for a case on a day; raises RulesetFault where none covers it."""
        if record.flow not in (*PROCESSES, "employer"):
            return NONE
        return chosen(self.rules, on, OFFICES.get(record.office, "22"), self.demonstration)

    def _named_rules(self, evidence: Evidence | None) -> Ruleset | None:
        """Give the rules that an act itself names by their digest: those that a measure brings."""
        return self.by_digest.get(getattr(evidence, "under", None))

    def covered(self, on: date) -> bool:
        """Say whether every office has rules on a day."""
        return _covered(self.rules, on, self.demonstration)

    def facts(
        self, record: Record, evidence: Evidence | None, actor: Actor, at: datetime | None = None
    ) -> Facts:
        """Gather what the rules may know of one try."""
        on = bangkok_date(at or self.now)
        return Facts(
            now=self.now,
            on=on,
            ruleset=self._named_rules(evidence) or self.ruleset(record, on),
            related=self._related(record, evidence),
            taken=dict(self._taken(record, evidence, actor)),
            counts=self._counts(record, evidence),
            states=self._states(record, evidence),
            appointed=actor.account in self.appointed,
            demonstration=self.demonstration,
        )

    def _first(self, record: Record, evidence: Evidence | None) -> Any:
        return record.history[0].evidence if record.history else evidence

    def _related(self, record: Record, evidence: Evidence | None) -> dict[str, Record]:
        first, opened = self._first(record, evidence), on_permit(self._first(record, evidence))
        gate = getattr(evidence, "gate", None)
        licence = getattr(evidence, "doctor_licence", None) or getattr(evidence, "licence", None)
        wanted = {
            "hospital": getattr(evidence, "hospital", None),
            "gate": next((g.subject for g in self.of("gate") if g.history[0].evidence.name == gate), None),
            "doctor": self._doctor(licence) if licence else None,
            "case": getattr(first, "case", None) if record.flow == "appeal" else None,
        }
        if record.flow in ("request", "application"):
            wanted["employer"] = getattr(first, "employer", None)
        if record.flow == "application":
            wanted["request"] = getattr(first, "request", None)
            if opened is not None and opened.permit in self.records:
                wanted["permit"] = opened.permit
                wanted["earlier"] = issuing_application(self.records[opened.permit])
        return {part: self.records[one] for part, one in wanted.items() if one in self.records}

    def _doctor(self, licence: str) -> str | None:
        for one in self.of("doctor"):
            if licence_key(one.last("enter_doctor", "amend_doctor").evidence.licence) == licence_key(licence):
                return one.subject
        return None

    def _states(self, record: Record, evidence: Evidence | None) -> dict[str, str]:
        first = self._first(record, evidence)
        request = self.records.get(getattr(first, "request", "")) if record.flow == "application" else None
        found = {"request": request.state} if request else {}
        if request and on_permit(first) and first.permit in self.records:
            found["request_province"] = OFFICES[request.office]
            found["permit_province"] = OFFICES[self.records[first.permit].office]
        return found

    def _taken(
        self, record: Record, evidence: Evidence | None, actor: Actor
    ) -> Iterator[tuple[str, str]]:
        if record.flow == "application":
            yield from self._other_entry(record, evidence)
            yield from self._numbers_taken(record, evidence, actor)
        if record.flow == "permit" and not record.history and hasattr(evidence, "permit_number"):
            yield from self._book_taken(evidence)
        if record.flow == "application" and hasattr(evidence, "pass_expires_on"):
            holder = self.holder(evidence.pass_number)
            if holder not in (None, self.worker_of(record)):
                yield "pass_number", holder
        if record.flow in ("application", "permit"):
            yield from self._alive(record, evidence)
        if record.flow == "appeal" and hasattr(evidence, "case"):
            for one in self.of("appeal"):
                said = one.history[0].evidence
                if one.state != "withdrawn" and (said.case, said.order) == (evidence.case, evidence.order):
                    yield "appeal", one.subject
        if hasattr(evidence, "new_pass_number"):
            yield from self._amended(record, evidence)

    def _alive(self, record: Record, evidence: Evidence | None) -> Iterator[tuple[str, str]]:
        worker = self.entry_now(evidence.worker) if hasattr(evidence, "worker") else None
        if record.flow == "permit" and (worker or record.state != "active"):
            others = self.permits(worker or self.worker_of(record), self.today)
            yield from (("live_permit", one.subject) for one in others if one.subject != record.subject)
        elif worker:
            kind = getattr(evidence, "kind_of", None)
            files = [one for one in self.live_files(worker) if kind in (None, kind_of(one))]
            yield from (("live_application", one.subject) for one in files if one.subject != record.subject)
            yield from (("running_permit", one.subject) for one in self.permits(worker, self.today))
        if isinstance(getattr(evidence, "row", None), ListRow):
            yield from (
                ("live_application", one)
                for one in self.listed_before(evidence.request, evidence.row.pass_key)
            )

    def listed_before(self, request: str, key: str | None) -> list[str]:
        """List the requests whose list named a pass before this one's and did not open it yet."""
        since = {one.subject: self._named_since(one, key) for one in self.of("request")} if key else {}
        mine = since.get(request)
        return [
            one
            for one, then in since.items()
            if one != request and then is not None and (mine is None or (then, one) < (mine, request))
        ]

    def _named_since(self, request: Record, key: str) -> datetime | None:
        named = request.state in WITH_THE_OFFICE and any(row.pass_key == key for row in listed_rows(request))
        if not named or key in self.opened_rows(request):
            return None
        return max(request.last("attach_list").recorded_at, request.last("submit_request").recorded_at)

    def _other_entry(self, record: Record, evidence: Evidence | None) -> Iterator[tuple[str, str]]:
        proposed = record.last("propose_same_person") if "same_person" in record.flags else None
        stated = evidence if hasattr(evidence, "other_pass") else proposed and proposed.evidence
        if stated is None:
            return
        this, other = self.worker_of(record), self.holder(stated.other_pass)
        if other in (None, this):
            yield "no_other_entry", stated.other_pass
            return
        yield from (("this_entry", this), ("other_entry", other))
        busy = [self.live_files(one) or self.permits(one, self.today) for one in (this, other)]
        if all(busy):
            yield "both_under_way", busy[1][0].reference

    def _numbers_taken(
        self, record: Record, evidence: Evidence | None, actor: Actor
    ) -> Iterator[tuple[str, str]]:
        others = [one for one in self.of("application") if one.subject != record.subject]
        if hasattr(evidence, "certificate_number"):
            key = (evidence.hospital, evidence.certificate_number)
            for done in _done(others, "record_medical"):
                if (done.evidence.hospital, done.evidence.certificate_number) == key:
                    yield "certificate_number", key[1]
        if hasattr(evidence, "receipt_number"):
            number = (evidence.receipt_book, evidence.receipt_number)
            for done in _done([*others, record], *PAYS):
                same = done.evidence.payment and done.evidence.payment == evidence.payment
                if (done.evidence.receipt_book, done.evidence.receipt_number) == number and not same:
                    yield "receipt_number", number[1]
            yield from self._payment_taken([*others, record], evidence, actor)
        if hasattr(evidence, "permit_number"):
            yield from self._official_taken(record, evidence, others)

    def _payment_taken(
        self, cases: list[Record], evidence: Any, actor: Actor
    ) -> Iterator[tuple[str, str]]:
        """A payment is one cashier's."""
        lines = [done for done in _done(cases, *PAYS) if done.evidence.payment == evidence.payment]
        cashiers = {done.person for done in lines} if evidence.payment else set()
        if cashiers and actor != SYSTEM and actor.person not in cashiers:
            yield "receipt_number", evidence.payment

    def _official_taken(
        self, record: Record, evidence: Any, others: list[Record]
    ) -> Iterator[tuple[str, str]]:
        opened, worker = on_permit(record.history[0].evidence), self.worker_of(record)
        permit = self.records.get(opened.permit) if opened else None
        same = {getattr(done.evidence, "application", "") for done in permit.history} if permit else set()
        for one in others:
            done = one.last("enter_numbers")
            if done is None:
                continue
            said = done.evidence
            if one.subject not in same and (said.permit_book, said.permit_number) == (
                evidence.permit_book,
                evidence.permit_number,
            ):
                yield "permit_number", one.reference
            mine = self.worker_of(one) == worker
            if said.foreigner_number == evidence.foreigner_number and not mine:
                yield "foreigner_number", one.reference
            if said.foreigner_number != evidence.foreigner_number and mine:
                yield "known_foreigner_number", said.foreigner_number

    def _book_taken(self, evidence: Any) -> Iterator[tuple[str, str]]:
        """The book and number of a paper permit, if another file has them."""
        stated = [
            *_done(self.of("application"), "enter_numbers"),
            *_done(self.of("permit"), "take_over_permit"),
        ]
        for said in (done.evidence for done in stated):
            if (said.permit_book, said.permit_number) == (evidence.permit_book, evidence.permit_number):
                yield "permit_number", said.permit_number

    def _amended(self, record: Record, evidence: Any) -> Iterator[tuple[str, str]]:
        gone, new = self.holder(evidence.pass_number), self.holder(evidence.new_pass_number)
        mine = [
            one
            for one in self.of("application")
            if one.history[0].evidence.employer and self._of_request(one, record)
        ]
        yield from (
            ("listed_issued", one.subject)
            for one in mine
            if one.state == "issued" and gone == self.worker_of(one)
        )
        busy = [*self.live_files(new), *self.permits(new, self.today)] if new else []
        yield from (("new_worker", one.subject) for one in busy)
        yield from (
            ("new_worker", one)
            for one in self.listed_before(record.subject, pass_key(evidence.new_pass_number))
        )

    def _of_request(self, application: Record, request: Record) -> bool:
        return getattr(application.history[0].evidence, "request", None) == request.subject

    def _counts(self, record: Record, evidence: Evidence | None) -> dict[str, int]:
        if record.flow == "application":
            return self._room(record, evidence) | self._free(record, self._first(record, evidence))
        if record.flow != "request":
            return {}
        men, women = self.used(record.subject)
        live = sum(self.live(one) for one in self.of("application") if self._of_request(one, record))
        return {"live_applications": live, "used_men": men, "used_women": women} | self._waiting(record)

    def _waiting(self, request: Record) -> dict[str, int]:
        opened = self.opened_rows(request)
        sexes = [row.sex for row in listed_rows(request) if row.pass_key not in opened]
        return {f"waiting_{sex}": sexes.count(sex) for sex in ("M", "F")}

    def _room(self, record: Record, evidence: Evidence | None) -> dict[str, int]:
        if not hasattr(evidence, "entry_on") or not hasattr(evidence, "band"):
            return {}
        others = [one for one in self.of("application") if one.subject != record.subject]
        places = [p for one in others if (p := slot_place(one, self.rules_of(one)))]
        there = [p.band for p in places if (p.gate, p.day) == (evidence.gate, evidence.entry_on)]
        return {f"taken:{band}": there.count(band) for band in set(there)}

    def rules_of(self, record: Record) -> Ruleset:
        """Give the rules under which a case was last moved."""
        return self.by_digest.get(record.history[-1].ruleset, NONE)

    def held(self, request: str) -> Iterator[tuple[str, str]]:
        """List the applications that hold a place of a request, with the sex of the place."""
        freed = {
            one for permit in self.of("permit") for one in freed_applications(permit, self.rules_of(permit))
        }
        for one in self.of("application"):
            place = quota_place(one, self.rules_of(one))
            if place is not None and place.request == request and one.subject not in freed:
                yield one.subject, place.sex or self._sex(self.worker_of(one))

    def _sex(self, worker: str) -> str:
        return self.records[worker].last("enter_worker", "amend_worker").evidence.sex or "M"

    def used(self, request: str) -> tuple[int, int]:
        """Count the men and women who hold a place of a request."""
        sexes = [sex for _, sex in self.held(request)]
        return sexes.count("M"), sexes.count("F")

    def _free(self, record: Record, first: Any) -> dict[str, int]:
        request = self.records.get(getattr(first, "request", "")) if on_permit(first) else None
        if request is None or request.last("decide_request") is None:
            return {}
        held = dict(self.held(request.subject))
        return {"free_places": sum(approved(request)) - len(held) + (record.subject in held)}

    # one act ---------------------------------------------------------------------------------

    def new(self, flow: str, office: str) -> Record:
        """Give a subject that has not begun."""
        self.count += 1
        return Record(
            flow=flow,
            subject=f"{flow[:2]}{self.count}",
            reference=f"{flow[:2].upper()}-{self.count}",
            office=office,
        )

    def does(
        self,
        actor: Actor,
        record: Record,
        step: str,
        evidence: Evidence,
        at: datetime | None = None,
        behalf: Role | None = None,
    ) -> Record:
        """Do a step with all that follows from it, or change nothing; raises as the engine does."""
        before = dict(self.records), dict(self.log)
        self.moved = []
        try:
            done = self._carry_out(actor, record, step, evidence, at, behalf)
            self._kept_apart(done)
        except BaseException:
            self.records, self.log = before
            self.moved = []
            raise
        return self.records[done.subject]

    def _carry_out(
        self,
        actor: Actor,
        record: Record,
        step: str,
        evidence: Evidence,
        at: datetime | None,
        behalf: Role | None = None,
        caused: bool = False,
    ) -> Record:
        facts = self.facts(record, evidence, actor, at)
        self._judge_correction(record, step, evidence)
        outcome = advance(FLOWS[record.flow], record, step, evidence, actor, facts)
        for_whom = None if actor.role in outcome.row.by else (behalf or outcome.row.keyed[0]).value
        stated = self._numbered(outcome.evidence)
        done = Done(
            number=record.version + 1,
            step=step,
            source=outcome.source,
            target=outcome.target,
            flags=outcome.flags,
            person=actor.person,
            name=actor.name,
            position="",
            role=actor.role.value,
            office=actor.office,
            on_behalf_of=for_whom,
            happened_at=at or self.now,
            recorded_at=self.now,
            evidence=stated,
            ruleset=facts.ruleset.digest,
        )
        corrects = record.last("propose_correction").evidence.number if step == "confirm_correction" else None
        after = record.with_event(done, corrects=corrects)
        self.records[record.subject] = after
        self.log[record.subject] = (*self.log.get(record.subject, ()), Event(done, corrects))
        self.moved.append(Moved(record, after, outcome, actor, facts, caused))
        for cause in outcome.row.causes:
            self._bring_about(cause, after, stated, facts)
        self._tell_of_person(after, done)
        return after

    def _numbered(self, evidence: Evidence) -> Evidence:
        for name, question in questions(type(evidence)).items():
            if question.ask is Ask.GIVEN and question.options and not getattr(evidence, name):
                self.count += 1
                evidence = replace(evidence, **{name: f"{self.count}/2569"})
        return evidence

    def _judge_correction(self, record: Record, step: str, evidence: Any) -> None:
        """Corrected facts pass the guards of the entry that they correct, as casework asks."""
        proposed = record.last("propose_correction") if step == "confirm_correction" else None
        correction = evidence if step == "propose_correction" else proposed and proposed.evidence
        old = next((done for done in record.history if correction and done.number == correction.number), None)
        new = read_whole(type(old.evidence), correction.values) if correction and old else None
        if old is None or new is None or new.outcome() != old.evidence.outcome():
            return
        then = replace(record, state=old.source, history=record.history[: old.number - 1])
        rows = [row for row in FLOWS[record.flow].rows(old.step) if (old.source or START) in row.source]
        rows = [row for row in rows if not row.when or new.outcome() in row.when]
        if not rows or (not then.history and record.flow == "application"):
            return
        moment = datetime.fromisoformat(correction.happened_at) if correction.happened_at else old.happened_at
        if moment.tzinfo is None or not record.history[0].happened_at <= moment <= self.now:
            return
        facts = replace(self.facts(then, new, SYSTEM, moment), appointed=True, now=old.recorded_at)
        reasons = refusals(FLOWS[record.flow], rows[0], then, new, SYSTEM, facts)
        if reasons:
            raise Refused(reasons)

    # what follows ----------------------------------------------------------------------------

    def _bring_about(self, cause: Cause, record: Record, evidence: Any, facts: Facts) -> None:
        stated = cause.evidence(record, evidence, facts)
        if stated is None:
            return
        if cause.kin is Kin.NEW:
            self._end_expired(self.entry_now(stated.worker))
            self._carry_out(
                SYSTEM, self.new(cause.flow, record.office), cause.step, stated, None, caused=True
            )
            return
        if cause.kin is Kin.GIVES_UP:
            for worker in (stated.stays, stated.gives_up):
                self._end_expired(worker)
        for subject in self._kin(cause, record, stated if cause.kin is Kin.GIVES_UP else evidence):
            kin = self.records[subject]
            if any(row.name == cause.step for row in FLOWS[kin.flow].open_rows(kin.state, kin.flags)):
                self._carry_out(SYSTEM, kin, cause.step, stated, None, caused=True)
            elif cause.must or cause.kin is Kin.LISTED:
                raise Refused([Refusal("kin-stopped", "What this would change is stopped.")])

    def _end_expired(self, worker: str) -> None:
        for permit in self.permits(worker):
            until = permit_until(permit)
            if until < self.today:
                ended = PermitEnd(ended_on=until, reason_code="finished", reason="over")
                self._carry_out(SYSTEM, permit, "end_permit", ended, None, caused=True)

    def _kin(self, cause: Cause, record: Record, evidence: Any) -> Iterable[str]:
        first = record.history[0].evidence
        match cause.kin:
            case Kin.SELF:
                return [record.subject]
            case Kin.REQUEST | Kin.PERMIT:
                named = getattr(first, "request" if cause.kin is Kin.REQUEST else "permit")
                return [named] if named in self.records else []
            case Kin.APPEALED:
                return [first.case]
            case Kin.GIVES_UP:
                return [evidence.gives_up]
        mine = [one for one in self.of("application") if self.live(one) and self._of_request(one, record)]
        if cause.kin is Kin.LIVE_APPLICATIONS:
            return [one.subject for one in mine]
        assert cause.kin is Kin.LISTED, f"the model does not know the kin {cause.kin}"
        gone, new = pass_key(evidence.pass_number), [one for one in mine if kind_of(one) == "new"]
        return [one.subject for one in new if one.history[0].evidence.row.pass_key == gone]

    def _tell_of_person(self, record: Record, done: Done) -> None:
        if record.flow != "application" or done.step not in TELLS_OF_PERSON:
            return
        worker = self.records[self.worker_of(record)]
        known, said = worker.last("enter_worker", "amend_worker").evidence, done.evidence
        names = (
            "name_latin",
            "name_khmer",
            "name_thai",
            "sex",
            "birth_on",
            "pass_number",
            "pass_province",
            "pass_expires_on",
            "foreigner_number",
        )
        told = {name: getattr(said, name) for name in names if hasattr(said, name)}
        now: Worker = replace(
            known, **{name: getattr(value, "value", value) for name, value in told.items()}, freed=()
        )
        if now != known and worker.state == "listed":
            self._carry_out(SYSTEM, worker, "amend_worker", now, None, caused=True)

    # what the store keeps apart --------------------------------------------------------------

    def _kept_apart(self, done: Record) -> None:
        """Refuse what a constraint of the store would refuse: two live files, two permits, one pass, no place."""
        touched = {one.after.subject for one in self.moved}
        for worker in {self.worker_of(self.records[one]) for one in touched} - {None}:
            kinds = [kind_of(one) for one in self.live_files(worker)]
            if len(kinds) != len(set(kinds)) or len(self.permits(worker)) > 1:
                raise Refused([Refusal("in-another-file", "kept apart by the store")])
        for request in {getattr(self._opening(one), "request", None) or one for one in touched}:
            record = self.records.get(request)
            if record is not None and record.flow == "request" and record.last("decide_request"):
                self._places_suffice(record)
        for place in {
            slot_place(self.records[one], self.rules_of(self.records[one]))
            for one in touched
            if one[:2] == "ap"
        } - {None}:
            self._band_suffices(place, done)

    def _opening(self, subject: str) -> Any:
        return self.records[subject].history[0].evidence

    def _places_suffice(self, request: Record) -> None:
        if any(
            used > there for used, there in zip(self.used(request.subject), approved(request), strict=True)
        ):
            raise Refused([Refusal("no-place", "kept within the approval by the store")])

    def _band_suffices(self, place: Any, done: Record) -> None:
        mine = [slot_place(one, self.rules_of(one)) for one in self.of("application")]
        capacity = bands(self.rules_of(done), place.gate).get(place.band)
        if capacity is not None and mine.count(place) > capacity:
            raise Refused([Refusal("band-full", "kept within the band by the store")])


def _done(records: Iterable[Record], *steps: str) -> Iterator[Done]:
    return (done for record in records for done in record.history if done.step in steps)


@cache
def finals(flow: str) -> frozenset[str]:
    """Name the states in which a case of a flow has come to an end."""
    return frozenset(state.value for state in FLOWS[flow].states if state.final)


_COVERED: dict[tuple[tuple[str, ...], date, bool], bool] = {}
_CHOSEN: dict[tuple[tuple[str, ...], date, str, bool], Ruleset] = {}


def chosen(rules: tuple[Ruleset, ...], on: date, province: str, demonstration: bool) -> Ruleset:
    """Choose the rules of a day as the domain does, remembered."""
    key = (tuple(one.digest for one in rules), on, province, demonstration)
    if key not in _CHOSEN:
        _CHOSEN[key] = in_force(rules, on, province, demonstration=demonstration)
    return _CHOSEN[key]


def _covered(rules: tuple[Ruleset, ...], on: date, demonstration: bool) -> bool:
    key = (tuple(one.digest for one in rules), on, demonstration)
    if key not in _COVERED:
        try:
            _COVERED[key] = all(chosen(rules, on, province, demonstration) for province in OFFICES.values())
        except RulesetFault:
            _COVERED[key] = False
    return _COVERED[key]


def moment(on: date, hour: int = 9) -> datetime:
    """Give an hour of a day in Bangkok."""
    return datetime.combine(on, time(hour), BANGKOK)


DAY = timedelta(days=1)


def issuing_application(permit: Record) -> str | None:
    """Give the application by which a permit got its present period, if one of ours did."""
    last = permit.last("extend_permit", "open_permit")
    return last.evidence.application if last else None


def employed_by(record: Record) -> tuple[str, ...]:
    """Name the employers whom a case concerns."""
    if record.flow == "permit":
        return employers_now(record) or (record.history[0].evidence.employer,)
    if record.flow == "request":
        return (record.last(*DEMAND).evidence.employer,)
    if record.flow == "employer":
        return (record.subject,)
    return (getattr(record.history[0].evidence, "employer", "") or "",)
