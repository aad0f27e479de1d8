"""A measure: new rules laid over permits that run already, tried first, applied by a second person, taken back whole.

What it makes of one permit is a pure function of a few dated columns (`effect`). A measure of fifty thousand
permits is no fifty thousand events: each office's chain gets one, which binds the items by their digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Refusal, Step
from workflow.domain.record import Facts, Record, State
from workflow.domain.rulesets import Ruleset
from workflow.domain.terms import Terms
from workflow.domain.validity import last_day
from workflow.domain.words import N_


class Measure(State):
    """Where a measure stands."""

    DRAFTED = "drafted", N_("Being prepared")
    TRIED = "tried", N_("Tried, waiting for a second person")
    APPLIED = "applied", N_("Applied")
    REVERTED = "reverted", N_("Taken back"), True
    ENDED = "ended", N_("Measure ended"), True


class Laying(State):
    """Where a measure stands at one office."""

    LAID = "laid", N_("Laid over the permits")
    LIFTED = "lifted", N_("Lifted from the permits"), True


class Reach(Terms):
    """Which permits a measure reaches, in the offices of its provinces."""

    RUNNING = "running", N_("Permits that ran on its first day")
    LIVE = "live", N_("All permits that are not closed, those that ran out too")


@dataclass(frozen=True, kw_only=True)
class MeasureDraft(Evidence):
    """What a measure brings, where, from when, until when or which event. `under` is the digest of its rules."""

    title: str = asked(N_("Name of the measure"))
    legal_basis: str = asked(
        N_("Legal basis"), Ask.LONG_TEXT, hint=N_("The resolution or notice with its day.")
    )
    ruleset: str = asked(N_("Rules that it brings"), Ask.REGISTER, options="measure_rules")
    provinces: tuple[str, ...] = asked(N_("Provinces"), Ask.MANY, options="thai_provinces")
    from_on: date = asked(N_("Counts from"), Ask.DATE, hint=N_("May lie in the past."))
    ends_on: date | None = asked(
        N_("Ends on"), Ask.DATE, default=None, hint=N_("No permit is lengthened beyond this day.")
    )
    ends_when: str = asked(
        N_("Or ends when"), default="", hint=N_("An event, such as the border being open as normal.")
    )
    reach: Reach = asked(N_("Permits"), Ask.CHOICE, options=Reach)
    under: str = asked(N_("Digest"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class MeasureTrial(Evidence):
    """What a dry run found: how many permits change, how many stay, which cannot be; `trial` and digest name its list."""

    changed: int = asked(N_("Permits that change"), Ask.GIVEN)
    unchanged: int = asked(N_("Permits that stay as they are"), Ask.GIVEN)
    against: int = asked(N_("Permits that cannot be"), Ask.GIVEN)
    trial: str = asked(N_("Dry run"), Ask.GIVEN)
    digest: str = asked(N_("Digest"), Ask.GIVEN)
    under: str = asked(N_("Rules"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class MeasureOrder(Evidence):
    """The decision to apply a measure: what was judged anew at that moment, at which offices."""

    changed: int = asked(N_("Permits that change"), Ask.GIVEN, default=0)
    moved: int = asked(N_("Permits that moved since the dry run"), Ask.GIVEN, default=0)
    offices: tuple[str, ...] = asked(N_("Offices"), Ask.GIVEN, default=())
    under: str = asked(N_("Rules"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class MeasureReversal(Evidence):
    """Why a measure is taken back."""

    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)
    under: str = asked(N_("Rules"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class MeasureEnd(Evidence):
    """The day and the event with which a measure ended; what it gave before stays as it was dated."""

    ended_on: date = asked(N_("Ended on"), Ask.DATE)
    reason: str = asked(N_("What ended it"), Ask.LONG_TEXT)
    under: str = asked(N_("Rules"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class MeasureLaid(Evidence):
    """The items of a measure at one office, bound by their digest.

    `passed_over` names what was staged and does not count: the case moved on ("subject version attempt").
    `province` is that of the office when the measure was decided.
    """

    measure: str = asked(N_("Measure"), Ask.GIVEN)
    changed: int = asked(N_("Permits that change"), Ask.GIVEN)
    digest: str = asked(N_("Digest"), Ask.GIVEN)
    passed_over: tuple[str, ...] = asked(N_("Staged and passed over"), Ask.GIVEN, default=())
    province: str = asked(N_("Province"), Ask.GIVEN)
    under: str = asked(N_("Rules"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class MeasureLifted(Evidence):
    """A measure lifted at one office: how many permits are as they were, and which were acted on and so are not.

    `gone` names the measures that were lifted there before, the one laid last first.
    """

    untouched: int = asked(N_("Permits as they were before"), Ask.GIVEN)
    acted_on: tuple[str, ...] = asked(N_("Permits acted on since"), Ask.GIVEN, default=())
    gone: tuple[str, ...] = asked(N_("Measures lifted before"), Ask.GIVEN, default=())
    under: str = asked(N_("Rules"), Ask.GIVEN)


# what it makes of one permit ----------------------------------------------------------------

GRACE, UNKNOWN = "grace", "unknown"
OWN_ORDERS = frozenset({"suspended", "departure"})
"""Orders on one person, which no measure for many takes away."""


@dataclass(frozen=True, slots=True)
class Before:
    """A permit as the columns of its case give it; `crossed_on` is the day of its newest stamp or report."""

    subject: str
    version: int
    flags: frozenset[str]
    valid_from: date
    valid_until: date
    stay_until: date | None
    crossed_on: date | None
    employers: int
    measure: str


@dataclass(frozen=True, slots=True)
class After:
    """What a measure makes of a permit."""

    valid_until: date
    stay_until: date | None
    flags: frozenset[str]

    def changes(self, before: Before) -> bool:
        """Say whether anything is other than before."""
        return (self.valid_until, self.stay_until, self.flags) != (
            before.valid_until,
            before.stay_until,
            before.flags,
        )


def reaches(before: Before, measure: MeasureDraft) -> bool:
    """Say whether a measure is about a permit."""
    if before.valid_from > (measure.ends_on or date.max):
        return False
    return measure.reach is Reach.LIVE or before.valid_until >= measure.from_on


def effect(before: Before, rules: Ruleset, measure: MeasureDraft) -> After | Refusal:
    """Judge a permit that a measure reaches under the rules that it brings; a reason where it would belong under none.

    The permit gets the length of the new rules from the measure's first day, the stay runs to the first report;
    neither is made shorter, nor longer than the measure. Source: s.64 (conditions are fixed by Cabinet notification).
    """
    most = rules.get("employers.at_once")
    if most is not None and before.employers > most:
        return Refusal(
            "measure-employers",
            N_(
                "The worker works for %(now)s employers; under the new rules only %(most)s are allowed at once."
            ),
            {"now": before.employers, "most": most},
        )
    if not rules.orders:
        return After(before.valid_until, before.stay_until, (before.flags - {GRACE}) | {UNKNOWN})
    flags = before.flags if before.flags & OWN_ORDERS else (before.flags - {UNKNOWN}) | {GRACE}
    return After(_valid_until(before, rules, measure), _stay_until(before, rules, measure), flags)


def _valid_until(before: Before, rules: Ruleset, measure: MeasureDraft) -> date:
    first = max(before.valid_from, measure.from_on)
    until = last_day(first, rules.need("permit.length"), rules.get("permit.unit", "month"))
    return max(before.valid_until, min(until, measure.ends_on or until))


def _stay_until(before: Before, rules: Ruleset, measure: MeasureDraft) -> date | None:
    """A report under the measure counts by itself; until the first one the stay runs to its last day."""
    first, days = rules.get("report.first_from"), rules.get("report.first_within_days")
    reported = before.crossed_on is not None and first is not None and before.crossed_on >= first
    if before.stay_until is None or first is None or days is None or reported:
        return before.stay_until
    until = first + timedelta(days=days)
    return max(before.stay_until, min(until, measure.ends_on or until))


def digest_of(digests: Iterable[bytes]) -> str:
    """Bind a list of items by the digests of each, in the order of their subjects."""
    found = sha256()
    for digest in digests:
        found.update(digest)
    return found.hexdigest()


# guards -------------------------------------------------------------------------------------


def scope_is_own(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if whoever has a province reaches no further. Source: an appointment is for a province."""
    draft = evidence if isinstance(evidence, MeasureDraft) else record.history and record.history[0].evidence
    if actor.province is None or not draft or set(draft.provinces) <= {actor.province}:
        return None
    return Refusal("measure-elsewhere", N_("This measure reaches beyond your province."), field="provinces")


