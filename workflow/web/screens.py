"""All screens: the blueprints of the application, in the order in which people meet them."""

from flask import Blueprint

from workflow.web.admin import admin
from workflow.web.audit import audit
from workflow.web.bars import bars
from workflow.web.cases import cases
from workflow.web.cashier import cashier
from workflow.web.closing import closing
from workflow.web.corrections import corrections
from workflow.web.deadlines import deadlines
from workflow.web.doctors import doctors
from workflow.web.employer import employer
from workflow.web.files import files
from workflow.web.first import first
from workflow.web.gates import gates
from workflow.web.health import health
from workflow.web.inbox import inbox
from workflow.web.lists import lists
from workflow.web.many import many
from workflow.web.measures import measures
from workflow.web.onward import onward
from workflow.web.own_account import account
from workflow.web.papers import papers
from workflow.web.photos import photos
from workflow.web.powercut import powercut
from workflow.web.printruns import printruns
from workflow.web.privacy import privacy
from workflow.web.quotas import quotas
from workflow.web.registers import registers
from workflow.web.rules import rules
from workflow.web.search import search
from workflow.web.signin import signin
from workflow.web.steps import steps
from workflow.web.stepup import stepup
from workflow.web.takeover import takeover
from workflow.web.verify import verify
from workflow.web.worker import worker

SCREENS: tuple[Blueprint, ...] = (
    health, signin, first, stepup, account, inbox, lists, photos, corrections, steps, files, cases, papers, printruns, many,
    cashier, powercut, closing, bars, employer, onward, deadlines, privacy, worker, verify, rules, gates, measures, doctors,
    takeover, quotas, admin, registers, audit, search,
)  # fmt: skip
