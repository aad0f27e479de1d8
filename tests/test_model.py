"""The whole process as a model: 25,000 steps by chance (1,000,000 with --long), then what chance does not reach.

Every row of every table is taken and every reason of the domain is given at least once; after each step all that
must hold is looked at (model_invariants). SAPHAN_MODEL_SEED walks another way.
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from tests.model import DAY
from tests.model_coverage import ENGINE, Coverage
from tests.model_walk import CAUSED, World, tried, walk, wide_rules
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.appeal import AppealFiled
from workflow.domain.application import MedicalClass, Track
from workflow.domain.blanks import Accounting, Pile, Reservation, SpoiltForm, UsedForm
from workflow.domain.crossing import Exit, StayReport
from workflow.domain.employer import BusinessEnd
from workflow.domain.employer_policies import standing_bar
from workflow.domain.everywhere import AttachedFile, AttachedKind, Correction, Reason
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Flow, Refusal, Refused, Step, advance
from workflow.domain.flows import FLOWS
from workflow.domain.kinds import Renewal
from workflow.domain.measure import Before, MeasureDraft, MeasureOrder, MeasureTrial, Reach, effect
from workflow.domain.permit import EmploymentStarted, TraffickingCheck, TraffickingOutcome
from workflow.domain.policies import ORDERS
from workflow.domain.record import Done, Record
from workflow.domain.renewal_policies import IN_QUESTION
from workflow.domain.request import RequestBack, RequestOutcome
from workflow.domain.rulesets import NONE
from workflow.domain.thai import bangkok_date

SEED = int(os.environ.get("SAPHAN_MODEL_SEED", "64"))
STEPS, LONG = 25_000, 1_000_000
WORLDS = 30
"""So many worlds look for a row before it is said that nobody can take it."""


def test_every_row_is_taken_and_every_reason_given_by_chance_or_by_script(
    request: pytest.FixtureRequest,
) -> None:
    began, coverage = time.process_time(), Coverage()
    steps = walk(SEED, LONG if request.config.getoption("--long") else STEPS, coverage)
    by_chance = coverage.lines()
    bars_that_are_lifted_or_set_aside(settled("bars", coverage), coverage)
    for flow, row in missing(coverage):
        seek(flow, row, coverage)
    for number, script in enumerate(SCRIPTS):
        script(settled(number, coverage), coverage)
    print(
        f"seed {SEED}: {steps} steps, {time.process_time() - began:.0f} s of the processor",
        *by_chance,
        sep="\n",
    )
    print(f"then by script, {tried(coverage) - steps} further steps:", *coverage.lines(), sep="\n")
    assert steps >= STEPS
    assert coverage.rows_missing() == []
    assert coverage.codes_missing() == []


def test_the_same_seed_walks_the_same_way() -> None:
    first, again = Coverage(), Coverage()
    walk(SEED, 300, first)
    walk(SEED, 300, again)
    assert first == again


# rows that chance leaves out ------------------------------------------------------------------


def missing(coverage: Coverage) -> list[tuple[Flow, Step]]:
    """List the rows that were not taken; those that follow from others come last."""
    rows = [(flow, row) for flow in FLOWS.values() for row in flow.steps if not coverage.times(flow, row)]
    return sorted(rows, key=lambda each: (each[0].name, each[1].name) in CAUSED)


def seek(flow: Flow, row: Step, coverage: Coverage) -> None:
    """Walk worlds towards one row, or towards what it follows from, until it was taken."""
    for number in range(WORLDS):
        if coverage.times(flow, row):
            return
        world = settled(f"{flow.name} {row.name} {number}", coverage)
        for other, cause in causing(flow, row) or [(flow, row)]:
            where = next((str(source) for source in row.source if other is not flow), None)
            if other.name == "appeal" and where:
                world.reach(flow, next(one for one in flow.steps if one.target == where))
            world.reach(other, cause)


def causing(flow: Flow, row: Step) -> list[tuple[Flow, Step]]:
    """List the rows that bring a row about, if it only follows from others."""
    if row.by != (Role.SYSTEM,):
        return []
    found = [
        (other, one)
        for other in FLOWS.values()
        for one in other.steps
        for cause in one.causes
        if (cause.flow, cause.step) == (flow.name, row.name)
    ]
    return found[:3]


def settled(name: object, coverage: Coverage) -> World:
    """Give a world under wide rules with requests that run."""
    world = World(Random(f"{SEED} {name}"), coverage, "wide")
    world.settle()
    return world


def applications_filed_twice(world: World, coverage: Coverage) -> None:
    """A renewal and a substitute are filed and paid for, returned, filed again without a second fee, and withdrawn."""
    for step, kind in (("file_application", "renewal"), ("file_substitute", "substitute")):
        assert any(
            _filed_twice(settled(f"{kind} {number}", coverage), step, kind) for number in range(WORLDS)
        ), kind


def _filed_twice(world: World, step: str, kind: str) -> bool:
    flow = FLOWS["application"]
    first, again = (
        next(row for row in flow.rows(step) if set(map(str, row.needs)) == needs)
        for needs in ({kind}, {kind, "fee_paid"})
    )
    withdrawn = next(row for row in flow.rows("withdraw") if bool(row.needs) == (kind == "renewal"))
    if not world.reach(flow, first, most=1500):
        return False
    filed = next(
        one.subject for one in world.office.of("application") if one.last(step) and kind in one.flags
    )
    return all(
        world.reach(flow, row, filed) for row in (flow.rows("pay_application_fee")[0], again, withdrawn)
    )


def requests_reinstated_where_they_stood(world: World, coverage: Coverage) -> None:
    """A revoked request whose appeal is allowed stands again where it stood, wherever that was."""
    appeals = FLOWS["appeal"]
    for back in RequestBack:
        world = settled(f"revoked {back}", coverage)
        held = world.bring(
            "request", "decide_request" if back == "list_open" else "lock_list", back.value, most=2000
        )
        revoked = world.insist(held, "revoke_request")
        for _ in range(60):
            appeal = world.insist(world.office.new("appeal", "PNR"), "file_appeal")
            if appeal.history[0].evidence.case == revoked.subject:
                break
        received = world.insist(appeal, "receive_appeal")
        world.reach(
            appeals, next(row for row in appeals.rows("decide_appeal") if row.causes), received.subject
        )
        assert world.office.records[revoked.subject].state == back.value


def bars_that_are_lifted_or_set_aside(world: World, coverage: Coverage) -> None:
    """A bar that is lifted counts no more, nor one whose appeal is allowed; only time tells that chance meets one."""
    employer = next(world.office.of("employer"))
    for step in ("propose_bar", "bar_employer", "lift_bar", "propose_bar", "bar_employer", "serve_order"):
        employer = world.insist(employer, step)
    ann = by(world, "ann")
    ask(world, employer, ann, "propose_bar", stated(world, employer, ann, "propose_bar"))
    request, owner = world.office.new("request", "PNR"), _owner_of(world, employer.subject)
    ask(world, request, owner, "draft_request", stated(world, request, owner, "draft_request"))
    for _ in range(60):
        appeal = world.insist(world.office.new("appeal", "PNR"), "file_appeal")
        if appeal.history[0].evidence.case == employer.subject:
            break
    received, row = world.insist(appeal, "receive_appeal"), FLOWS["appeal"].rows("decide_appeal")[1]
    assert world.reach(FLOWS["appeal"], row, received.subject)
    assert standing_bar(world.office.records[employer.subject]) is None


def _owner_of(world: World, employer: str) -> Actor:
    return next(one for one in world.actors if one.employer == employer)


# reasons that chance leaves out ---------------------------------------------------------------


def ask(world: World, record: Record, actor: Actor, step: str, evidence: Evidence, **known: object) -> None:
    """Ask about a step with facts as they would be looked up in such a case."""
    flow = FLOWS[record.flow]
    facts = replace(world.office.facts(record, evidence, actor), **known)
    with pytest.raises(Refused) as found:
        advance(flow, record, step, evidence, actor, facts)
    world.coverage.refused(world.judged(flow, record, step, evidence, actor, facts, found.value))


def by(world: World, account: str) -> Actor:
    """Give somebody of a world by the account."""
    return next(one for one in world.actors if one.account == account)


def stated(world: World, record: Record, actor: Actor, step: str, place: int = 0) -> Evidence:
    """State good evidence for a row of a step."""
    return world.values.stated(FLOWS[record.flow].rows(step)[place], record, actor)


def an_outcome_that_is_closed(world: World, coverage: Coverage) -> None:
    """A permit cannot be granted while the newest medical check was not passed; a refusal is open."""
    opened = replace(
        world.bring("application", "check_identity"), state="assessed", flags=frozenset({"unfit"})
    )
    row = next(one for one in FLOWS["application"].rows("decide") if one.target == "granted")
    ask(world, opened, by(world, "reg1"), "decide", world.values.stated(row, opened, by(world, "reg1")))


def a_check_that_was_not_passed(world: World, coverage: Coverage) -> None:
    """The flag keeps it out before; should it be missing, the newest result alone still refuses the filing."""
    seen = world.bring("application", "record_medical")
    history = tuple(_unfit(done) for done in seen.history)
    ready = replace(seen, state="ready", flags=frozenset(), history=history)
    owner = next(one for one in world.actors if one.employer == seen.history[0].evidence.employer)
    ask(world, ready, owner, "file_application", stated(world, ready, owner, "file_application"))


def _unfit(done: Done) -> Done:
    return (
        replace(done, evidence=replace(done.evidence, result=MedicalClass.UNFIT))
        if done.step == "record_medical"
        else done
    )


def forms_of_a_power_cut(world: World, coverage: Coverage) -> None:
    """A form is used once, for its own step and office, not before it was printed; what is left is counted."""
    clerk = by(world, "ann")
    new = world.office.new("blanks", clerk.office or "")
    one = Pile("permit", "hold", 3)
    for piles in ((), (replace(one, count=999),)):
        ask(world, new, clerk, "reserve_forms", Reservation(for_on=world.office.today, piles=piles))
    pile = world.attempt(clerk, new, "reserve_forms", Reservation(for_on=world.office.today, piles=(one,)))
    use = UsedForm(
        form=1, flow="permit", step="hold", office=pile.office, case="x", event=2, done_at=world.office.now
    )
    pile = world.attempt(SYSTEM, pile, "use_form", use)
    pile = world.attempt(clerk, pile, "spoil_form", SpoiltForm(form=2, reason="x"))
    for form in (1, 2, 9):
        ask(world, pile, SYSTEM, "use_form", replace(use, form=form))
    for wrong in ({"step": "release"}, {"office": "x"}, {"done_at": pile.history[0].happened_at - DAY}):
        ask(world, pile, SYSTEM, "use_form", replace(use, form=3, **wrong))
    ask(world, pile, clerk, "account_forms", Accounting(counted=2))


def measures_that_cannot_be(world: World, coverage: Coverage) -> None:
    """A measure without length, one that changes nothing, one under which permits would fall out of the rules."""
    one, other = by(world, "adm1"), by(world, "adm2")
    one, other = replace(one, province=None), replace(other, province=None)
    endless = wide_rules("ENDLESS", {"permit.length": None})
    world.office.by_digest[endless.digest] = endless
    on = world.office.today
    draft = MeasureDraft(
        title="ม",
        legal_basis="มติ",
        ruleset="x",
        provinces=("22",),
        from_on=on,
        ends_on=on + DAY,
        reach=Reach.LIVE,
        under=endless.digest,
    )
    new = world.office.new("measure", "PNR")
    ask(world, new, one, "draft_measure", draft)
    ask(world, new, by(world, "adm1"), "draft_measure", replace(draft, provinces=("23",)))
    normal = world.office.rules[-1]
    drafted = world.attempt(one, new, "draft_measure", replace(draft, under=normal.digest))
    for changed, against in ((3, 2), (0, 0)):
        found = MeasureTrial(
            changed=changed, unchanged=0, against=against, trial="t", digest="d", under=normal.digest
        )
        tried_out = world.attempt(one, drafted, "record_dry_run", found)
        ask(world, tried_out, other, "apply_measure", MeasureOrder(under=normal.digest))
        drafted = tried_out
    judged = effect(_permit_of_two(on), wide_rules("ONE", {"employers.at_once": 1}), draft)
    assert isinstance(judged, Refusal)
    coverage.codes["measure", judged.code] += 1


def _permit_of_two(on: object) -> Before:
    return Before("pe1", 3, frozenset(), on, on + 60 * DAY, None, None, 2, "")


def numbers_of_others(world: World, coverage: Coverage) -> None:
    """Official numbers that stand in another file are refused wherever they are entered."""
    clerk = by(world, "bea")
    numbered = world.bring("application", "enter_numbers", most=2000)
    paid = replace(
        numbered, state="paid", history=numbered.history[: numbered.last("enter_numbers").number - 1]
    )
    given = numbered.last("enter_numbers").evidence
    for name in ("permit_number", "foreigner_number", "known_foreigner_number"):
        ask(world, paid, clerk, "enter_numbers", given, taken={name: "0022000000015"})
    paper = world.office.new("permit", "PNR")
    ask(
        world,
        paper,
        clerk,
        "take_over_permit",
        stated(world, paper, clerk, "take_over_permit"),
        taken={"permit_number": "AP-1"},
    )


def a_full_band(world: World, coverage: Coverage) -> None:
    """A band that is full takes nobody, as long as another one is free."""
    checked = replace(world.bring("application", "check_identity"), state="cleared", flags=frozenset())
    clerk = by(world, "bea")
    plan = replace(stated(world, checked, clerk, "plan_entry"), gate="ban_laem", band="morning")
    ask(world, checked, clerk, "plan_entry", replace(plan, band="midnight"))
    ask(world, checked, clerk, "plan_entry", plan, counts={"taken:morning": 300})


def orders_without_a_term(world: World, coverage: Coverage) -> None:
    """Where the rules set no term, no permit can be granted, neither a new nor a renewed one."""
    registrar, none = (
        by(world, "reg1"),
        wide_rules("ENDLESS", {"permit.length": None, "permit.capped_by": ()}),
    )
    rows = [
        row
        for row in FLOWS["application"].rows("decide")
        if row.target == "granted" and (not row.needs or row.needs[0] == "renewal")
    ]
    checked = world.bring("application", "check_identity")
    for row in rows:
        assessed = replace(checked, state="assessed", flags=frozenset(map(str, row.needs)))
        order = replace(world.values.stated(row, assessed, registrar), valid_from=None, valid_until=None)
        ask(world, assessed, registrar, "decide", order, ruleset=none)


def corrections_of_what_others_rest_on(world: World, coverage: Coverage) -> None:
    """What an order rests on is corrected no more; an order itself only with the registrar."""
    decided = world.bring("request", "decide_request", flags=frozenset())
    first, order = (
        decided.last("draft_request", "revise_draft", "complete_request"),
        decided.last("decide_request"),
    )
    ann, bea = by(world, "ann"), by(world, "bea")
    more = first.evidence.plain() | {"men": first.evidence.men + 1}
    ask(world, decided, ann, "propose_correction", Correction(number=first.number, values=more, reason="ผิด"))
    other = order.evidence.plain() | {
        "order": next(one for one in RequestOutcome if one is not order.evidence.order).value
    }
    ask(world, decided, ann, "propose_correction", Correction(number=order.number, values=other, reason="ผิด"))
    issued = world.bring("application", "issue_permit", "issued", most=2000)
    numbers = issued.last("enter_numbers")
    same = Correction(number=numbers.number, values=numbers.evidence.plain(), reason="ผิด")
    ask(world, issued, ann, "propose_correction", same)
    paid = issued.last("pay_permit_fee", "pay_application_fee")
    regrouped = paid.evidence.plain() | {"payment": "another"}
    ask(world, issued, ann, "propose_correction", Correction(number=paid.number, values=regrouped, reason="ผิด"))
    added = world.bring("application", "open_addition", most=2000)
    turned = added.history[0].evidence.plain() | {"worker": "wo"}
    ask(world, added, ann, "propose_correction", Correction(number=added.history[0].number, values=turned, reason="ผิด"))
    words = Correction(number=order.number, values=order.evidence.plain() | {"reason": "แก้คำ"}, reason="ผิด")
    proposed = Record(
        **{
            **_parts(decided),
            "flags": decided.flags | {"correction_proposed"},
            "history": (*decided.history, _proposal(decided, ann, words)),
        }
    )
    ask(world, proposed, bea, "confirm_correction", stated(world, proposed, bea, "confirm_correction"))


def _parts(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in ("flow", "subject", "reference", "office", "state")}


def _proposal(record: Record, actor: Actor, correction: Correction) -> Done:
    last = record.history[-1]
    return replace(
        last,
        number=record.version + 1,
        step="propose_correction",
        person=actor.person,
        role=actor.role.value,
        evidence=correction,
    )


def a_permit_that_is_held(world: World, coverage: Coverage) -> None:
    """Nothing is granted on a permit that is on hold."""
    checked, registrar = world.bring("application", "check_identity"), by(world, "reg1")
    row = next(row for row in FLOWS["application"].rows("decide") if "renewal" in map(str, row.needs))
    assessed = replace(checked, state="assessed", flags=frozenset({"renewal"}))
    order = world.values.stated(row, assessed, registrar)
    held = replace(world.bring("permit", "take_over_permit", most=2000), flags=frozenset({"on_hold"}))
    ask(world, assessed, registrar, "decide", order, related={"permit": held})


def bars_that_no_rule_knows(world: World, coverage: Coverage) -> None:
    """Where the rules do not say how long an employer may be barred, none is; nor longer than they say."""
    officer, employer = by(world, "ann"), next(world.office.of("employer"))
    proposal = stated(world, employer, officer, "propose_bar")
    ask(world, employer, officer, "propose_bar", proposal, ruleset=NONE)
    ask(world, employer, officer, "propose_bar", replace(proposal, until=world.office.today + 1200 * DAY))
    ask(world, employer, by(world, "reg1"), "lift_bar", Reason(reason="-"))
    drafted = world.bring("request", "draft_request", "drafted")
    owner = _owner_of(world, drafted.history[0].evidence.employer)
    gone = {"employer": replace(employer, state="ceased")}
    ask(
        world, drafted, owner, "submit_request", stated(world, drafted, owner, "submit_request"), related=gone
    )
    ended = BusinessEnd(ceased_on=world.office.today + DAY, reason="-")
    ask(world, employer, officer, "cease_employer", ended)


def orders_that_were_served(world: World, coverage: Coverage) -> None:
    """An order that was served is corrected no more."""
    served = world.bring("request", "serve_order", most=2000)
    number = served.last("serve_order").evidence.order
    order = served.history[number - 1]
    assert order.step in ORDERS
    words = Correction(number=number, values=order.evidence.plain() | {"reason": "แก้คำ"}, reason="ผิด")
    ask(world, served, by(world, "ann"), "propose_correction", words)
    assert coverage.codes["policies", "order-served-before"]


def a_pass_that_ends_before_the_permit(world: World, coverage: Coverage) -> None:
    """A pass that turns out to end earlier than the ordered days stands against the issue."""
    numbered = world.bring("application", "enter_numbers", "numbered", most=2000)
    soon = world.office.today
    history = tuple(
        replace(done, evidence=replace(done.evidence, pass_expires_on=soon))
        if hasattr(done.evidence, "pass_expires_on")
        else done
        for done in numbered.history
    )
    new = replace(numbered, history=history, flags=frozenset({"fee_paid"}))
    ask(world, new, by(world, "bea"), "issue_permit", stated(world, new, by(world, "bea"), "issue_permit"))
    assert coverage.codes["policies", "order-outlasts"]


def a_list_of_nothing_missing(world: World, coverage: Coverage) -> None:
    """What is missing is said."""
    ann, received = by(world, "ann"), world.bring("request", "receive_request", "received")
    asked = stated(world, received, ann, "ask_for_missing")
    ask(world, received, ann, "ask_for_missing", replace(asked, items=(), other=""))


def a_request_for_nobody(world: World, coverage: Coverage) -> None:
    """At least one worker is wanted."""
    clerk, new = by(world, "ann"), world.office.new("request", "PNR")
    ask(
        world,
        new,
        clerk,
        "draft_request",
        replace(stated(world, new, clerk, "draft_request"), men=0, women=0),
    )


def registers_that_run_backwards(world: World, coverage: Coverage) -> None:
    """A licence does not end before it begins."""
    clerk, new = by(world, "bea"), world.office.new("doctor", "PNR")
    doctor = stated(world, new, clerk, "enter_doctor")
    ask(world, new, clerk, "enter_doctor", replace(doctor, valid_until=doctor.valid_from - DAY))
    known = next(world.office.of("doctor"))
    ask(world, new, clerk, "enter_doctor", known.last("enter_doctor").evidence, related={"doctor": known})
    assert coverage.codes["medical_policies", "licence-backwards"]


def steps_by_one_person(world: World, coverage: Coverage) -> None:
    """Who keyed in for another does not decide, under whichever account."""
    kept = world.bring("request", "recommend_request", "reviewed")
    keyed = replace(
        kept, history=(replace(kept.history[0], person="both", on_behalf_of="employer"), *kept.history[1:])
    )
    ask(
        world,
        keyed,
        by(world, "both-reg"),
        "decide_request",
        stated(world, keyed, by(world, "both-reg"), "decide_request"),
    )
    assert coverage.codes[ENGINE, "keyed-in"]


def a_permit_beside_another(world: World, coverage: Coverage) -> None:
    """No more employers than ruled follow by themselves; a permit that has ended is not reopened beside another one."""
    other = world.bring("permit", "take_over_permit")
    one_employer = wide_rules("ONE", {"employers.at_once": 1})
    more = EmploymentStarted(
        application="ap9", employer="em-x", workplace="สวน", job="กรรมกร", from_on=world.office.today
    )
    ask(world, other, SYSTEM, "add_employer", more, ruleset=one_employer)
    ended = replace(other, state="ended")
    ask(world, ended, by(world, "reg1"), "reopen", Reason(reason="ผิด"), taken={"live_permit": "pe9"})


def permits_in_question(world: World, coverage: Coverage) -> None:
    """Nothing is granted on a permit about which something is open, nor anything opened in another worker's name."""
    registrar, permit = by(world, "reg1"), world.bring("permit", "take_over_permit")
    granted = [one for one in FLOWS["application"].rows("decide") if one.target == "granted"]
    row = next(one for one in granted if one.needs == (Track.RENEWAL,))
    checked = world.bring("application", "check_identity")
    assessed = replace(checked, state="assessed", flags=frozenset({"renewal"}))
    order = world.values.stated(row, assessed, registrar)
    for flag in IN_QUESTION:
        ask(
            world,
            assessed,
            registrar,
            "decide",
            order,
            related={"permit": replace(permit, flags=frozenset({flag}))},
        )
    renewed = replace(
        permit, history=(*permit.history, replace(permit.history[0], number=2, step="extend_permit"))
    )
    once = wide_rules("ONCE", {"renewal.most": 1})
    ask(world, assessed, registrar, "decide", order, related={"permit": renewed}, ruleset=once)
    owner, new = (
        next(one for one in world.actors if one.role is Role.EMPLOYER),
        world.office.new("application", "PNR"),
    )
    first = permit.history[0].evidence
    stated_for = Renewal(permit=permit.subject, worker=first.worker, employer=first.employer)
    ask(world, new, owner, "open_renewal", stated_for, taken={"other_worker": permit.subject})
    stranger = Actor(person="wk-x", account="wk-x", role=Role.WORKER, name="", worker="wk-another")
    ask(world, new, stranger, "open_renewal", stated_for)


