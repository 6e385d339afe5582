"""`hotline openapi`: what the API under /api/v1 takes and gives."""

from __future__ import annotations

import json

import typer

from callcenter.web.app import api_document


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command("openapi", epilog="Example: hotline openapi > openapi.json")(openapi)


def openapi() -> None:
    """Print the OpenAPI document of this version."""
    print(json.dumps(api_document(), ensure_ascii=False, indent=1, sort_keys=True))
