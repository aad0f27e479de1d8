"""The guards of the steps: each reads after "only if", cites its source, and answers with words.

A policy takes (record, evidence, actor, facts) and gives a Refusal or None. Evidence is None while
nothing was stated yet; a policy about the evidence is silent then. No number of the law stands
here: every one is asked of the ruleset.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from workflow.domain import fees
from workflow.domain.actor import Actor, Role
from workflow.domain.evidence import Ask, Evidence, questions, read_whole
from workflow.domain.flow import Refusal
from workflow.domain.namelist import ListRow
from workflow.domain.names import pass_key
from workflow.domain.places import approved
from workflow.domain.record import Done, Facts, Record
from workflow.domain.spells import employers_cut, employers_now
from workflow.domain.thai import bangkok_date, thirteen_digits_hold
from workflow.domain.validity import current_pass, filing_of, longest, pass_held, stay_until, terms
from workflow.domain.words import N_

Policy = Callable[[Record, Evidence | None, Actor, Facts], Refusal | None]


def about_evidence(rule: Policy) -> Policy:
    """Keep a policy silent until there is evidence to judge."""

    def judged(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
        return None if evidence is None else rule(record, evidence, actor, facts)

    judged.__name__, judged.__doc__, judged.__module__ = rule.__name__, rule.__doc__, rule.__module__
    return judged


# who and under which rule -------------------------------------------------------------------


def registrar_appointed(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the registrar's appointment, or that of the acting registrar, runs today.

    Source: Emergency Decree B.E. 2560 (registrars are appointed officials of the Department of Employment).
    """
    if facts.appointed:
        return None
    return Refusal("not-appointed", N_("Your appointment as registrar does not run today."))


