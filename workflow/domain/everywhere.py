"""What may happen to any case at any point: reasons, one list of what is missing, hold, correction."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflow.domain import policies as only
from workflow.domain.actor import Role
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import KEYED_IN, Policy, Step
from workflow.domain.record import Facts, Flag, Record, State
from workflow.domain.terms import Terms
from workflow.domain.words import N_


@dataclass(frozen=True, kw_only=True)
class Reason(Evidence):
    """A reason in words, where nothing else is stated."""

    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class CodedReason(Evidence):
    """A reason with its code from the ruleset's list and its words."""

    reason_code: str = asked(N_("Reason"), Ask.CHOICE, options="refusal_reasons")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Deficiencies(Evidence):
    """The one list of what is missing, with the day by which it is to be answered.

    Licensing Facilitation Act B.E. 2558 (2015): defects are listed once, both sides sign.
    """

    items: tuple[str, ...] = asked(N_("What is missing"), Ask.MANY, options="deficiencies")
    other: str = asked(N_("Further, in words"), Ask.LONG_TEXT, default="")
    answer_until: date = asked(N_("To be answered by"), Ask.DATE)
    supervisor_reason: str = asked(
        N_("Supervisor's reason for a new demand"),
        Ask.LONG_TEXT,
        default="",
        hint=N_("Needed when the case was sent back before and something new is asked."),
    )


@dataclass(frozen=True, kw_only=True)
class Correction(Evidence):
    """New evidence to stand in place of what event `number` stated, and why.

    `values` are the corrected evidence as JSON values, `happened_at` the corrected moment if that
    was wrong. The outcome stays: a different outcome is a step of its own, not a correction.
    """

    number: int = asked(N_("Entry to correct"), Ask.GIVEN)
    values: dict[str, Any] = asked(N_("Corrected facts"), Ask.GIVEN)
    happened_at: str | None = asked(N_("Corrected time"), Ask.GIVEN, default=None)
    reason: str = asked(N_("Reason for the correction"), Ask.LONG_TEXT)


class AttachedKind(Terms):
    """What a file in a case shows."""

    PHOTO = "photo", N_("Photo 3 x 4 cm")
    PASS = "pass", N_("Scan of the pass")
    STAMP = "stamp", N_("Scan of the stamp")
    SIGNED_FORM = "signed_form", N_("Signed form, come back")
    CONTRACT = "contract", N_("Contract")
    OTHER = "other", N_("Other")


@dataclass(frozen=True, kw_only=True)
class AttachedFile(Evidence):
    """A photo, scan or signed form that belongs to the case."""

    shows: AttachedKind = asked(N_("What the file shows"), Ask.CHOICE, options=AttachedKind)
    file: str = asked(N_("File"), Ask.FILE)
    note: str = asked(N_("Note"), default="")


class ServedHow(Terms):
    """How an order came to the person whom it concerns."""

    IN_PERSON = "in_person", N_("Handed over")
    POST = "post", N_("By registered post")
    POSTED = "posted", N_("Put up at the dwelling or the workplace")


@dataclass(frozen=True, kw_only=True)
class Serving(Evidence):
    """How an order was served; the time to appeal runs from that day. `order` is the number of its event."""

    order: int = asked(N_("Order"), Ask.GIVEN, default=0)
    served_to: str = asked(N_("Served to"))
    served_on: date = asked(N_("Served on"), Ask.DATE)
    how: ServedHow = asked(N_("How"), Ask.CHOICE, options=ServedHow)


@dataclass(frozen=True, kw_only=True)
class Recall(Evidence):
    """An order taken back before it was served, with the reason. `order` is the number of its event."""

    order: int = asked(N_("Order"), Ask.GIVEN, default=0)
    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)


def of_the_newest_order(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    """Complete service or recall with the number of the order that it is about."""
    order = only.newest_order(record)
    return evidence if order is None else replace(evidence, order=order.number)


class EverywhereFlag(Flag):
    """Flags that any case may bear."""

    ON_HOLD = "on_hold", N_("On hold"), True
    CORRECTION_PROPOSED = "correction_proposed", N_("Correction waits for a second person"), True


class Everywhere:
    """The rows that every flow shares."""

    Flags = EverywhereFlag

    @staticmethod
    def steps(
        live: tuple[State, ...],
        every: tuple[State, ...],
        *,
        stopping: tuple[Flag, ...] = (),
        released: tuple[Policy, ...] = (),
    ) -> tuple[Step, ...]:
        """Give hold, release and correction for the states of one flow.

        `stopping` are further flags of the flow that keep none of these out; `released` what a release needs.
        """
        held, proposed = EverywhereFlag.ON_HOLD, EverywhereFlag.CORRECTION_PROPOSED
        deciders = (Role.OFFICER, Role.REGISTRAR)
        # fmt: off
        askers = (Role.EMPLOYER, Role.AGENT)
        return (
            Step("attach_file", N_("Add a file"), every, None, (*deciders, *askers), AttachedFile, under=(held, proposed, *stopping), only_if=(only.still_concerned,)),
            Step("hold",    N_("Put on hold"),       live, None, (*deciders, Role.SYSTEM), Reason, bars=(held,), under=(proposed, *stopping), raises=(held,)),
            Step("release", N_("Release from hold"), live, None, deciders, Reason, needs=(held,), under=(held, proposed, *stopping), lifts=(held,), only_if=released),
            Step("propose_correction", N_("Propose a correction"), every, None, deciders, Correction, bars=(proposed,), under=(held, *stopping), only_if=(only.corrects_a_standing_entry, only.correction_keeps_outcome), raises=(proposed,)),
            Step("confirm_correction", N_("Confirm the correction"), every, None, deciders, needs=(proposed,), under=(held, proposed, *stopping), only_if=(only.another_person_proposed,), lifts=(proposed,)),
            Step("reject_correction",  N_("Reject the correction"), every, None, deciders, Reason, needs=(proposed,), under=(held, proposed, *stopping), lifts=(proposed,)),
        )
        # fmt: on

    @staticmethod
    def orders(
        ordered: tuple[State, ...],
        recalls: tuple[tuple[State, State, tuple[str, ...], tuple[Flag, ...]], ...],
        recalled: tuple[Policy, ...] = (),
    ) -> tuple[Step, ...]:
        """Give service and recall of orders for one flow (P14).

        `ordered` are the states in which an order waits to be served. Each recall says from which state an order
        is taken back to which, whose decision it takes back, and which flags hold again; `recalled` is what a recall
        needs besides.
        """
        held, proposed = EverywhereFlag.ON_HOLD, EverywhereFlag.CORRECTION_PROPOSED
        serve = Step("serve_order", N_("Serve the order"), ordered, None, (Role.OFFICER,), Serving, under=(held, proposed), completes=of_the_newest_order, only_if=(only.order_waits_to_be_served, only.served_after_order))  # fmt: skip
        return (
            serve,
            *(
                Step("recall_order", N_("Recall the order"), (made,), back, (Role.REGISTRAR,), Recall, unlike=(*by, KEYED_IN), raises=raises, completes=of_the_newest_order, only_if=(only.registrar_appointed, only.order_waits_to_be_served, *recalled))  # fmt: skip
                for made, back, by, raises in recalls
            ),
        )
