"""The commands of the office: prepare, demo, verify, rebuild, backup, restore, diagram."""

import click
from flask import current_app
from flask.cli import with_appcontext

COMMANDS: tuple[click.Command, ...] = ()