def runs_forward(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a measure ends on or after its first day. Source: no measure counts for days before it."""
    if evidence is None or evidence.ends_on is None or evidence.ends_on >= evidence.from_on:
        return None
    return Refusal("measure-days", N_("The measure ends before it begins."), field="ends_on")


def rules_hold_there(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the rules that a measure brings hold in all its provinces on its first day. Source: s.64."""
    if evidence is None or all(facts.ruleset.covers(evidence.from_on, one) for one in evidence.provinces):
        return None
    return Refusal(
        "measure-rules",
        N_("%(ruleset)s does not hold in all these provinces on the first day of the measure."),
        {"ruleset": facts.ruleset.id},
        "ruleset",
    )


def rules_say_how_long(
    record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> Refusal | None:
    """Only if the rules say how long a permit runs, or that nothing is decided. Source: permit.length of the ruleset."""
    if evidence is None or not facts.ruleset.orders or facts.ruleset.get("permit.length") is not None:
        return None
    return Refusal(
        "measure-length",
        N_("%(ruleset)s does not say how long a permit runs; nothing can be judged by it."),
        {"ruleset": facts.ruleset.id},
        "ruleset",
    )


def nothing_against(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the dry run found no permit that cannot be. Source: nothing is applied in part."""
    tried = record.last("record_dry_run")
    if tried is None or not tried.evidence.against:
        return None
    return Refusal(
        "measure-against",
        N_(
            "The dry run names %(count)s permits that would fall out of the rules; settle them and try again."
        ),
        {"count": tried.evidence.against},
    )


def something_changes(
    record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> Refusal | None:
    """Only if the dry run found a permit that changes. Source: an act without effect is not recorded as one."""
    tried = record.last("record_dry_run")
    if tried is None or tried.evidence.changed:
        return None
    return Refusal("measure-nothing", N_("The measure would change nothing."))


def ended_already(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the day on which a measure ended has come. Source: a record tells of what was."""
    if evidence is None or evidence.ended_on <= facts.on:
        return None
    return Refusal("lies-ahead", N_("This day lies in the future."), field="ended_on")


S, L = Measure, Laying
DESKS = (Role.OFFICER, Role.REGISTRAR, Role.ADMINISTRATOR)
PREPARES = ("draft_measure", "record_dry_run")

# fmt: off
STEPS = (
    Step("draft_measure",  N_("Prepare a measure"),       (START,), S.DRAFTED, DESKS, MeasureDraft, only_if=(scope_is_own, runs_forward, rules_hold_there, rules_say_how_long)),
    Step("record_dry_run", N_("Try the measure"),         (S.DRAFTED, S.TRIED), S.TRIED, DESKS, MeasureTrial, only_if=(scope_is_own,)),
    Step("apply_measure",  N_("Apply the measure"),       (S.TRIED,), S.APPLIED, DESKS, MeasureOrder, unlike=PREPARES, only_if=(scope_is_own, nothing_against, something_changes)),
    Step("revert_measure", N_("Take the measure back"),   (S.APPLIED,), S.REVERTED, DESKS, MeasureReversal, unlike=("apply_measure",), only_if=(scope_is_own,)),
    Step("end_measure",    N_("End the measure"),         (S.DRAFTED, S.TRIED, S.APPLIED), S.ENDED, DESKS, MeasureEnd, only_if=(scope_is_own, ended_already)),
)
AT_AN_OFFICE = (
    Step("lay_measure",  N_("Lay the measure over the permits"), (START,), L.LAID, (Role.SYSTEM,), MeasureLaid),
    Step("lift_measure", N_("Lift the measure from the permits"), (L.LAID,), L.LIFTED, (Role.SYSTEM,), MeasureLifted),
)
# fmt: on

FLOW = Flow("measure", N_("Measure"), Measure, STEPS)
LAYING = Flow("laying", N_("Measure at an office"), Laying, AT_AN_OFFICE)
FLOWS = (FLOW, LAYING)