def what_a_permit_refuses_in_its_life(world: World, coverage: Coverage) -> None:
    """Stamps before the permit and before the last one, a referral lifted by who made it, or on nobody's word."""
    permit, ann, registrar = world.bring("permit", "take_over_permit"), by(world, "ann"), by(world, "reg1")
    began = min(permit.history[0].evidence.valid_from, bangkok_date(permit.history[0].happened_at))
    early = Exit(gate="ban_laem", exited_on=began - DAY)
    ask(world, permit, ann, "record_exit", early)
    report = StayReport(reported_on=began + 9 * DAY, where="-", next_due=began + 30 * DAY)
    later = replace(permit.history[0], number=2, step="record_report", evidence=report)
    ask(
        world,
        replace(permit, history=(*permit.history, later)),
        ann,
        "record_exit",
        replace(early, exited_on=began + DAY),
    )
    seen = TraffickingCheck(result=TraffickingOutcome.REFERRED, told="-", referred_to="-")
    referral = replace(
        permit.history[0], number=2, step="check_trafficking", evidence=seen, person=ann.person
    )
    referred = replace(permit, flags=frozenset({"referred"}), history=(*permit.history, referral))
    ask(world, referred, ann, "check_trafficking", TraffickingCheck(result=TraffickingOutcome.NONE, told="-"))
    ended, owners = replace(permit, state="ended"), (None, permit.history[0].evidence.employer)
    gone = next(one for one in world.actors if one.employer not in owners)
    ask(world, ended, registrar, "reopen", Reason(reason="ผิด"), taken={"live_permit": "pe9"})
    paper, new = permit.history[0].evidence, world.office.new("permit", "PNR")
    ask(world, new, ann, "take_over_permit", paper, taken={"live_permit": "pe9"})
    ask(world, permit, gone, "attach_file", AttachedFile(shows=AttachedKind.OTHER, file="0" * 64))
    revoked = replace(permit, state="revoked")
    appeal = AppealFiled(case=permit.subject, order=1, employer=gone.employer, grounds="-")
    ask(world, world.office.new("appeal", "PNR"), gone, "file_appeal", appeal, related={"case": revoked})


SCRIPTS: tuple[Callable[[World, Coverage], None], ...] = (
    an_outcome_that_is_closed,
    a_check_that_was_not_passed,
    forms_of_a_power_cut,
    measures_that_cannot_be,
    numbers_of_others,
    a_full_band,
    orders_without_a_term,
    corrections_of_what_others_rest_on,
    orders_that_were_served,
    a_list_of_nothing_missing,
    a_request_for_nobody,
    a_pass_that_ends_before_the_permit,
    registers_that_run_backwards,
    steps_by_one_person,
    a_permit_beside_another,
    permits_in_question,
    what_a_permit_refuses_in_its_life,
    applications_filed_twice,
    requests_reinstated_where_they_stood,
    bars_that_no_rule_knows,
    a_permit_that_is_held,
)
