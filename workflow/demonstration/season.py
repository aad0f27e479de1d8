"""The way of one employer's list: every worker on it driven through the steps by the persons whose they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from workflow import casework, namelists, uploads
from workflow.casework import Act, Item, Result
from workflow.demonstration.chance import Calendar
from workflow.demonstration.invention import Invention, drawn_photo
from workflow.demonstration.people import DISTRICT, Cast
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.application import HandOver, OfficerOpinion, PermitOrder, PermitOutcome
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.housing import HousingNotice
from workflow.domain.namelist import ListRow
from workflow.domain.record import Record
from workflow.domain.request import (
    Demand,
    NameList,
    Opinion,
    RequestOrder,
    RequestOutcome,
    RequestReceipt,
    Undertaking,
    WageUnit,
)
from workflow.store.history import record_of

ORDER = (
    "opened",
    "requested",
    "cleared",
    "ready",
    "filed",
    "examined",
    "assessed",
    "granted",
    "paid",
    "numbered",
    "issued",
)
"""The way of an application when nothing goes wrong and the medical check comes first."""


@dataclass(slots=True)
class Season:
    """One employer's list on its way, driven step by step through the verbs of casework."""

    desk: Desk
    cast: Cast
    calendar: Calendar
    invention: Invention
    employer: str = "orchard"
    owner: str = "owner"
    gate: str = "ban_laem"
    batches: int = 0
    told: Callable[[str], None] = lambda _: None
    left: list[Result] = field(default_factory=list)

    def request(self, rows: Sequence[ListRow], *, until: str = "running", men: int | None = None) -> Record:
        """Ask for the workers of a list and bring the request as far as `until`."""
        wanted = men if men is not None else sum(row.sex == "M" for row in rows)
        demand = self.demand(wanted, len(rows) - sum(row.sex == "M" for row in rows))
        chain, owner = DISTRICT, self.cast[self.owner]
        record = casework.begin(
            self.desk, owner, "request", "draft_request", demand, self._act(), chain=chain
        ).record
        if rows:
            record = self._step(
                owner, record, "attach_list", NameList(rows=tuple(rows), file_name="demo.xlsx")
            )
        for user_name, step, evidence in self._way_of_a_request(demand):
            if record.state == until:
                break
            record = self._step(self.cast[user_name], record, step, evidence)
        if until == "running":
            list(
                self._told(
                    namelists.open_listed(self.desk, self.cast["officer"], record.subject, self._batch())
                )
            )
        return record_of(self.desk.session, record.subject)

    def demand(self, men: int, women: int) -> Demand:
        """State the demand letter of an orchard."""
        return Demand(
            employer=self.cast.entries[self.employer],
            job="labourer",
            men=men,
            women=women,
            start_on=self.calendar.today() + timedelta(days=8),
            workplace="สวนลำไยตัวอย่าง 99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
            workplace_district="2204",
            gate=self.gate,
            receive_on=self.calendar.today() + timedelta(days=4),
            wage=Decimal("352.00"),
            wage_unit=WageUnit.DAY,
        )

    def _way_of_a_request(self, demand: Demand) -> Iterable[tuple[str, str, Evidence]]:
        signed = self.cast[self.owner].name
        yield self.owner, "submit_request", Undertaking(accepted=True, signed_by=signed)
        yield "officer", "receive_request", RequestReceipt()
        yield (
            "peo",
            "recommend_request",
            Opinion(recommends=True, reason="ตรวจแล้ว มีความจำเป็นตามฤดูกาล ที่พักเหมาะสม"),
        )
        order = RequestOrder(order=RequestOutcome.APPROVED, men=demand.men, women=demand.women)
        yield "registrar", "decide_request", order
        yield "officer", "lock_list", Nothing()

    def _step(self, actor: Actor, record: Record, step: str, evidence: Evidence) -> Record:
        self.told(f"{record.reference} {step}")
        return casework.perform(self.desk, actor, record.subject, step, evidence, self._act()).record

    def many(
        self, user_name: str, step: str, subjects: Sequence[str], state: Callable[[Record], Evidence]
    ) -> list[str]:
        """Do one step on many workers; give those for whom it was done, keep the others with their reasons."""
        self.told(f"{step}: {len(subjects)}")
        items = [Item(subject, state(record_of(self.desk.session, subject))) for subject in subjects]
        batch = self._batch()
        results = list(casework.perform_many(self.desk, self.cast[user_name], step, items, batch))
        if step == "plan_entry":
            casework.gather_entries(self.desk, self.cast[user_name], results, batch)
        self.left += [result for result in results if not result.done]
        return [result.subject for result in results if result.done]

    def drive(self, subjects: Sequence[str], *, until: str = "issued") -> list[str]:
        """Bring applications to a state: identity, medical check, entry, registration, permit."""
        return self.drive_each(dict.fromkeys(subjects, until))

    def drive_each(self, targets: dict[str, str]) -> list[str]:
        """Bring each application to its own state of the way; give those that arrived."""
        alive = list(targets)
        self._settle_duplicates(alive)
        for reached, days, who, step, state in self._way():
            if days:
                self.calendar.next_day(days)
            doing = [subject for subject in alive if ORDER.index(targets[subject]) >= ORDER.index(reached)]
            done = self.many(who, step, doing, state) if doing else []
            alive = [subject for subject in alive if subject not in doing or subject in done]
        return alive

    def _settle_duplicates(self, subjects: Sequence[str]) -> None:
        """Two of one name and birth in a list are two persons: the officer looked at both passes."""
        for subject in subjects:
            if "duplicate_suspected" in record_of(self.desk.session, subject).flags:
                reason = Reason(reason="ตรวจบัตรผ่านแดนทั้งสองฉบับแล้ว เป็นคนละคนกัน (สาธิต)")
                casework.perform(self.desk, self.cast["officer"], subject, "settle_duplicate", reason)

    def _way(self) -> tuple[tuple[str, int, str, str, Callable[[Record], Evidence]], ...]:
        desk, invention = self.desk, self.invention
        rules = desk.in_force(self.calendar.today(), "22")
        hospital = self.cast.entries["hospital"]
        payer = record_of(desk.session, self.cast.entries[self.employer]).history[-1].evidence.name

        def identity(record: Record) -> Evidence:
            photo = self._photo(record.subject)
            return invention.identity(record.history[0].evidence.row, photo)

        def filing(record: Record) -> Evidence:
            asked = record_of(desk.session, record.history[0].evidence.request).last("draft_request").evidence
            return invention.filing(asked, rules.get("attachments"))

        return (
            # state reached, days later, who, step, what
            ("requested", 0, "officer", "check_identity", identity),
            ("requested", 0, "officer", "refer_to_hospital", lambda _: invention.referral(hospital)),
            ("cleared", 1, "hospital", "record_medical", lambda _: invention.medical(hospital)),
            ("cleared", 0, "officer", "plan_entry", lambda _: invention.plan(self.gate)),
            ("ready", 1, self._gate_keeper(), "record_entry", lambda _: invention.entry(self.gate, rules.need("stay.days"))),
            ("ready", 0, self.owner, "note_housing", lambda _: HousingNotice(given_on=self.calendar.today())),
            ("filed", 1, self.owner, "file_application", filing),
            ("examined", 0, "cashier", "pay_application_fee", lambda _: invention.payment(rules.need("fees.application"), payer)),
            ("assessed", 0, "peo", "give_opinion", lambda _: OfficerOpinion(complete=True, recommends=True, reason="เอกสารครบถ้วน เห็นควรอนุญาต")),
            ("granted", 1, "registrar", "decide", lambda _: PermitOrder(order=PermitOutcome.PERMIT)),
            ("paid", 0, "cashier", "pay_permit_fee", lambda _: invention.payment(rules.need("fees.permit"), payer)),
            ("numbered", 0, "clerk", "enter_numbers", lambda _: invention.numbers_given()),
            ("issued", 0, "officer", "issue_permit", lambda _: HandOver(received_by=self.cast[self.owner].name)),
        )  # fmt: skip

    def _gate_keeper(self) -> str:
        return "gate" if self.gate == "ban_laem" else "gate2"

    def _photo(self, subject: str) -> str:
        return uploads.keep_upload(self.desk, subject, drawn_photo(self.invention.chance), photo=True)

    def _told(self, results: Iterable[Result]) -> Iterable[Result]:
        for result in results:
            if not result.done:
                self.left.append(result)
            yield result

    def _act(self) -> Act:
        return Act()

    def _batch(self) -> str:
        self.batches += 1
        return f"demonstration:{self.desk.chance(12)}:{self.batches}"
