"""The record that a paper will print for ever: gathered from the case when the step is done, then frozen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from pdf import settle
from workflow import employerfacts, permitfacts, tokens, vouching
from workflow.desk import Desk
from workflow.domain import fees, validity
from workflow.domain.actor import Actor, Role
from workflow.domain.documents import DOCUMENTS, PAPER_SIGNS
from workflow.domain.evidence import Evidence, questions
from workflow.domain.flow import Refusal, Refused
from workflow.domain.kinds import ApplicationKind, OnPermit, on_permit
from workflow.domain.masking import initials, name_on
from workflow.domain.policies import listed_rows, photo_of
from workflow.domain.record import Done, Facts, Record
from workflow.domain.thai import bangkok_date
from workflow.store.persons import entry_now
from workflow.store.projections import Case, Pass, RegisterEntry, Worker
from workflow.tokens import Token

Plain = dict[str, Any]
TERMS = (
    "gates", "jobs", "thai_provinces", "pass_provinces", "districts", "attachments", "refusal_reasons",
    "undertakings", "appeal", "bands", "deficiencies", "nationalities", "sexes", "revocation_grounds",
    "employer_grounds", "privacy.access_days", "privacy.keep_years",
)  # fmt: skip
FEES = {"pay_application_fee": "application_fee", "pay_permit_fee": "permit_fee"}


def freeze(
    desk: Desk, key: str, record: Record, done: Done, signer: Plain, facts: Facts, head: Plain
) -> Plain:
    """Gather what a paper of this key prints; `head` holds its number, version and code, `signer` who made it.

    Raises Refused, with what is missing, when the paper could not be made.
    """
    gathered = {
        "document": head | _document(desk, key, facts),
        "office": _register(desk, record.office),
        "actor": signer,
        "step": done.step,
        "fees": {
            name: _money(fees.fee_due(facts.ruleset, fees.kind_of(record), fee))
            for name, fee in (("application_fee", fees.APPLICATION), ("permit_fee", fees.PERMIT))
        },
        "terms": {name: facts.ruleset.get(name) for name in TERMS if facts.ruleset.get(name) is not None},
        "images": {},
        **_parts(desk, key, record, done, facts),
    }
    if DOCUMENTS[key].checkable:
        gathered["document"]["signed_url"] = _signed(desk, key, gathered)
    return _settled(key, gathered)


def anew(desk: Desk, facts: Plain, head: Plain) -> Plain:
    """Gather what a paper prints again from what it printed, under a new head of today; raises Refused as above."""
    made = {"made_on": bangkok_date(desk.now()).isoformat(), "made_at": desk.now().isoformat()}
    gathered = facts | {"document": facts["document"] | made | head}
    if facts["document"].get("signed_url"):
        gathered["document"]["signed_url"] = _signed_anew(desk, gathered)
    return _settled(facts["document"]["key"], gathered)


def _signed_anew(desk: Desk, gathered: Plain) -> str:
    """Sign again what the token of a paper said, under the paper's new number and name."""
    head, key = gathered["document"], vouching.code_key(desk)
    said = tokens.read(head["signed_url"], vouching.keys_ever(desk))
    said = replace(said, number=head["number"], name=initials(name_on(gathered)))
    return f"{desk.site}/v/{head['code'].upper()}#{tokens.write(said, key)}"


def _settled(key: str, gathered: Plain) -> Plain:
    lacks, kept = settle(key, gathered)
    if lacks:
        raise Refused(Refusal(f"paper:{lack.code}", lack.text, _values(lack)) for lack in lacks)
    return kept


def _signed(desk: Desk, key: str, gathered: Plain) -> str | None:
    """Write the address in the large code: the page of the paper, and behind a # the token, which no server is told."""
    head, application, permit = gathered["document"], gathered["application"], gathered.get("permit") or {}
    order, filing = application.get("permit_order") or {}, application.get("filing") or {}
    days = [order.get(name) or permit.get(name) for name in ("valid_from", "valid_until")]
    if None in days:
        return None
    demand = gathered["request"].get("demand") or {}
    others = [other["name"] for other in gathered.get("other_employers", [])]
    token = Token(
        number=head["number"],
        kind=PAPER_SIGNS[DOCUMENTS[key].series],
        employers=(gathered["employer"]["name"], *others),
        place=demand.get("workplace_district") or (gathered["office"] or {}).get("province") or "",
        job=filing.get("work_nature") or "",
        valid_from=date.fromisoformat(days[0]),
        valid_until=date.fromisoformat(days[1]),
        name=initials(name_on(gathered)),
        specimen=head["specimen"],
    )
    return f"{desk.site}/v/{head['code'].upper()}#{tokens.write(token, vouching.code_key(desk))}"


def _values(lack: Any) -> Plain:
    return {"fact": lack.fact, **getattr(lack, "values", {})}