def rule_in_force(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a decision of the cabinet on section 64 is in force; otherwise no order is made.

    Source: Emergency Decree B.E. 2560 s.64 (locality, nationality, work and conditions are fixed by Cabinet notification).
    """
    if facts.ruleset.orders:
        return None
    return Refusal(
        "no-rule-in-force",
        N_("No order can be made: under %(ruleset)s no cabinet decision is in force. Source: %(source)s"),
        {"ruleset": facts.ruleset.id, "source": facts.ruleset.legal_basis},
    )


def dated_today(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the order is dated on the day on which it is made. Source: Administrative Procedure Act B.E. 2539 s.36."""
    if facts.on == bangkok_date(facts.now):
        return None
    return Refusal("order-dated", N_("An order is dated on the day on which it is made."), field="happened_at")


def request_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the employer's request is approved and running. Source: the application stands on the approved request."""
    if facts.states.get("request", "running") in ("list_locked", "running"):
        return None
    return Refusal("request-ended", N_("The employer's request is not running; nothing goes on under it."))


# the request --------------------------------------------------------------------------------


@about_evidence
def own_employer(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an employer writes for itself. Source: the demand letter is signed by the employer."""
    if actor.role not in (Role.EMPLOYER, Role.AGENT) or actor.employer == evidence.employer:
        return None
    return Refusal("other-employer", N_("You write for your own establishment only."), field="employer")


@about_evidence
def workers_add_up(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if at least one worker is wanted. Source: demand letter, item 3."""
    if evidence.men + evidence.women > 0:
        return None
    return Refusal("no-workers", N_("Enter how many men and women are wanted; at least one worker."), field="men")


@about_evidence
def place_is_allowed(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if gate and district of work are allowed by the ruleset. Source: s.64 (specified locality)."""
    if evidence.gate not in facts.ruleset.get("gates", {}):
        return Refusal("gate", N_("This gate is not open to Section 64 workers under the rules in force."), field="gate")
    if evidence.workplace_district not in facts.ruleset.get("districts", {}):
        return Refusal("district", N_("Work in this district is not allowed under the rules in force."), field="workplace_district")
    return None


@about_evidence
def job_is_allowed(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the position is one that s.64 workers may hold. Source: demand letter, item 2."""
    if evidence.job in facts.ruleset.get("jobs", {}):
        return None
    return Refusal("job", N_("This position is not open to Section 64 workers."), field="job")


@about_evidence
def dates_follow(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the workers are to be received today or later. Source: demand letter, items 4 and 7."""
    if evidence.receive_on >= facts.on:
        return None
    return Refusal("receive-date", N_("The date to receive the workers has passed."), field="receive_on")


@about_evidence
def same_employer(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a corrected letter is still the same employer's. Source: Licensing Facilitation Act B.E. 2558."""
    before = record.last("draft_request")
    if before is None or before.evidence.employer == evidence.employer:
        return None
    return Refusal("other-employer", N_("A request stays with its employer; write a new one for another."), field="employer")


@about_evidence
def undertakings_accepted(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the employer accepts the undertakings. Source: demand letter, undertakings 1 to 4."""
    if evidence.accepted:
        return None
    return Refusal("undertakings", N_("The undertakings must be accepted to submit the request."), field="accepted")


@about_evidence
def list_has_rows(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if at least one row of the list is good. Source: name list of the demand letter."""
    return None if evidence.rows else Refusal("empty-list", N_("The list has no row that can be taken."))


def list_attached(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a name list was attached. Source: name list of the demand letter."""
    return None if record.last("attach_list") else Refusal("no-list", N_("Attach a name list first."))


def list_within_approval(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the list holds no more men and women than the registrar approved. Source: approval of the request."""
    rows = _rows(record, evidence)
    if record.last("decide_request") is None or rows is None:
        return None
    men = sum(row.sex == "M" for row in rows)
    women, (ok_men, ok_women) = len(rows) - men, approved(record)
    if men <= ok_men and women <= ok_women:
        return None
    return Refusal(
        "over-quota",
        N_("The list names %(men)s men and %(women)s women; approved are %(ok_men)s and %(ok_women)s. Choose which rows wait."),
        {"men": men, "women": women, "ok_men": ok_men, "ok_women": ok_women},
    )


@about_evidence
def new_list_within_approval(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the list that is attached fits; a list that names too many is replaced by it. Source: approval of the request."""
    return list_within_approval(record, evidence, actor, facts)


def _rows(record: Record, evidence: Evidence | None) -> tuple | None:
    if evidence is not None and hasattr(evidence, "rows"):
        return evidence.rows
    attached = record.last("attach_list")
    return attached.evidence.rows if attached else None


def one_deficiency_list(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only once, unless a supervisor gives the reason for a new demand. Source: Licensing Facilitation Act B.E. 2558."""
    if evidence is None or record.last("ask_for_missing") is None or evidence.supervisor_reason.strip():
        return None
    return SECOND_LIST


SECOND_LIST = Refusal(
    "second-list",
    N_("What is missing is listed once. A new demand needs the supervisor's reason."),
    field="supervisor_reason",
)


@about_evidence
def answer_day_ahead(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if something is listed and the day to answer lies ahead. Source: Licensing Facilitation Act B.E. 2558."""
    if not evidence.items and not evidence.other:
        return Refusal("nothing-missing", N_("Say what is missing."), field="items")
    if evidence.answer_until <= facts.on:
        return Refusal("answer-day", N_("The day to answer by must lie ahead."), field="answer_until")
    return None


def answer_day_passed(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the day to answer by has passed. Source: the deficiency record that both sides signed."""
    asked = record.last("ask_for_missing")
    if asked is None or asked.evidence.answer_until < facts.on:
        return None
    return Refusal("time-runs", N_("The time to answer runs until %(until)s."), {"until": asked.evidence.answer_until})


@about_evidence
def approves_all(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the approval is of exactly what was asked. Source: approval of the request."""
    demand = _demand(record)
    if demand is None or (evidence.men, evidence.women) == (demand.men, demand.women):
        return None
    return Refusal(
        "not-as-asked",
        N_("Asked were %(men)s men and %(women)s women; for other numbers choose a partial approval."),
        {"men": demand.men, "women": demand.women},
        "men",
    )


@about_evidence
def approves_a_part(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a part, and at least one worker, is approved. Source: approval of the request."""
    demand, total = _demand(record), evidence.men + evidence.women
    if demand is None:
        return None
    if 0 < total < demand.men + demand.women and evidence.men <= demand.men and evidence.women <= demand.women:
        return None
    return Refusal("not-a-part", N_("A part is more than none and less than what was asked."), field="men")


def _demand(record: Record) -> Evidence | None:
    done = record.last("draft_request", "revise_draft", "complete_request")
    return done.evidence if done else None


@about_evidence
def order_has_reason(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an adverse order names its reason. Source: Administrative Procedure Act B.E. 2539 s.37."""
    if evidence.reason_code and evidence.reason.strip():
        return None
    return Refusal("no-reason", N_("Name the reason of the order, with its code and in words."), field="reason")


@about_evidence
def amends_a_listed_worker(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the pass is on the list and a new worker is fully named. Source: name list of the demand letter."""
    if evidence.change == "add":
        return _adds_rightly(record, evidence, facts)
    rows, key = listed_rows(record), pass_key(evidence.pass_number)
    if key is None or all(row.pass_key != key for row in rows):
        return Refusal("not-listed", N_("No worker with this border pass number stands on the list."), field="pass_number")
    if facts.taken.get("listed_issued"):
        return Refusal("already-issued", N_("This worker holds a permit already; the list is not amended for that."), field="pass_number")
    return _replaces_rightly(record, evidence, facts) if evidence.change == "replace" else None


def _adds_rightly(record: Record, evidence: Evidence, facts: Facts) -> Refusal | None:
    """An ended worker's place, or one that the list never filled, goes to another within the approval."""
    if evidence.pass_number:
        return Refusal(
            "adds-or-replaces",
            N_("To add a worker leave this number empty; to put one in another's place choose to replace."),
            field="pass_number",
        )
    unfit = _newcomer_refused(record, evidence, facts)
    if unfit is None and not _place_free(record, evidence.new_sex, facts):
        return Refusal("over-quota-sex", N_("No place for another man or woman is left within the approval."), field="new_sex")
    return unfit


def _replaces_rightly(record: Record, evidence: Evidence, facts: Facts) -> Refusal | None:
    gone = next(row for row in listed_rows(record) if row.pass_key == pass_key(evidence.pass_number))
    unfit = _newcomer_refused(record, evidence, facts)
    if unfit is None and gone.sex != evidence.new_sex and not _place_free(record, evidence.new_sex, facts):
        return Refusal("over-quota-sex", N_("No place for another man or woman is left within the approval."), field="new_sex")
    return unfit


def _newcomer_refused(record: Record, evidence: Evidence, facts: Facts) -> Refusal | None:
    new = pass_key(evidence.new_pass_number)
    if not (evidence.new_name and evidence.new_sex and new):
        return Refusal("new-worker", N_("Name the new worker: name, sex and border pass number."), field="new_name")
    if any(row.pass_key == new for row in listed_rows(record)):
        return Refusal("listed-already", N_("The new worker stands on the list already."), field="new_pass_number")
    if facts.taken.get("new_worker"):
        return Refusal("in-another-file", N_("This worker is already in another file."), field="new_pass_number")
    return None


def _place_free(record: Record, sex: str, facts: Facts) -> bool:
    """Say whether the approval has a place left beside those that are taken and those for whom the list waits."""
    (men, women), counts = approved(record), facts.counts
    taken = counts.get("used_men" if sex == "M" else "used_women", 0) + counts.get(f"waiting_{sex}", 0)
    return taken < (men if sex == "M" else women)


def listed_rows(record: Record) -> tuple:
    """Give the rows of the list as amended up to now; a replacing worker takes the place of the replaced."""
    attached = record.last("attach_list")
    rows = {row.pass_key: row for row in attached.evidence.rows} if attached else {}
    last = max((row.row for row in rows.values()), default=0)
    for done in reversed(tuple(record.standing())):
        if done.step == "amend_list":
            gone, new = rows.pop(pass_key(done.evidence.pass_number), None), pass_key(done.evidence.new_pass_number)
            if done.evidence.change == "add":
                last += 1
                rows[new] = _newcomer(last, done.evidence)
            elif done.evidence.change == "replace" and gone is not None:
                rows[new] = _newcomer(gone.row, done.evidence)
    return tuple(rows.values())


def _newcomer(row: int, change: Evidence) -> ListRow:
    return ListRow(
        row=row,
        name_latin=change.new_name,
        sex=change.new_sex,
        pass_number=change.new_pass_number,
    )


@about_evidence
def list_has_lines(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if somebody is to cross at that gate on that day. Source: entry appointment list."""
    return None if evidence.applications else Refusal("no-crossing", N_("Nobody is planned for this gate and day."), field="entry_on")


def no_worker_waits(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if every worker of the request has come to an end. Source: closing of a request."""
    waiting = facts.counts.get("live_applications", 0)
    return Refusal("workers-wait", N_("%(count)s workers of this request are still on their way."), {"count": waiting}) if waiting else None


# the worker's identity ----------------------------------------------------------------------


@about_evidence
def no_other_live_application(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker has no other new application under way. Source: one live application a worker."""
    if facts.taken.get("live_application"):
        return Refusal("in-another-file", N_("This worker is already in another file."))
    if facts.taken.get("running_permit"):
        return Refusal("permit-runs", N_("This worker holds a permit that still runs; a second employer is added to it."))
    return None


@about_evidence
def pass_is_valid(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the border pass runs today. Source: BT.29 attachment 4.1; s.64 (entered with a border pass)."""
    if evidence.pass_issued_on > evidence.pass_expires_on:
        return Refusal("pass-dates", N_("The pass ends before it was issued."), field="pass_expires_on")
    if evidence.pass_expires_on >= facts.on:
        return None
    return Refusal("pass-expired", N_("The border pass ended on %(until)s."), {"until": evidence.pass_expires_on}, "pass_expires_on")


@about_evidence
def pass_from_allowed_province(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the issuing province issues border passes. Source: seven border provinces of Cambodia issue them."""
    if evidence.pass_province in facts.ruleset.get("pass_provinces", {}):
        return None
    return Refusal("pass-province", N_("This province issues no border passes."), field="pass_province")


@about_evidence
def old_enough(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker has reached the age of the ruleset. Source: ages.minimum of the ruleset."""
    born, lowest = evidence.birth_on, facts.ruleset.get("ages.minimum")
    if lowest is None or full_years(born, facts.on, evidence.birth_precision) >= lowest:
        return None
    return Refusal(
        "under-age",
        N_("The worker has not reached %(age)s years. Keep the case on hold and see to the worker's welfare."),
        {"age": lowest},
        "birth_on",
    )


def full_years(born: date, on: date, precision: str) -> int:
    """Count full years; of a bare year the youngest possible age is taken."""
    had_birthday = (on.month, on.day) >= (born.month, born.day) and precision == "day"
    return on.year - born.year - (0 if had_birthday else 1)


@about_evidence
def pass_of_one_person(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no other person holds this pass number. Source: a pass belongs to one person."""
    if not facts.taken.get("pass_number"):
        return None
    return Refusal("pass-of-another", N_("Another person is registered with this border pass number."), field="pass_number")


def other_entry_is_known(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the pass leads to another entry of the register. Source: one person has one entry."""
    if "no_other_entry" not in facts.taken:  # what was asked for may be an empty number
        return None
    return Refusal("no-other-entry", N_("No other worker is registered with this border pass number."), field="other_pass")


def not_both_under_way(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if at most one of the two is under way or holds a permit. Source: one live application, one permit a worker."""
    if not facts.taken.get("both_under_way"):
        return None
    return Refusal(
        "both-under-way",
        N_("Both have a file under way or a permit that runs (the other: %(reference)s). End one of them first; an ended file can still be joined."),
        {"reference": facts.taken["both_under_way"]},
    )


# the medical check --------------------------------------------------------------------------


@about_evidence
def hospital_is_listed(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the hospital stands in the register and is of the kind the ruleset demands. Source: health.hospitals."""
    hospital = facts.related.get("hospital")
    if hospital is None or hospital.state != "listed":
        return Refusal("hospital", N_("This hospital is not in the register."), field="hospital")
    if facts.ruleset.get("health.government_only", False) and not hospital.history[-1].evidence.government:
        return Refusal("hospital-kind", N_("The rules in force ask for a government hospital."), field="hospital")
    return None


@about_evidence
def own_hospital(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a hospital account records for its own hospital. Source: medical certificate (issuer)."""
    if actor.role is not Role.HOSPITAL or actor.hospital == evidence.hospital:
        return None
    return Refusal("other-hospital", N_("You record for your own hospital only."), field="hospital")


@about_evidence
def appointment_ahead(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the appointment is today or later. Source: medical referral."""
    return _not_before_today(evidence.appointment_on, facts, "appointment_on")


@about_evidence
def examined_lately(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the examination is not ahead and its certificate still runs. Source: health.valid_days (manual of 2020)."""
    days = facts.ruleset.get("health.valid_days")
    if evidence.examined_on > facts.on:
        return Refusal("examined-ahead", N_("The examination lies in the future."), field="examined_on")
    if days is not None and facts.on > evidence.examined_on + timedelta(days=days):
        return Refusal(
            "certificate-old", N_("A certificate is valid for %(days)s days from the examination."), {"days": days}, "examined_on"
        )
    return None


@about_evidence
def certificate_is_new(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the certificate number was not used before in that hospital. Source: certificates sold without examination."""
    if not facts.taken.get("certificate_number"):
        return None
    return Refusal(
        "certificate-used", N_("This certificate number of this hospital stands in another file."), field="certificate_number"
    )


@about_evidence
def follow_up_is_set(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if class 2 names its follow-up. Source: health manual of 2020 (class 2 is treated or referred)."""
    if evidence.result != "2" or evidence.follow_up_on is not None:
        return None
    return Refusal("follow-up", N_("Class 2 needs the day of the follow-up."), field="follow_up_on")


def was_referred(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker was referred to a hospital. Source: medical referral."""
    return None if record.last("refer_to_hospital") else Refusal("not-referred", N_("The worker was not referred to a hospital."))


def medical_done(record: Record) -> Done | None:
    """Give the entry of the newest medical result, own or taken over from an earlier file."""
    return record.last("record_medical", "accept_earlier_medical")


def medical_until(record: Record, facts: Facts) -> date | None:
    """Give the last day of the medical certificate; None without one or where the ruleset sets no term."""
    passed, days = medical_done(record), facts.ruleset.get("health.valid_days")
    if passed is None or days is None or passed.evidence.result == "3":
        return None
    return passed.evidence.examined_on + timedelta(days=days)


def medical_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the medical certificate still runs. Source: BT.29 attachment 4.3; health.valid_days."""
    newest, until = medical_done(record), medical_until(record, facts)
    if newest is not None and newest.evidence.result == "3":
        return Refusal("not-fit", N_("The newest medical check was not passed."))
    if until is None or until >= facts.on:
        return None
    return Refusal("medical-expired", N_("The medical certificate ran until %(until)s; refer the worker again."), {"until": until})


def medical_has_expired(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the medical certificate has run out; a valid one is not done again. Source: health.valid_days."""
    until = medical_until(record, facts)
    if until is None or until < facts.on:
        return None
    return Refusal("medical-valid", N_("The medical certificate runs until %(until)s."), {"until": until})


# the border ---------------------------------------------------------------------------------


def order_of_tracks(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the ruleset lets the worker enter before the medical check, or it is done. Source: health.before_entry."""
    if not facts.ruleset.get("health.before_entry", False) or record.state == "cleared":
        return None
    return Refusal("medical-first", N_("Under the rules in force the medical check comes before the entry."))


@about_evidence
def gate_is_allowed(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the gate is open to s.64 workers. Source: gates of the ruleset."""
    if evidence.gate in facts.ruleset.get("gates", {}):
        return None
    return Refusal("gate", N_("This gate is not open to Section 64 workers under the rules in force."), field="gate")


@about_evidence
def gate_opens(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the gate is open on that weekday. Source: slots.bands of the ruleset (weekdays of each gate)."""
    days = facts.ruleset.get("slots.bands", {}).get(evidence.gate, {}).get("weekdays")
    if not days or evidence.entry_on.isoweekday() in days:
        return None
    return Refusal("gate-day", N_("The gate does not take Section 64 workers on that weekday."), field="entry_on")


@about_evidence
def entry_day_ahead(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the day of entry is today or later. Source: entry appointment."""
    return _not_before_today(evidence.entry_on, facts, "entry_on")


@about_evidence
def pass_runs_at_entry(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the border pass still runs on the day of entry. Source: border pass agreement of 1997."""
    return _pass_on(record, facts, evidence.entry_on, "entry_on")


def entry_day_came(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the planned day has come. Source: entry appointment."""
    plan = record.last("plan_entry")
    if plan is None or plan.evidence.entry_on <= facts.on:
        return None
    return Refusal("entry-ahead", N_("The entry is planned for %(on)s."), {"on": plan.evidence.entry_on})


def own_gate(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a checkpoint records at its own gate. Source: stamp of the immigration checkpoint."""
    gate = getattr(evidence, "gate", None)
    if actor.role is not Role.CHECKPOINT or gate is None or actor.gate == gate:
        return None
    return Refusal("other-gate", N_("You record for your own gate only."), field="gate")


@about_evidence
def stamp_not_ahead(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the stamp is not dated ahead. Source: stamp of the immigration checkpoint."""
    if evidence.stamped_on <= facts.on:
        return None
    return Refusal("stamp-ahead", N_("The stamp is dated in the future."), field="stamped_on")


@about_evidence
def stay_as_ruled(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the stay follows the stamp and is no longer than ruled. Source: stay.days of the ruleset."""
    days = facts.ruleset.get("stay.days")
    if evidence.stay_until < evidence.stamped_on:
        return Refusal("stay-before-stamp", N_("The stay ends before the stamp."), field="stay_until")
    if days is not None and evidence.stay_until > evidence.stamped_on + timedelta(days=days):
        return Refusal("stay-too-long", N_("A stay is at most %(days)s days from the stamp."), {"days": days}, "stay_until")
    return None


@about_evidence
def pass_ran_at_stamp(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the border pass ran on the day of the stamp. Source: border pass agreement of 1997."""
    return _pass_on(record, facts, evidence.stamped_on, "stamped_on")


def _pass_on(record: Record, facts: Facts, on: date, field: str) -> Refusal | None:
    held = pass_held(record, facts)
    if held is None or held.pass_expires_on is None or held.pass_expires_on >= on:
        return None
    return Refusal("pass-ends-before", N_("The border pass ends on %(until)s, before that day."), {"until": held.pass_expires_on}, field)


# registration -------------------------------------------------------------------------------


def stay_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker's stay runs today. Source: BT.29 attachment 4.2 (proof of entry)."""
    permit = facts.related.get("permit")
    until = stay_until(permit or record)
    if until is None or until >= facts.on or (permit and facts.ruleset.get("overstay.waived", False)):
        return None
    return Refusal("stay-over", N_("The stay ended on %(until)s; a re-entry is recorded first."), {"until": until})


def pass_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the border pass runs today. Source: BT.29 attachment 4.1."""
    held = current_pass(record)
    if held is None or held.pass_expires_on >= facts.on:
        return None
    return Refusal("pass-expired", N_("The border pass ended on %(until)s."), {"until": held.pass_expires_on})


@about_evidence
def attachments_named(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if each attachment of BT.29 is said to be seen, scanned or missing. Source: BT.29 items 4.1 to 4.7."""
    asked = set(facts.ruleset.get("attachments", {}))
    if asked == set(evidence.attachments):
        return None
    return Refusal("attachments", N_("Say of every attachment whether it was seen, scanned or is missing."), field="attachments")


def attachments_complete(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an opinion of "complete" finds no attachment missing. Source: BT.29 page 4, first box."""
    filing = filing_of(record)
    asked = getattr(filing.evidence, "attachments", {}) if filing else {}
    missing = [key for key, found in asked.items() if found == "missing"]
    if evidence is None or not evidence.complete or not missing:
        return None
    return Refusal("incomplete", N_("Attachments are missing: %(missing)s."), {"missing": ", ".join(missing)}, "complete")


@about_evidence
def job_of_request(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if work starts no earlier than the worker's entry. Source: s.64 (work under the permit only)."""
    entered = record.last("record_entry", "record_earlier_entry")
    if entered is None or evidence.from_on >= entered.evidence.stamped_on:
        return None
    return Refusal("work-before-entry", N_("Work cannot start before the worker entered."), field="from_on")


@about_evidence
def insured(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the insurance runs when work starts, where the ruleset asks for one. Source: insurance.required."""
    if evidence.insured_until < evidence.insured_from:
        return Refusal("insurance-dates", N_("The insurance ends before it starts."), field="insured_until")
    if not facts.ruleset.get("insurance.required", False):
        return None
    if evidence.insured_from <= evidence.from_on <= evidence.insured_until:
        return None
    return Refusal("not-insured", N_("The insurance does not run on the day work starts."), field="insured_from")


@about_evidence
def application_fee_is_right(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the sum is the application fee of the day and kind. Source: fees.application of the ruleset."""
    return _fee(record, evidence, facts, fees.APPLICATION)


@about_evidence
def permit_fee_is_right(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the sum is the permit fee of the day and kind. Source: fees.permit of the ruleset."""
    return _fee(record, evidence, facts, fees.PERMIT)


def _fee(record: Record, evidence: Evidence, facts: Facts, fee: str) -> Refusal | None:
    kind = fees.kind_of(record)
    due = fees.fee_due(facts.ruleset, kind, fee)
    if fees.fee_unverified(facts.ruleset, kind, fee):
        return None
    if due is None:
        return Refusal("no-fee", N_("The rules in force set no fee; no money is taken."), field="amount")
    if evidence.amount == due:
        return None
    return Refusal("wrong-sum", N_("The fee is %(due)s baht."), {"due": due}, "amount")


@about_evidence
def receipt_is_new(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the receipt number was not entered for another payment. Source: official receipt books."""
    if not facts.taken.get("receipt_number"):
        return None
    return Refusal("receipt-used", N_("This receipt number was entered for another payment."), field="receipt_number")


@about_evidence
def within_longest_term(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit is no longer than the earliest of its terms; it may be shortened. Source: validity terms."""
    if evidence.valid_from is None or evidence.valid_until is None:
        return Refusal("no-term", N_("The rules in force set no term for a permit."), field="valid_until")
    limit = longest(record, evidence.valid_from, facts)
    if evidence.valid_from < facts.on:
        return Refusal("starts-before", N_("The permit cannot start before the day of the order."), field="valid_from")
    if evidence.valid_until < evidence.valid_from:
        return Refusal("ends-before-start", N_("The permit ends before it starts."), field="valid_until")
    if limit is None or evidence.valid_until <= limit:
        return None
    return Refusal("too-long", N_("The permit may run until %(limit)s at most."), {"limit": limit}, "valid_until")


@about_evidence
def conditions_named(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a conditional order names its conditions. Source: BT.29 page 4, second order."""
    if evidence.order != "conditions" or evidence.conditions.strip():
        return None
    return Refusal("no-conditions", N_("Name the conditions."), field="conditions")


@about_evidence
def reason_against_advice(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an order against the officer's opinion gives its reason. Source: Administrative Procedure Act s.37."""
    opinion = record.last("give_opinion")
    if opinion is None or opinion.evidence.recommends or evidence.reason.strip():
        return None
    return Refusal("against-advice", N_("The officer advised against; give the reason of your order."), field="reason")


def payment_day_passed(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the time to pay has passed. Source: fees.pay_within_days of the ruleset."""
    granted, days = record.last("decide"), facts.ruleset.get("fees.pay_within_days")
    if granted is None or days is None:
        return None
    until = bangkok_date(granted.happened_at) + timedelta(days=days)
    return None if until < facts.on else Refusal("may-pay", N_("The fee may be paid until %(until)s."), {"until": until})


@about_evidence
def permit_number_is_new(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit number was not entered for another. Source: permit books of the Department of Employment."""
    if not facts.taken.get("permit_number"):
        return None
    return Refusal("permit-used", N_("This permit number stands in another file."), field="permit_number")


@about_evidence
def foreigner_number_fits(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the foreigner number is 13 digits with a right check digit and is this person's.

    Source: foreign workers' numbers start with 0; check digit of the Thai identification number.
    """
    if not thirteen_digits_hold(evidence.foreigner_number):
        return Refusal("foreigner-number", N_("The number has 13 digits and a check digit; this one does not fit."), field="foreigner_number")
    if facts.taken.get("foreigner_number"):
        return Refusal("foreigner-number-used", N_("This number belongs to another person."), field="foreigner_number")
    return _held_to_the_known(evidence, facts.taken.get("known_foreigner_number"))


def _held_to_the_known(evidence: Evidence, known: str | None) -> Refusal | None:
    """A person keeps the foreigner number over all seasons; another one needs its reason."""
    if known is None or evidence.other_number_because.strip():
        return None
    return Refusal(
        "foreigner-number-differs",
        N_("This worker has the foreigner number %(known)s. Enter that one, or say below why it is another now."),
        {"known": known},
        "foreigner_number",
    )


def after_the_order(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if it happened on the day of the order or later. Source: BT.29 page 4 (order, then fee, numbers and issue)."""
    order = record.last("decide")
    if order is None or bangkok_date(order.happened_at) <= facts.on:
        return None
    return Refusal("before-order", N_("This day lies before that of the order."), field="happened_at")


@about_evidence
def not_issued_ahead(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit is dated neither ahead nor before its order. Source: BT.29 page 4, last box."""
    if evidence.issued_on > facts.on:
        return Refusal("issued-ahead", N_("The issue lies in the future."), field="issued_on")
    order = record.last("decide")
    if order is None or bangkok_date(order.happened_at) <= evidence.issued_on:
        return None
    return Refusal("before-order", N_("This day lies before that of the order."), field="issued_on")


def photo_is_there(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker's photo is in the file. Source: BT.29 attachment 4.4."""
    if photo_of(record) is not None:
        return None
    return Refusal("no-photo", N_("The permit record needs the worker's photo; add it to the file."))


def photo_of(record: Record) -> str | None:
    """Give the digest of the newest photo in the file."""
    checked = record.last("check_identity", "keep_identity")
    for done in record.standing():
        if done.step == "attach_file" and done.evidence.shows == "photo" and _photo_counts(done, checked):
            return done.evidence.file
        if done.step in ("check_identity", "keep_identity") and done.evidence.photo:
            return done.evidence.photo
    return None


def _photo_counts(done: Done, checked: Done | None) -> bool:
    """After the identity was checked against a photo, only an official puts another in its place."""
    return Role(done.role).official or checked is None or done.number < checked.number


def permit_still_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the permit has days left to run. Source: the registrar's order."""
    order = record.last("decide")
    if order is None or order.evidence.valid_until is None or order.evidence.valid_until >= facts.on:
        return None
    return Refusal("permit-over", N_("The permit would have ended on %(until)s."), {"until": order.evidence.valid_until})


def order_still_fits(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the ordered days still lie within pass and insurance, which may have been corrected since. Source: validity terms."""
    order = record.last("decide")
    if order is None or order.evidence.valid_from is None or order.evidence.valid_until is None:
        return None
    papers = [term.until for term in terms(record, order.evidence.valid_from, facts) if term.name in ("pass", "insurance")]
    limit = min(papers, default=order.evidence.valid_until)
    if order.evidence.valid_until <= limit:
        return None
    return Refusal(
        "order-outlasts",
        N_("The order runs until %(until)s, but the pass or the insurance only until %(limit)s. Correct the order with the registrar, or enter a longer pass."),
        {"until": order.evidence.valid_until, "limit": limit},
    )


def still_concerned(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an employer who adds a file to a permit works with it still, or was cut off by its end. Source: s.13."""
    if record.flow != "permit" or actor.role not in (Role.EMPLOYER, Role.AGENT):
        return None
    if actor.employer in (*employers_now(record), *employers_cut(record)):
        return None
    return Refusal("left-permit", N_("The worker works for you no more; files are added at the office."))


# orders and their service -------------------------------------------------------------------

ORDERS = frozenset({"decide_request", "revoke_request", "decide", "revoke", "bar_employer"})
"""The steps that make an order which is served, and against which an appeal may be made."""


def newest_order(record: Record) -> Done | None:
    """Find the newest order of a case; one that was recalled is none."""
    recalled = {done.evidence.order for done in record.history if done.step == "recall_order"}
    return next((done for done in record.standing() if done.step in ORDERS and done.number not in recalled), None)


def serving_of(record: Record, order: Done) -> Done | None:
    """Find how an order was served."""
    served = (done for done in record.standing() if done.step == "serve_order")
    return next((done for done in served if done.evidence.order == order.number), None)


def order_waits_to_be_served(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the order was not served yet. Source: Administrative Procedure Act B.E. 2539 s.42 (an order binds from its notice)."""
    order = newest_order(record)
    if order is None:
        return Refusal("no-order", N_("There is no order to serve."))
    served = serving_of(record, order)
    return Refusal("order-served", N_("The order was served on %(on)s."), {"on": served.evidence.served_on}) if served else None


@about_evidence
def served_after_order(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the order was served on its day or later, and not in the future. Source: Administrative Procedure Act s.42."""
    order = newest_order(record)
    if evidence.served_on > facts.on:
        return Refusal("lies-ahead", N_("This day lies in the future."), field="served_on")
    if order is None or bangkok_date(order.happened_at) <= evidence.served_on:
        return None
    return Refusal("served-before", N_("An order is served after it was made."), field="served_on")


# correction ---------------------------------------------------------------------------------


@about_evidence
def corrects_a_standing_entry(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the entry to correct exists. Source: corrections are new entries with reason and second person."""
    old = next((done for done in record.history if done.number == evidence.number), None)
    if old is None or old.role == Role.SYSTEM or not _asked_of_a_person(old.evidence):
        return Refusal("no-such-entry", N_("There is no such entry to correct."), field="number")
    new = read_whole(type(old.evidence), evidence.values)
    if new is None:
        return Refusal("unreadable", N_("The corrected facts are not whole; fill in everything that the entry asks for."))
    return _stands_on_it(record, old, new) or _wrong_moment(record, evidence, facts)


def _stands_on_it(record: Record, old: Done, new: Evidence) -> Refusal | None:
    """Say what rests on an entry already, so that it is no longer corrected but changed by a step of its own."""
    if record.state == "issued" and (old.step in ("decide", "enter_numbers") or _differ(old, new, "work_nature", "workplace")):
        return Refusal("issued", N_("The permit was issued on this entry; a change of the permit is a filing of its own."))
    if _served(record, old):
        return SERVED
    if _differ(old, new, "employer"):
        return Refusal("other-employer", N_("A request stays with its employer; write a new one for another."), field="employer")
    if old is record.history[0] and _differ(old, new, *_given(new)):
        return Refusal("other-case", N_("A case stays with what it was opened for; open a new one for another person or permit."))
    if _differ(old, new, "payment"):
        return Refusal("other-payment", N_("A line stays with the payment with which the cashier took it; correct its receipt."))
    names = next((names for done, names in RESTS.get(old.step, ()) if record.last(done)), ())
    if _differ(old, new, *names) or _shortens_the_answer(old, new):
        return Refusal("rests", N_("Other entries rest on this one; make the change by a step of its own."))
    return _asks_for_more(old, new)


SERVED = Refusal(
    "order-served-before", N_("The order was served; it is corrected no more. An appeal, or a new step, changes it.")
)


def _served(record: Record, done: Done) -> bool:
    return done.step in ORDERS and serving_of(record, done) is not None


_WORKERS = ("men", "women")
RESTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "draft_request": (("decide_request", _WORKERS),),
    "revise_draft": (("decide_request", _WORKERS),),
    "complete_request": (("decide_request", _WORKERS),),
    "decide_request": (("lock_list", _WORKERS),),
    "amend_list": (("amend_list", ("change", "pass_number", "new_pass_number", "new_sex")),),
}
"""Of some steps: after which other step which of their facts are no longer corrected."""


def _differ(old: Done, new: Evidence, *names: str) -> bool:
    return any(getattr(old.evidence, name, None) != getattr(new, name, None) for name in names)


def _shortens_the_answer(old: Done, new: Evidence) -> bool:
    return old.step == "ask_for_missing" and new.answer_until < old.evidence.answer_until


def _asks_for_more(old: Done, new: Evidence) -> Refusal | None:
    """A list of what is missing grows by no correction. Source: Licensing Facilitation Act B.E. 2558."""
    if old.step != "ask_for_missing" or new.supervisor_reason.strip():
        return None
    further = new.other.strip() and _differ(old, new, "other")
    return SECOND_LIST if further or set(new.items) - set(old.evidence.items) else None


def _asked_of_a_person(evidence: Evidence) -> bool:
    return len(_given(evidence)) < len(questions(type(evidence)))


def _given(evidence: Evidence) -> list[str]:
    """List the facts that nobody is asked for: they come from where the step was opened."""
    return [name for name, question in questions(type(evidence)).items() if question.ask is Ask.GIVEN]


def _wrong_moment(record: Record, evidence: Evidence, facts: Facts) -> Refusal | None:
    if not evidence.happened_at:
        return None
    moment = datetime.fromisoformat(evidence.happened_at)
    if moment.tzinfo is not None and record.history[0].happened_at <= moment <= facts.now:
        return None
    return Refusal("wrong-moment", N_("The corrected time lies before the case began or in the future."), field="happened_at")


@about_evidence
def correction_keeps_outcome(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the correction keeps the outcome; another outcome is a step of its own. Source: as above."""
    old = next((done.evidence for done in record.history if done.number == evidence.number), None)
    new = read_whole(type(old), evidence.values) if old else None
    if new is None or (old.outcome(), getattr(old, "recommends", None)) == (new.outcome(), getattr(new, "recommends", None)):
        return None
    return Refusal("other-outcome", N_("A correction cannot change the outcome; take the step that does."))


def another_person_proposed(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a second person confirms. Source: four eyes on every correction."""
    proposed = record.last("propose_correction")
    if proposed is None:
        return None
    corrected = next(done for done in record.history if done.number == proposed.evidence.number)
    if _served(record, corrected):
        return SERVED
    if corrected.step in ("decide", "decide_request") and Role.REGISTRAR not in (proposed.role, actor.role):
        return Refusal("registrar-needed", N_("An order is corrected with the registrar."))
    if proposed.person != actor.person:
        return None
    return Refusal("four-eyes", N_("You proposed the correction; a second person confirms it."))


def _not_before_today(on: date, facts: Facts, field: str) -> Refusal | None:
    return None if on >= facts.on else Refusal("day-passed", N_("This day has passed."), field=field)


# papers -------------------------------------------------------------------------------------


@about_evidence
def copy_is_the_next(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if copies are numbered one after the other. Source: each sheet beside the original is a numbered copy."""
    if evidence.copy == 1 + sum(done.step == "print_copy" for done in record.history):
        return None
    return Refusal("copy-number", N_("This sheet was printed already; print again if another one is needed."))


# registers ----------------------------------------------------------------------------------


@about_evidence
def officer_opens_employers_only(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an officer opens accounts of employers and agents; others are the administrator's. Source: separation of duties."""
    if actor.role is not Role.OFFICER or getattr(evidence, "role", None) in (None, Role.EMPLOYER, Role.AGENT):
        return None
    return Refusal("account-role", N_("An officer opens accounts of employers and agents only."), field="role")
