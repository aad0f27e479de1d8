"""What can be answered: of a list of what is missing and of an order, what to do, by when, and where to appeal."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from workflow.domain import clocks
from workflow.domain.appeal_policies import ADVERSE
from workflow.domain.employer_policies import bar_on
from workflow.domain.everywhere import Deficiencies
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import Ruleset, Words
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_

LANGUAGES = ("th", "en", "km")
DECIDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("application", "refused"): ("decide",),
    ("application", "disqualified"): ("refuse_identity",),
    ("application", "leaving"): ("arrange_return",),
    ("application", "failed"): ("end_without_permit", "arrange_return", "lapse_unpaid"),
    ("request", "refused"): ("decide_request",),
    ("request", "revoked"): ("revoke_request",),
    ("request", "returned"): ("return_request",),
    ("request", "list_open"): ("decide_request",),
    ("request", "list_locked"): ("decide_request",),
    ("request", "running"): ("decide_request",),
    ("permit", "revoked"): ("revoke",),
}
"""By which step a case came to stand against somebody; an approval of a part bears its reason too."""
IN_FULL = frozenset({"list_open", "list_locked", "running"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that is missing or stands against somebody: what, the field or paper it is about, what to do.

    `health` marks what is not shown where others may look.
    """

    what: Words
    about: Words
    do: Words
    health: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was asked or decided and how to answer it; `by` is the last day to answer, `appeal_by` to appeal.

    `until` is the last day of what was ordered.

    `appeal_days` is told while the order is not served and its last day is not known.
    """

    label: str
    on: date
    points: tuple[Point, ...]
    words: str
    by: date | None = None
    until: date | None = None
    appeal: Words | None = None
    appeal_days: int | None = None
    appeal_by: date | None = None

    @property
    def health(self) -> bool:
        """Say whether any point tells of somebody's health."""
        return any(point.health for point in self.points)


def answers(record: Record, facts: Facts) -> tuple[Answer, ...]:
    """List what stands to be answered in a case, worst first; nothing where nothing does."""
    return (*_order(record, facts), *_missing(record, facts))


def answers_of_employer(employer: Record, facts: Facts) -> Iterator[Answer]:
    """Tell what stands against an employer: the bar that runs, with how to appeal, and the warning."""
    bar = bar_on(employer, facts.on)
    if bar is not None:
        yield replace(
            _against_employer(N_("Barred from employing foreign workers"), bar, facts),
            until=bar.evidence.until,
            appeal=Words(facts.ruleset.get("appeal", {})),
            appeal_days=facts.ruleset.get("appeal.days"),
            appeal_by=_appeal_by(employer, facts),
        )
    if "warned" in employer.flags:
        yield _against_employer(N_("Warned"), employer.last("warn_employer"), facts)


def _against_employer(label: str, done: Done, facts: Facts) -> Answer:
    point = _point(facts.ruleset, "employer_grounds", done.evidence.ground)
    return Answer(label=label, on=bangkok_date(done.happened_at), points=(point,), words=done.evidence.reason)


def _missing(record: Record, facts: Facts) -> Iterator[Answer]:
    asked = record.last("ask_for_missing")
    if record.state != "incomplete" or asked is None or not isinstance(asked.evidence, Deficiencies):
        return
    stated = asked.evidence
    yield Answer(
        label=N_("What is missing"),
        on=bangkok_date(asked.happened_at),
        points=tuple(_point(facts.ruleset, "deficiencies", item) for item in stated.items),
        words=stated.other,
        by=stated.answer_until,
    )


def _order(record: Record, facts: Facts) -> Iterator[Answer]:
    steps = DECIDED.get((record.flow, record.state or ""))
    decided = record.last(*steps) if steps else None
    if decided is None or (record.state in IN_FULL and not getattr(decided.evidence, "reason_code", None)):
        return
    appealable = (record.flow, record.state) in ADVERSE
    yield Answer(
        label=_label(record),
        on=bangkok_date(decided.happened_at),
        points=tuple(_points(decided, facts.ruleset)),
        words=getattr(decided.evidence, "reason", ""),
        appeal=Words(facts.ruleset.get("appeal", {})) if appealable else None,
        appeal_days=facts.ruleset.get("appeal.days") if appealable else None,
        appeal_by=_appeal_by(record, facts) if appealable else None,
    )


def _label(record: Record) -> str:
    if record.state == "revoked":
        return N_("Why it was revoked")
    if record.state in IN_FULL:
        return N_("Why it was approved in part")
    return N_("Why it was refused") if record.state in ("refused", "disqualified") else N_("Why it ended")


def _points(decided: Done, ruleset: Ruleset) -> Iterator[Point]:
    stated = decided.evidence
    for name, listed in (("reason_code", "refusal_reasons"), ("ground", "revocation_grounds")):
        code = getattr(stated, name, None)
        if code:
            yield _point(ruleset, listed, str(code))


def _point(ruleset: Ruleset, listed: str, code: str) -> Point:
    """Find an entry of the ruleset; one that is there no more shows its bare code."""
    entry = ruleset.get(listed, {}).get(code, {})
    what = Words({language: entry[language] for language in LANGUAGES if language in entry} or {"en": code})
    about, do = (Words(entry.get(part, {})) for part in ("about", "do"))
    return Point(what=what, about=about, do=do, health=bool(entry.get("health")))


def _appeal_by(record: Record, facts: Facts) -> date | None:
    """The last day to appeal is known once the order was served."""
    return next((due.until for due in clocks.running(record, facts) if due.clock.name == "appeal"), None)
