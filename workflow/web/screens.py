"""All screens: the blueprints of the application, in the order in which people meet them."""

from flask import Blueprint

from workflow.web.first import first
from workflow.web.health import health
from workflow.web.own_account import account
from workflow.web.signin import signin
from workflow.web.stepup import stepup

SCREENS: tuple[Blueprint, ...] = (health, signin, first, stepup, account)
