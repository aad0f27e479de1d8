"""The application as a web server loads it."""

from workflow.app import create_app

app = create_app()
