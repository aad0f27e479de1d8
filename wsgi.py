"""The application as a web server and the command line load it."""

from workflow.app import create_app
from workflow.cli import COMMANDS

app = create_app()
for command in COMMANDS:
    app.cli.add_command(command)
