"""What the people of the model state: evidence made from its declaration, mostly such as would be taken, often not.

`stated` makes evidence that fits the case as far as its fields say what fits; `broken` changes one field of
good evidence to what stands at its borders. New kinds of evidence are made by the same rules of their fields.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from random import Random
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tests.model import DAY, DEMAND, OFFICES, Office, employed_by
from tests.stated import outcomes, stating
from workflow.domain.actor import Actor, Role
from workflow.domain.appeal_policies import adverse_order
from workflow.domain.blanks import FORMS, Pile, forms, unused
from workflow.domain.evidence import Ask, Evidence, Question, questions
from workflow.domain.fees import APPLICATION, PERMIT, fee_due, kind_of
from workflow.domain.flow import Step
from workflow.domain.namelist import ListRow
from workflow.domain.places import approved, bands
from workflow.domain.policies import listed_rows
from workflow.domain.record import Facts, Record
from workflow.domain.registers import Doctor, Hospital
from workflow.domain.spells import employers_now
from workflow.domain.validity import permit_until

ABSENT = "nobody"


def foreigner_number(serial: int) -> str:
    """Write a foreigner number with its check digit."""
    digits = f"00220{serial:07d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=True))
    return digits + str((11 - total % 11) % 10)


@cache
def hints_of(kind: type[Evidence]) -> dict[str, Any]:
    """Give the declared types of a kind of evidence."""
    return get_type_hints(kind)


class Values:
    """Makes evidence for one world; `people` are the workers whom employers may list."""

    def __init__(self, office: Office, chance: Random, people: tuple[ListRow, ...]) -> None:
        self.office, self.chance, self.people = office, chance, people
        self.record: Record
        self.actor: Actor
        self.facts: Facts

    def stated(self, row: Step, record: Record, actor: Actor) -> Evidence:
        """Make evidence for a row that the case, the rules and the other cases would mostly allow."""
        self.record, self.actor, self.row = record, actor, row
        self.facts = self.office.facts(record, None, actor)
        kind = row.evidence
        outcome = self.chance.choice(row.when or outcomes(kind))
        evidence = self._plain(stating(kind, outcome), outcome)
        recipe = getattr(self, f"_{kind.kind()}", None) or next(
            (
                found
                for base in kind.__mro__
                if (found := getattr(self, f"_{getattr(base, 'kind', str)()}", None))
            ),
            None,
        )
        return replace(evidence, **recipe(evidence)) if recipe else evidence

    def _plain(self, evidence: Evidence, outcome: object) -> Evidence:
        hints, asked = hints_of(type(evidence)), questions(type(evidence))
        told = {}
        for one in fields(evidence):
            there = getattr(evidence, one.name)
            if one.name not in asked or (outcome is not None and there is outcome):
                continue
            if one.default is MISSING or (
                asked[one.name].ask is not Ask.GIVEN and self.chance.random() < 0.3
            ):
                told[one.name] = self.value(one.name, hints[one.name], asked[one.name], there)
        return replace(evidence, **told)

    def value(self, name: str, hint: Any, question: Question, there: Any) -> Any:
        """Make one value by its name, its list of choices, or its type."""
        if name in NAMED:
            return NAMED[name](self)
        wanted = (
            next((arg for arg in get_args(hint) if arg is not NoneType), hint)
            if get_origin(hint) in (Union, UnionType)
            else hint
        )
        if isinstance(question.options, str) and question.ask in (Ask.CHOICE, Ask.MANY):
            keys = self._choices(question.options)
            one = self.chance.choice(keys) if keys else "x"
            return ((one,) if self.chance.random() < 0.7 else ()) if question.ask is Ask.MANY else one
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return self.chance.choice(list(wanted))
        if wanted is bool:
            return self.chance.random() < 0.75
        if wanted is datetime:
            return self.office.now - timedelta(hours=self.chance.randrange(30))
        if wanted is date:
            return self.facts.on + self.chance.choice((0, 0, 0, -1, 1)) * DAY
        return there

    def _choices(self, options: str) -> list[str]:
        found = self.facts.ruleset.get(options, {})
        return sorted(found) if isinstance(found, dict) else [str(one) for one in found]

    def there(self, evidence: Evidence) -> bool:
        """Say whether what the office itself fills in names cases and people that there are."""
        first = self.record.history[0].evidence if self.record.history else evidence
        named = [getattr(first, name, "") for name in ("worker", "request", "permit", "case")]
        return all(one in self.office.records for one in named if one)

    # things that fit -----------------------------------------------------------------------

    def _one(self, flow: str, *states: str) -> str:
        there = [one.subject for one in self.office.of(flow) if not states or one.state in states]
        return self.chance.choice(there) if there else ABSENT

    def employer(self) -> str:
        """Name the employer whom the case concerns, or whom the actor speaks for."""
        mine = employed_by(self.record) if self.record.history else ()
        if self.actor.employer and (not mine or self.chance.random() < 0.9):
            return self.actor.employer
        return self.chance.choice(mine) if mine else self._one("employer", "listed")

    def gate(self) -> str:
        """Name a gate: the actor's, that of the plan, one of the rules."""
        plan = self.record.last("plan_entry") if self.record.history else None
        if self.actor.gate or plan:
            return self.actor.gate or plan.evidence.gate
        return self.chance.choice(sorted(self.facts.ruleset.get("gates", {}) or {"ban_laem": 0}))

    def hospital(self) -> str:
        """Name the actor's hospital, or one of the register."""
        return self.actor.hospital or self._one("hospital", "listed")

    def person(self) -> ListRow | None:
        """Give the invented person whom a case is about, by the passes of the entry."""
        worker = self.office.worker_of(self.record)
        return next((one for one in self.people if self.office.holder(one.pass_number) == worker), None)

    def _demand(self, evidence: Any) -> dict[str, Any]:
        days = self.facts.on + self.chance.randrange(20) * DAY
        return {
            "receive_on": days,
            "start_on": days,
            "men": self.chance.choice((1, 2, 3)),
            "women": self.chance.choice((0, 1, 2)),
        }

    def _undertaking(self, evidence: Any) -> dict[str, Any]:
        return {"accepted": self.chance.random() < 0.9}

    def _name_list(self, evidence: Any) -> dict[str, Any]:
        order = self.record.last("decide_request")
        men, women = (order.evidence.men, order.evidence.women) if order else (2, 1)
        pool = [one for one in self.people if self.chance.random() < 0.8]
        rows = [one for one in pool if one.sex == "M"][:men] + [one for one in pool if one.sex == "F"][:women]
        return {"rows": tuple(replace(row, row=number) for number, row in enumerate(rows, 1))}

    def _request_order(self, evidence: Any) -> dict[str, Any]:
        demand = self.record.last(*DEMAND).evidence
        men, women = demand.men, demand.women
        if evidence.order == "partly" and men + women > 1:
            men, women = (men - 1, women) if men else (men, women - 1)
        return {
            "men": men,
            "women": women,
            "reason": "เหตุผล",
            "reason_code": self.chance.choice(self._choices("refusal_reasons") or ["x"]),
        }

    def _list_amendment(self, evidence: Any) -> dict[str, Any]:
        rows = listed_rows(self.record)
        gone = self.chance.choice(rows).pass_number if rows and evidence.change != "add" else ""
        new = self.chance.choice(self.people)
        return {
            "pass_number": gone,
            "new_name": new.name_latin,
            "new_sex": new.sex,
            "new_pass_number": new.pass_number,
        }

    def _quota_cut(self, evidence: Any) -> dict[str, Any]:
        return {"men": self.chance.choice((0, 1)), "women": self.chance.choice((0, 1))}

    def _entry_list(self, evidence: Any) -> dict[str, Any]:
        mine = [one.subject for one in self.office.of("application") if self.chance.random() < 0.5]
        return {"applications": tuple(mine)}

    def openable(self) -> list[tuple[Record, ListRow]]:
        """List the rows of running requests for which no application was opened."""
        running = [one for one in self.office.of("request") if one.state in ("list_locked", "running")]
        return [
            (one, row)
            for one in running
            for row in listed_rows(one)
            if row.pass_key not in self.office.opened_rows(one)
            and self._free(self.office.holder(row.pass_number))
        ]

    def _free(self, worker: str | None) -> bool:
        """Say whether a worker has no other file; at times this is not looked at."""
        busy = worker and (self.office.live_files(worker) or self.office.permits(worker, self.office.today))
        return worker is not None and (not busy or self.chance.random() < 0.03)

    def _listed(self, evidence: Any) -> dict[str, Any]:
        there = self.openable()
        if not there:
            return {}
        request, row = self.chance.choice(there)
        employer = self.office.demand_of(request).employer
        return {
            "request": request.subject,
            "employer": employer,
            "row": row,
            "worker": self.office.holder(row.pass_number),
        }

    def adverse(self) -> list[Record]:
        """List the cases that stand by an order against which one may appeal."""
        flows = ("request", "application", "permit", "employer")
        return [one for flow in flows for one in self.office.of(flow) if adverse_order(one) is not None]

    def _identity(self, evidence: Any) -> dict[str, Any]:
        one = self.person() or self.chance.choice(self.people)
        return {
            "name_latin": one.name_latin,
            "sex": type(evidence.sex)(one.sex),
            "birth_on": one.birth_on,
            "birth_precision": type(evidence.birth_precision)("day"),
            "nationality": "KHM",
            "photo": "ph1" if self.chance.random() < 0.8 else None,
            "listed_wrongly": False,
        } | self._pass_of(one)

    def _pass_of(self, one: ListRow) -> dict[str, Any]:
        held = {"pass_number": one.pass_number, "pass_province": one.pass_province}
        return held | {
            "pass_issued_on": self.facts.on - 100 * DAY,
            "pass_expires_on": self.facts.on + self.chance.choice((40, 200, 700)) * DAY,
        }

    def _travel_document(self, evidence: Any) -> dict[str, Any]:
        one, self.office.count = self.person() or self.people[0], self.office.count + 1
        return self._pass_of(one) | {"pass_number": f"RE{self.office.count:06d}"}

    def _same_person(self, evidence: Any) -> dict[str, Any]:
        return {"other_pass": self.chance.choice(self.people).pass_number}

    def _referral(self, evidence: Any) -> dict[str, Any]:
        return {"appointment_on": self.facts.on + self.chance.choice((0, 1, 3)) * DAY}

    def _medical_result(self, evidence: Any) -> dict[str, Any]:
        self.office.count += 1
        hospital = self.hospital()
        doctors = [d.last("enter_doctor", "amend_doctor").evidence for d in self.office.of("doctor")]
        known = next((one for one in doctors if hospital in one.hospitals), None)
        return {
            "hospital": hospital,
            "certificate_number": f"C{self.office.count}",
            "doctor_licence": known.licence if known else "ว.9",
            "examined_on": self.facts.on - self.chance.choice((0, 0, 1)) * DAY,
            "follow_up_on": self.facts.on + 30 * DAY,
        }

    def _entry_plan(self, evidence: Any) -> dict[str, Any]:
        return {"entry_on": self.facts.on + self.chance.choice((0, 0, 1, 2)) * DAY, "band": None}

    def _entry(self, evidence: Any) -> dict[str, Any]:
        stay = self.facts.ruleset.get("stay.days", 30)
        return {"stamped_on": self.facts.on, "stay_until": self.facts.on + stay * DAY}

    def _filing(self, evidence: Any) -> dict[str, Any]:
        insured = {
            "insured_from": self.facts.on,
            "insured_until": self.facts.on + self.chance.choice((95, 200, 400)) * DAY,
        }
        return self._work(evidence) | insured

    def _work(self, evidence: Any) -> dict[str, Any]:
        asked = dict.fromkeys(self.facts.ruleset.get("attachments", {}), "seen")
        if asked and self.chance.random() < 0.15:
            asked[self.chance.choice(sorted(asked))] = "missing"
        return {"attachments": asked, "from_on": self.facts.on, "contract_until": None}

    def _payment(self, evidence: Any) -> dict[str, Any]:
        self.office.count += 1
        fee = APPLICATION if self.row.name == "pay_application_fee" else PERMIT
        due = fee_due(self.facts.ruleset, kind_of(self.record), fee)
        return {
            "amount": Decimal(due or 1),
            "receipt_book": "1",
            "receipt_number": str(self.office.count),
            "payment": f"p-{self.office.count % 5}" if self.office.count % 3 == 0 else "",
        }

    def _officer_opinion(self, evidence: Any) -> dict[str, Any]:
        return {"complete": self.chance.random() < 0.6, "recommends": self.chance.random() < 0.8}

    def _permit_order(self, evidence: Any) -> dict[str, Any]:
        code = self.chance.choice(self._choices("refusal_reasons") or ["x"])
        return {
            "valid_from": None,
            "valid_until": None,
            "conditions": "งานสวน",
            "reason": "เหตุผล",
            "reason_code": code,
        }

    def _official_numbers(self, evidence: Any) -> dict[str, Any]:
        self.office.count += 1
        worker = self.office.records[self.office.worker_of(self.record)]
        known = worker.last("enter_worker", "amend_worker").evidence.foreigner_number
        number = known or foreigner_number(self.office.count)
        return {
            "permit_book": "1",
            "permit_number": f"64-{self.office.count}",
            "issued_on": self.facts.on,
            "foreigner_number": number,
        }

    def _permit_taken_over(self, evidence: Any) -> dict[str, Any]:
        self.office.count += 1
        listed = [one.subject for one in self.office.of("worker") if one.state == "listed"]
        free = [one for one in listed if not self.office.permits(one)]
        on = self.facts.on
        days = {
            "valid_from": on - 20 * DAY,
            "valid_until": on + 60 * DAY,
            "stay_until": on + 9 * DAY,
            "entered_on": on - 20 * DAY,
        }
        told = {
            "worker": self.chance.choice(free) if free else ABSENT,
            "employer": self._one("employer", "listed"),
            "request": "",
        }
        return told | days | {"permit_book": "9", "permit_number": f"PA-{self.office.count}"}

    def _measure_draft(self, evidence: Any) -> dict[str, Any]:
        rules = self.chance.choice(self.office.rules)
        first = max(rules.effective_from, self.facts.on - 30 * DAY)
        days = {
            "from_on": first,
            "ends_on": self.chance.choice((None, first + 90 * DAY)),
            "under": rules.digest,
        }
        return days | {"ruleset": rules.id, "provinces": (self.actor.province or rules.provinces[0],)}

    def _measure_trial(self, evidence: Any) -> dict[str, Any]:
        against, under = self.chance.choice((0, 0, 0, 2)), self.record.history[0].evidence.under
        return {"changed": self.chance.choice((0, 3, 5)), "against": against, "under": under}

    def _permit(self, fits: Callable[[Record], bool]) -> Record | None:
        """Choose a permit that suits, or at times any."""
        there = list(self.office.of("permit"))
        suit = [
            one for one in there if one.state == "active" and "unconfirmed" not in one.flags and fits(one)
        ]
        there = there if self.chance.random() < 0.1 or not suit else suit
        return self.chance.choice(there) if there else None

    def _mine(self, permit: Record) -> bool:
        return self.actor.employer is None or self.actor.employer in employers_now(permit)

    def _days_left(self, permit: Record) -> int:
        return (permit_until(permit) - self.facts.on).days

    def _renewal(self, evidence: Any) -> dict[str, Any]:
        return self._named(self._permit(lambda one: self._mine(one) and 0 <= self._days_left(one) <= 30))

    def _substitution(self, evidence: Any) -> dict[str, Any]:
        return self._named(self._permit(lambda one: self._mine(one) and "lost" in one.flags))

    def _named(self, permit: Record | None) -> dict[str, Any]:
        if permit is None:
            return {"permit": ABSENT}
        mine = employers_now(permit) or (permit.history[0].evidence.employer,)
        employer = self.actor.employer if self.actor.employer in mine else self.chance.choice(mine)
        return {"permit": permit.subject, "worker": permit.history[0].evidence.worker, "employer": employer}

    def _takes_on(self, permit: Record) -> list[Record]:
        """List the running requests, in the permit's province, of employers who do not employ the worker."""
        own, here = self.actor.employer, OFFICES[permit.office]
        return [
            one
            for one in self.office.of("request")
            if one.state in ("list_locked", "running")
            and OFFICES[one.office] == here
            and (employer := self.office.demand_of(one).employer) not in employers_now(permit)
            and own in (None, employer)
            and sum(self.office.used(one.subject)) < sum(approved(one))
        ]

    def _addition_of_employer(self, evidence: Any) -> dict[str, Any]:
        permit = self._permit(lambda one: self._days_left(one) >= 0 and bool(self._takes_on(one)))
        running = [one for one in self.office.of("request") if one.state in ("list_locked", "running")]
        if permit is None or not running:
            return {"permit": ABSENT}
        request, mine = self.chance.choice(self._takes_on(permit) or running), employers_now(permit)
        told = {
            "permit": permit.subject,
            "worker": permit.history[0].evidence.worker,
            "request": request.subject,
            "consent_scan": "sc1",
        }
        told["employer"] = self.office.demand_of(request).employer
        leaves = (
            {"ends": self.chance.choice(mine) if mine else "", "release_scan": "sc2"}
            if hasattr(evidence, "ends")
            else {}
        )
        return told | leaves

    _change_of_employer = _addition_of_employer

    def _appeal_filed(self, evidence: Any) -> dict[str, Any]:
        adverse = self.adverse()
        if not adverse:
            return {"case": self._one("request")}
        case = self.chance.choice(adverse)
        order, worker = adverse_order(case), self.office.worker_of(case) or ""
        return {
            "case": case.subject,
            "order": order.number if order else 1,
            "worker": worker,
            "employer": employed_by(case)[0],
            "permit": getattr(case.history[0].evidence, "permit", ""),
        }

    def _correction(self, evidence: Any) -> dict[str, Any]:
        old = self.chance.choice(self.record.history)
        values = old.evidence.plain()
        words = [
            name
            for name, value in values.items()
            if isinstance(value, str)
            and name in ("reason", "phone", "address", "note", "name_thai", "contact", "paid_by")
        ]
        if words:
            values[self.chance.choice(words)] = f"แก้ {self.chance.randrange(99)}"
        return {"number": old.number, "values": values, "happened_at": None}

    def _deficiencies(self, evidence: Any) -> dict[str, Any]:
        return {"other": "สำเนา", "answer_until": self.facts.on + self.chance.choice((1, 5, 10)) * DAY}

    def _print(self, evidence: Any) -> dict[str, Any]:
        return {"copy": 1 + sum(done.step == "print_copy" for done in self.record.history)}

    def _employment_end(self, evidence: Any) -> dict[str, Any]:
        known = self.office.now - timedelta(hours=3)
        return {
            "known_at": known,
            "told_at": known + timedelta(hours=1) if self.chance.random() < 0.4 else None,
            "last_day": self.facts.on,
        }

    def _district_notice(self, evidence: Any) -> dict[str, Any]:
        ends = [done.evidence for done in self.record.standing() if done.step == "end_employment"]
        bad = [one for one in ends if one.reason_code in ("dismissed", "absconded")]
        return (
            {
                "employer": bad[0].employer,
                "about": type(evidence.about)(bad[0].reason_code),
                "told_at": self.office.now,
            }
            if bad
            else {}
        )

    def _trafficking_check(self, evidence: Any) -> dict[str, Any]:
        return {"indicators": (), "referred_to": "ทีมสหวิชาชีพ"}

    def _serving(self, evidence: Any) -> dict[str, Any]:
        return {"served_on": self.facts.on, "order": 0}

    def _bar_proposal(self, evidence: Any) -> dict[str, Any]:
        return {"until": self.facts.on + self.chance.randint(1, 9) * DAY}

    _bar_order = _bar_proposal

    def _departure_notice(self, evidence: Any) -> dict[str, Any]:
        return {"told_on": self.facts.on, "leave_until": None}

    def _gate_closure(self, evidence: Any) -> dict[str, Any]:
        return {
            "from_on": self.facts.on,
            "until_on": self.chance.choice((None, self.facts.on + 3 * DAY)),
            "bands": (),
        }

    def _reservation(self, evidence: Any) -> dict[str, Any]:
        flow, step = self.chance.choice(list(FORMS))
        many = self.chance.choice((1, 2, 3, 3, 0, 99))
        return {"for_on": self.facts.on, "piles": (Pile(flow, step, many), Pile("permit", "hold", 1))}

    def _used_form(self, evidence: Any) -> dict[str, Any]:
        if not self.record.history:
            return {}
        form, other = (self.chance.choice(list(forms(self.record))) for _ in range(2))
        return {
            "form": self.chance.choice((form.number,) * 4 + (99,)),
            "flow": other.flow,
            "step": other.step,
            "office": self.chance.choice((self.record.office,) * 5 + ("ELSEWHERE",)),
            "done_at": self.record.history[0].happened_at - self.chance.choice((0, 0, 0, 1)) * DAY,
        }

    def _spoilt_form(self, evidence: Any) -> dict[str, Any]:
        return {"form": self.chance.choice((1, 2, 3, 99))}

    def _accounting(self, evidence: Any) -> dict[str, Any]:
        left = len(unused(self.record)) if self.record.history else 0
        return {"counted": left + self.chance.choice((0, 0, 1)), "unused": ()}

    def _hospital(self, evidence: Any) -> dict[str, Any]:
        own: Hospital = evidence
        return {
            "licence_from": own.licence_from,
            "licence_until": None,
            "government": self.chance.random() < 0.7,
        }

    def _doctor(self, evidence: Any) -> dict[str, Any]:
        own: Doctor = evidence
        self.office.count += 1
        known = self.record.last("enter_doctor") if self.record.history else None
        licence = known.evidence.licence if known else f"ว.{self.office.count}"
        hospitals = tuple(one.subject for one in self.office.of("hospital"))
        return {
            "licence": licence,
            "valid_from": own.valid_from - 4000 * DAY,
            "valid_until": None,
            "hospitals": hospitals,
        }

    def _worker(self, evidence: Any) -> dict[str, Any]:
        if self.record.history:
            return {**vars(self.record.last("enter_worker", "amend_worker").evidence), "freed": ()}
        free = [one for one in self.people if self.office.holder(one.pass_number) is None]
        one = self.chance.choice(free or list(self.people))
        said = {
            name: getattr(one, name)
            for name in ("name_latin", "sex", "birth_on", "pass_number", "pass_province", "pass_expires_on")
        }
        return said | {"foreigner_number": "", "nationality": "KHM", "freed": ()}

    def _account(self, evidence: Any) -> dict[str, Any]:
        role = (
            self.chance.choice((Role.EMPLOYER, Role.AGENT))
            if self.actor.role is Role.OFFICER
            else evidence.role
        )
        return {"role": role}

    # things that do not fit ----------------------------------------------------------------

    def broken(self, evidence: Evidence, most: int, *, typed: bool = False) -> Iterator[Evidence]:
        """Give the evidence with one field changed at a time, to what lies at its borders and beyond.

        `typed`: only what a person types, not what the office fills in.
        """
        asked = questions(type(evidence)).items()
        names = [
            name
            for name, question in asked
            if not typed or question.ask is not Ask.GIVEN or name in ("values", "copy")
        ]
        found = [(name, value) for name in names for value in self._beyond(name, getattr(evidence, name))]
        self.chance.shuffle(found)
        for name, value in found[:most]:
            yield replace(evidence, **{name: value})

    def _beyond(self, name: str, there: Any) -> list[Any]:
        if name == "values" and isinstance(there, dict):
            old = next(
                (done for done in self.record.history if done.evidence.plain().keys() == there.keys()), None
            )
            return list(self._other_facts(there, hints_of(type(old.evidence)) if old else {}))
        if name == "number" and isinstance(there, int):
            return [done.number for done in self.record.history[-6:]] + [999]
        if name == "happened_at":
            return [(self.office.now + shift * DAY).isoformat() for shift in (-400, -1, 0, 1)]
        if name == "rows":
            return [(), self.people]
        if name == "foreigner_number":
            self.office.count += 1
            return ["x", foreigner_number(self.office.count), *self._names_of_others(name, there)]
        if name == "band":
            return [None, "x", *bands(self.facts.ruleset, self.gate())]
        if isinstance(there, ListRow):
            return [one for one in self.people if one.pass_number != there.pass_number]
        if isinstance(there, bool):
            return [not there]
        if isinstance(there, Enum):
            return [one for one in type(there) if one is not there]
        if isinstance(there, datetime):
            return [
                there - timedelta(hours=40),
                self.office.now + timedelta(hours=2),
                *[None] * _optional(name, self.row),
            ]
        if isinstance(there, date):
            return [
                self.facts.on + shift * DAY for shift in (-7000, -400, -70, -20, -1, 0, 1, 20, 70, 500)
            ] + [None] * _optional(name, self.row)
        if isinstance(there, (int, Decimal)):
            return [type(there)(value) for value in (0, 1, 2, 7, 4999)]
        if isinstance(there, dict):
            return [{}, dict.fromkeys(there, "missing")]
        if isinstance(there, tuple):
            return [(), ("x",)] if not there or isinstance(there[0], str) else [()]
        if there is None:
            return list(self._instead_of_none(hints_of(self.row.evidence)[name]))
        return ["", " ", "x", *self._names_of_others(name, there)]

    def _instead_of_none(self, hint: Any) -> Iterator[Any]:
        wanted = next(arg for arg in get_args(hint) if arg is not NoneType)
        if wanted is datetime:
            yield self.office.now
        elif wanted is date:
            yield from (self.facts.on + shift * DAY for shift in (-400, -1, 1, 3, 5000))
        elif isinstance(wanted, type) and issubclass(wanted, (Enum, int, Decimal)):
            yield from wanted if issubclass(wanted, Enum) else (wanted(0),)
        else:
            yield "x"

    def _names_of_others(self, name: str, there: str) -> list[str]:
        """Other things of the same kind: another employer, gate, pass, receipt, certificate."""
        same = [
            getattr(done.evidence, name)
            for one in self.office.records.values()
            for done in one.history
            if hasattr(done.evidence, name)
        ]
        flows = [one.subject for one in self.office.of(name)] + [
            one.subject for one in self.office.records.values() if name == "case"
        ]
        found = dict.fromkeys([*flows, *(one for one in same if isinstance(one, str))])
        others = [one for one in found if one != there]
        self.chance.shuffle(others)
        return others[:4]

    def _other_facts(self, values: dict[str, Any], hints: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Corrected facts with one of them changed: other words, another choice, another day, nothing at all."""
        yield {}
        for name, value in values.items():
            hint = hints.get(name)
            choices = [one.value for one in hint] if isinstance(hint, type) and issubclass(hint, Enum) else []
            for other in [one for one in choices if one != value] or _other_plain(value):
                yield {**values, name: other}


def _other_plain(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, 0]
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return ["x", ""]
        return [(day + shift * DAY).isoformat() for shift in (-40, -1, 1, 400)]
    return [None] if value is not None else []


def _optional(name: str, row: Step) -> bool:
    return not questions(row.evidence)[name].required


NAMED: dict[str, Callable[[Values], Any]] = {
    "employer": Values.employer,
    "gate": Values.gate,
    "hospital": Values.hospital,
    "photo": lambda _: "ph1",
}
"""How a field is filled whose name alone says what it holds."""


def plainly(evidence: Evidence) -> Evidence:
    """Give evidence as it is read back from what the store would keep."""
    return type(evidence).read(json.loads(json.dumps(evidence.plain())))