def _document(desk: Desk, key: str, facts: Facts) -> Plain:
    return {
        "key": key,
        "made_on": bangkok_date(facts.now).isoformat(),
        "made_at": facts.now.isoformat(),
        "specimen": facts.ruleset.demonstration,
        "ruleset": {"id": facts.ruleset.id, "title": dict(facts.ruleset.title)},
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def signer(desk: Desk, actor: Actor) -> Plain:
    """Say who makes a paper, as it will name him: with position, office, and for whom he acts."""
    return {
        "name": actor.name,
        "position": actor.position,
        "role": actor.role.value,
        "acting_for": actor.acting_for,
        "office": _register(desk, actor.office),
        "office_th": _office_name(desk, actor.office),
    }


def _office_name(desk: Desk, office: str | None) -> str | None:
    return (_register(desk, office) or {}).get("name_th") if office else None


def _register(desk: Desk, subject: str | None) -> Plain | None:
    if subject is None:
        return None
    row = desk.session.execute(
        select(RegisterEntry.reference, RegisterEntry.stated).where(RegisterEntry.subject == subject)
    ).one_or_none()
    return None if row is None else {"reference": row.reference, **row.stated}


def _parts(desk: Desk, key: str, record: Record, done: Done, facts: Facts) -> Plain:
    match record.flow:
        case "request":
            return _request_parts(desk, key, record)
        case "application":
            return _application_parts(desk, record, facts)
        case "permit":
            return _permit_parts(desk, record, done, facts)
        case "employer":
            return {"employer": _register(desk, record.subject), "against": _entry(desk, done)}
    return {}


def _request_parts(desk: Desk, key: str, record: Record) -> Plain:
    request = dict(_stated(desk, record, leave=("attach_list",)))
    if key == "name_list":
        request["name_list"] = {"rows": [row_plain(row) for row in listed_rows(record)]}
    demand = _demand(record)
    if key == "opinion_memo":
        request["history"] = employerfacts.known_of(desk, demand.employer)
    return {
        "request": {"reference": record.reference, **request},
        "employer": _register(desk, demand.employer),
        "lines": list(_lines(desk, record)) if key == "entry_appointment" else [],
    }


def row_plain(row: Any) -> Plain:
    """Give a row of the list as JSON values."""
    return {name: _json(getattr(row, name)) for name in row.__dataclass_fields__}


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _demand(record: Record) -> Evidence:
    return record.last("draft_request", "revise_draft", "complete_request").evidence


def _lines(desk: Desk, record: Record) -> Iterator[Plain]:
    wanted = record.last("list_entries").evidence.applications
    rows = desk.session.execute(
        select(Case.subject, Case.reference, Worker)
        .join(Worker, Worker.subject == Case.worker)
        .where(Case.subject.in_(wanted))
        .order_by(Case.reference)
        .execution_options(populate_existing=True)
    )
    for number, row in enumerate(rows, 1):
        yield {
            "no": number,
            "reference": row.reference,
            **_worker_names(row.Worker),
            "pass_number": _pass(desk, row.subject),
        }


def _pass(desk: Desk, application: str) -> str | None:
    held = validity.current_pass(desk.record(application))
    return held.pass_number if held else None


def _worker_names(worker: Worker) -> Plain:
    names = ("name_latin", "name_khmer", "name_thai", "sex")
    return {name: getattr(worker, name) for name in names}


def _application_parts(desk: Desk, record: Record, facts: Facts) -> Plain:
    listed = record.history[0].evidence
    application = dict(_stated(desk, record, leave=(record.history[0].step, *FEES)))
    application["payments"] = {fee: _entry(desk, record.last(step)) for step, fee in FEES.items()}
    opened = on_permit(listed)
    if opened is None:
        application["listed"] = row_plain(listed.row)
    seen = record.last("record_medical", "refer_to_hospital")
    return {
        "application": {"reference": record.reference, "kind_of": listed.kind_of.value, **application},
        "request": _request_of(desk, getattr(listed, "request", "")),
        "employer": _register(desk, listed.employer),
        "hospital": _register(desk, seen.evidence.hospital) if seen else None,
        "worker": _worker(desk, record, entry_now(desk.session, listed.worker)),
        "terms_of_validity": _terms(record, facts),
        "images": {"photo": {"sha256": photo_of(record)} if photo_of(record) else None},
    } | (_of_permit(desk, record, application, opened) if opened else {})


def _permit_parts(desk: Desk, record: Record, done: Done, facts: Facts) -> Plain:
    employer, work = permitfacts.work_with(record, getattr(done.evidence, "employer", ""))
    said = dict(_stated(desk, record, leave=(record.history[0].step,)))
    over = permitfacts.overstayed(record, facts)
    return {
        "permit": permitfacts.held(record) | said | {"work": work, "overstay": over},
        "employer": _register(desk, employer),
        "worker": _person(desk, entry_now(desk.session, record.history[0].evidence.worker)),
    }


def _person(desk: Desk, subject: str) -> Plain:
    """Give a worker as the register knows him: a permit states no person of its own."""
    worker = desk.session.get(Worker, subject, populate_existing=True)
    held = desk.session.get(Pass, worker.pass_key)
    return {
        "reference": worker.reference,
        **_worker_names(worker),
        "birth_on": _json(worker.birth_on),
        "birth_precision": worker.birth_precision,
        "nationality": worker.nationality,
        "foreigner_number": worker.foreigner_number,
        "pass_number": held.pass_number if held else None,
        "pass_province": held.pass_province if held else None,
        "pass_expires_on": _json(held.pass_expires_on) if held else None,
    }


def _request_of(desk: Desk, subject: str) -> Plain:
    if not subject:
        return {}
    request = desk.record(subject)
    stated = _stated(desk, request, leave=("attach_list", "list_entries"))
    return {"reference": request.reference, **dict(stated)}


def _of_permit(desk: Desk, record: Record, application: Plain, opened: OnPermit) -> Plain:
    """An application on a permit prints the permit as it stands, and what it does not state anew."""
    permit = permitfacts.permit_of(desk, opened)
    known = {"entry": permitfacts.stay_of(desk, opened), "kind_of": opened.kind_of.value, "reference": record.reference}
    identity, filing = application.get("identity"), application.get("filing")
    if identity:
        known["identity"] = identity | {"previous_permit": f"{permit['permit_book']}/{permit['permit_number']}"}
    if filing:
        known["filing"] = permitfacts.work_of(desk, opened) | filing
    others = permitfacts.others(desk, opened)
    return {
        "application": application | known,
        "permit": permit,
        "other_employers": [(_register(desk, employer) or {}) | work for employer, work in others],
    }


def _worker(desk: Desk, record: Record, subject: str) -> Plain:
    """Give a worker with the pass that the application checked, if it checked one."""
    held = validity.current_pass(record)
    travel = ("pass_number", "pass_province", "pass_issued_on", "pass_expires_on")
    return _person(desk, subject) | {name: _json(getattr(held, name, None)) for name in travel}


TERM_NAMES = {
    "longest": {"th": "ระยะเวลาสูงสุดตามกฎหมาย", "en": "Longest term of the law", "km": "រយៈពេលអតិបរមាតាមច្បាប់"},
    "pass": {"th": "วันหมดอายุบัตรผ่านแดน", "en": "Border pass", "km": "ថ្ងៃផុតកំណត់ប័ណ្ណឆ្លងដែន"},
    "insurance": {"th": "วันสิ้นสุดประกันสุขภาพ", "en": "Health insurance", "km": "ថ្ងៃផុតកំណត់ធានារ៉ាប់រងសុខភាព"},
    "season": {"th": "วันสิ้นสุดฤดูกาล", "en": "End of the season", "km": "ថ្ងៃបញ្ចប់រដូវ"},
    "measure": {"th": "วันสิ้นสุดมาตรการ", "en": "End of the measure", "km": "ថ្ងៃបញ្ចប់វិធានការ"},
}


def _terms(record: Record, facts: Facts) -> list[Plain]:
    order = record.last("decide")
    if order is None or getattr(order.evidence, "valid_from", None) is None or not _sets_days(record):
        return []
    return [
        {"name": t.name, "until": t.until.isoformat(), "decides": t.decides, "label": TERM_NAMES[t.name]}
        for t in validity.terms(record, order.evidence.valid_from, facts)
    ]


def _sets_days(record: Record) -> bool:
    """Say whether the order gives the permit its days: a change or a substitute leaves them as they are."""
    return fees.kind_of(record) in (ApplicationKind.NEW, ApplicationKind.RENEWAL)


def _stated(desk: Desk, record: Record, leave: tuple[str, ...]) -> Iterator[tuple[str, Plain]]:
    """Give the newest standing evidence of each kind, with who stated it and when."""
    seen: set[str] = set()
    for done in record.standing():
        kind = _name(done)
        if done.step not in leave and kind not in seen:
            seen.add(kind)
            yield kind, _entry(desk, done)


def _name(done: Done) -> str:
    """An earlier entry is an entry on paper as well; reasons are kept apart by their step."""
    kind = type(done.evidence).kind()
    if done.step == "revoke_request":
        return done.step
    return {
        "earlier_entry": "entry",
        "change_filing": "filing",
        "substitute_filing": "filing",
        "reason": done.step,
        "coded_reason": "coded_reason",
        "nothing": done.step,
    }.get(kind, kind)


def _entry(desk: Desk, done: Done | None) -> Plain | None:
    if done is None:
        return None
    return {
        **_unsealed(done.evidence),
        "_on": bangkok_date(done.happened_at).isoformat(),
        "_at": done.happened_at.isoformat(),
        "_by": done.name,
        "_position": done.position,
        "_role": done.role,
        "_office_th": _office_name(desk, done.office),
        "_for": done.on_behalf_of,
        "_source": "paper" if done.on_behalf_of else done.role,
    }


def _unsealed(evidence: Evidence) -> Plain:
    sealed = {name for name, question in questions(type(evidence)).items() if question.sealed}
    return {name: value for name, value in evidence.plain().items() if name not in sealed}


def may_open(key: str, role: Role) -> bool:
    """Say whether a role is among those for whom a paper is made."""
    return role in DOCUMENTS[key].audience or role is Role.SYSTEM
