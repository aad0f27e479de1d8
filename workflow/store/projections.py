"""Copies of the truth that lists and searches read: typed tables, made again from events at any time."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Index, Integer, Numeric, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.database import UTC, Base, Json

CORRECTION = text("flags LIKE '%correction_proposed%'")
HELD = text("flags LIKE '%on_hold%'")
"""The few cases that wait for a second person, or are held; a list finds them by these very words."""


class Case(Base):
    """One request, application or permit, as the inbox shows it."""

    __tablename__ = "case_row"
    __table_args__ = (
        Index("ix_case_row_inbox", "office", "flow", "state", "due_on"),
        Index("ix_case_row_of_employer", "employer", "flow", "state"),
        Index("ix_case_row_correction", "office", sqlite_where=CORRECTION, postgresql_where=CORRECTION),
        Index("ix_case_row_held", "office", sqlite_where=HELD, postgresql_where=HELD),
        Index(
            "uq_case_row_live_permit",
            "worker",
            unique=True,
            sqlite_where=text("flow = 'permit' AND state = 'active'"),
            postgresql_where=text("flow = 'permit' AND state = 'active'"),
        ),
        Index(
            "uq_case_row_live_application",
            "worker",
            "kind",
            unique=True,
            sqlite_where=text("flow = 'application' AND live"),
            postgresql_where=text("flow = 'application' AND live"),
        ),
    )

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    flow: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    office: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(40))
    live: Mapped[bool]
    flags: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text)
    employer: Mapped[str | None] = mapped_column(String(40), index=True)
    request: Mapped[str | None] = mapped_column(String(40), index=True)
    worker: Mapped[str | None] = mapped_column(String(40), index=True)
    hospital: Mapped[str | None] = mapped_column(String(40), index=True)
    gate: Mapped[str | None] = mapped_column(String(40), index=True)
    entry_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_clock: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    stay_until: Mapped[date | None] = mapped_column(Date)
    measure: Mapped[str | None] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UTC)
    moved_at: Mapped[datetime] = mapped_column(UTC)


class RegisterEntry(Base):
    """One entry of a register: employer, hospital, office, ruleset; its evidence as JSON.

    `barred_until` is the last day of an employer's bar that stands; it may have passed.
    """

    __tablename__ = "register_entry"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    register: Mapped[str] = mapped_column(String(40), index=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(40))
    flags: Mapped[str] = mapped_column(Text, default="")
    barred_until: Mapped[date | None] = mapped_column(Date)
    stated: Mapped[dict[str, object]] = mapped_column(Json)


class Account(Base):
    """Who may sign in: the account register; passwords and second factors lie elsewhere."""

    __tablename__ = "account"

    reference: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_name: Mapped[str] = mapped_column(String(100), unique=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[str] = mapped_column(Text)
    office: Mapped[str | None] = mapped_column(String(40))
    employer: Mapped[str | None] = mapped_column(String(40))
    hospital: Mapped[str | None] = mapped_column(String(40))
    gate: Mapped[str | None] = mapped_column(String(40))
    acting_for: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    closed: Mapped[bool]


class Worker(Base):
    """One person over all seasons; the keys fold spelling, order and spaces for the search."""

    __tablename__ = "worker"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    name_latin: Mapped[str] = mapped_column(Text)
    name_khmer: Mapped[str] = mapped_column(Text)
    name_thai: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, index=True)
    search_text: Mapped[str] = mapped_column(Text)
    sex: Mapped[str | None] = mapped_column(String(1))
    birth_on: Mapped[date | None] = mapped_column(Date, index=True)
    birth_precision: Mapped[str | None] = mapped_column(String(10))
    nationality: Mapped[str] = mapped_column(String(3))
    pass_key: Mapped[str] = mapped_column(String(40), index=True)
    foreigner_number: Mapped[str | None] = mapped_column(String(20), unique=True)
    joined: Mapped[str | None] = mapped_column(String(40), index=True)


class Pass(Base):
    """Every border pass that a worker ever showed; the number belongs to one person."""

    __tablename__ = "border_pass"

    pass_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    worker: Mapped[str] = mapped_column(String(40), index=True)
    pass_number: Mapped[str] = mapped_column(Text)
    pass_province: Mapped[str | None] = mapped_column(String(40))
    pass_expires_on: Mapped[date | None] = mapped_column(Date)


class ListedPass(Base):
    """A row of an attached name list that has no application yet; `since` is when the office had it before it."""

    __tablename__ = "listed_pass"

    request: Mapped[str] = mapped_column(String(40), primary_key=True)
    pass_key: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    since: Mapped[datetime | None] = mapped_column(UTC)


class OfficialNumber(Base):
    """A number made elsewhere and entered here once: permit, certificate, receipt, foreigner."""

    __tablename__ = "official_number"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), index=True)
    payment: Mapped[str | None] = mapped_column(String(40))


class MedicalSeen(Base):
    """A medical result as it lies beside others: who examined where, under which number; `detail` is a keyed digest."""

    __tablename__ = "medical_seen"
    __table_args__ = (Index("ix_medical_seen_doctor", "licence", "examined_on"),)

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    hospital: Mapped[str] = mapped_column(String(40), index=True)
    doctor: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(String(40))
    certificate: Mapped[str] = mapped_column(Text)
    certificate_key: Mapped[str] = mapped_column(String(200), index=True)
    examined_on: Mapped[date] = mapped_column(Date, index=True)
    at: Mapped[datetime] = mapped_column(UTC)
    result: Mapped[str] = mapped_column(String(10))
    detail: Mapped[str | None] = mapped_column(String(64), index=True)
    on_paper: Mapped[bool]


class FeeLine(Base):
    """A sum of money of one application: due, paid, or to be paid back."""

    __tablename__ = "fee_line"
    __table_args__ = (CheckConstraint("status IN ('due', 'paid', 'lapsed', 'refund_due')", name="status"),)

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    fee: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    status: Mapped[str] = mapped_column(String(20), index=True)
    receipt: Mapped[str | None] = mapped_column(String(120))
    payment: Mapped[str | None] = mapped_column(String(40), index=True)
    paid_on: Mapped[date | None] = mapped_column(Date, index=True)
    cashier: Mapped[str | None] = mapped_column(String(40))


class Period(Base):
    """A time over which a permit runs."""

    __tablename__ = "period"
    __table_args__ = (CheckConstraint("valid_from <= valid_until", name="forward"),)

    permit: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_until: Mapped[date] = mapped_column(Date)
    application: Mapped[str] = mapped_column(String(40))


class Employment(Base):
    """Work of one worker for one employer under one permit."""

    __tablename__ = "employment"

    permit: Mapped[str] = mapped_column(String(40), primary_key=True)
    employer: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    from_on: Mapped[date] = mapped_column(Date, primary_key=True)
    ended_on: Mapped[date | None] = mapped_column(Date)
    request: Mapped[str | None] = mapped_column(String(40), index=True)
    workplace: Mapped[str] = mapped_column(Text)


class Stay(Base):
    """A time over which a worker may be in the Kingdom: by a stamp at a gate, or by a report in its place."""

    __tablename__ = "stay"
    __table_args__ = (CheckConstraint("from_on <= until", name="forward"),)

    permit: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    from_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    gate: Mapped[str | None] = mapped_column(String(40))
    reported: Mapped[bool]


class Quota(Base):
    """The places that an approved request gives its employer in a province, and how many are taken."""

    __tablename__ = "quota"
    __table_args__ = (
        CheckConstraint("used_men BETWEEN 0 AND approved_men", name="men"),
        CheckConstraint("used_women BETWEEN 0 AND approved_women", name="women"),
    )

    request: Mapped[str] = mapped_column(String(40), primary_key=True)
    employer: Mapped[str] = mapped_column(String(40), index=True)
    province: Mapped[str] = mapped_column(String(10), index=True)
    approved_men: Mapped[int] = mapped_column(Integer)
    approved_women: Mapped[int] = mapped_column(Integer)
    used_men: Mapped[int] = mapped_column(Integer)
    used_women: Mapped[int] = mapped_column(Integer)


class QuotaHeld(Base):
    """The place of a request that an application holds."""

    __tablename__ = "quota_held"

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    request: Mapped[str] = mapped_column(String(40), index=True)
    sex: Mapped[str] = mapped_column(String(1))


class QuotaMove(Base):
    """One line of the ledger of places: given, taken, returned or cut, by which entry of which case."""

    __tablename__ = "quota_move"

    request: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    sex: Mapped[str] = mapped_column(String(1), primary_key=True)
    change: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(40))
    moved_on: Mapped[date] = mapped_column(Date)


class GateSlot(Base):
    """How many workers may cross at a gate in a band of a day, and how many are expected."""

    __tablename__ = "gate_slot"
    __table_args__ = (CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),)

    gate: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    band: Mapped[str] = mapped_column(String(40), primary_key=True)
    capacity: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer)


class SlotHeld(Base):
    """The place at a gate that an application holds."""

    __tablename__ = "slot_held"

    application: Mapped[str] = mapped_column(String(40), primary_key=True)
    gate: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)
    band: Mapped[str] = mapped_column(String(40))


class Document(Base):
    """A paper: its number, its code, whether its bytes are made, how often it was printed."""

    __tablename__ = "document"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    owner: Mapped[str] = mapped_column(String(40), index=True)
    event: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    replaces: Mapped[str | None] = mapped_column(String(60))
    office: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), index=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime | None] = mapped_column(UTC)
    owed_at: Mapped[datetime] = mapped_column(UTC)
    original_out: Mapped[bool]
    copies: Mapped[int] = mapped_column(Integer)


RUNS = text("ended_at IS NULL")
TO_BE_TOLD = text("ended_at IS NULL AND tell_on IS NOT NULL")


class Duty(Base):
    """A duty that began: its last day and moment, what was told of it, when it was met.

    `part` is what of the case it concerns (an employment, an order); `tell_on` is the day of its next alert,
    `told` the offset of the last one before this last day (one that moved is told of anew); `sequence` grows with
    each change, for calendars that were sent out.
    """

    __tablename__ = "duty"
    __table_args__ = (
        Index("ix_duty_to_tell", "office", "tell_on", sqlite_where=TO_BE_TOLD, postgresql_where=TO_BE_TOLD),
        Index(
            *("ix_duty_running", "office", "until_at", "clock", "until_on", "begun_on", "flow"),
            sqlite_where=RUNS,
            postgresql_where=RUNS,
        ),  # the board counts by these columns alone, without a look at the rows
        Index("ix_duty_employer", "employer", "until_at"),
    )

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    clock: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun_on: Mapped[date] = mapped_column(Date, primary_key=True)
    flow: Mapped[str] = mapped_column(String(40))
    office: Mapped[str] = mapped_column(String(40))
    employer: Mapped[str | None] = mapped_column(String(40))
    until_on: Mapped[date] = mapped_column(Date)
    until_at: Mapped[datetime] = mapped_column(UTC)
    told: Mapped[int | None] = mapped_column(Integer)
    tell_on: Mapped[date | None] = mapped_column(Date)
    sequence: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UTC)
    ended_at: Mapped[datetime | None] = mapped_column(UTC)


class DutyBefore(Base):
    """A duty that ran before a measure opened its like anew, and to which day: so it runs again when that is lifted."""

    __tablename__ = "duty_before"

    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    clock: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun_on: Mapped[date] = mapped_column(Date, primary_key=True)
    until_on: Mapped[date] = mapped_column(Date)


class DutyShift(Base):
    """Where a duty goes when a measure moves its last day: no copy, filled and emptied within the act that uses it."""

    __tablename__ = "duty_shift"

    office: Mapped[str] = mapped_column(String(100), primary_key=True)
    clock: Mapped[str] = mapped_column(String(40), primary_key=True)
    until_on: Mapped[date] = mapped_column(Date, primary_key=True)
    was_begun: Mapped[date] = mapped_column(Date, primary_key=True)
    told: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    begun_on: Mapped[date] = mapped_column(Date)
    until_at: Mapped[datetime] = mapped_column(UTC)
    tell_on: Mapped[date | None] = mapped_column(Date)


class Alert(Base):
    """An alert given in some night: the way out for messages, which whoever sends them may read.

    The key keeps it from being given twice; `roles` names to whom it goes, between commas.
    """

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_night", "office", "given_on"),)

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    clock: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun_on: Mapped[date] = mapped_column(Date, primary_key=True)
    until_on: Mapped[date] = mapped_column(Date, primary_key=True)
    offset: Mapped[int] = mapped_column(Integer, primary_key=True)
    office: Mapped[str] = mapped_column(String(40))
    employer: Mapped[str | None] = mapped_column(String(40), index=True)
    roles: Mapped[str] = mapped_column(String(100))
    given_on: Mapped[date] = mapped_column(Date)
    given_at: Mapped[datetime] = mapped_column(UTC)


PROJECTIONS: tuple[Table, ...] = tuple(
    row.__table__
    for row in (
        Case, RegisterEntry, Account, Worker, Pass, ListedPass, OfficialNumber, FeeLine, Period, Employment, Stay,
        Document, Duty, DutyBefore, Alert, Quota, QuotaHeld, QuotaMove, GateSlot, SlotHeld, MedicalSeen,
    )
)  # fmt: skip
"""All copies, in the order in which they are made again."""
