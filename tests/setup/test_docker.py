"""The files of docker/ fit the program: settings by their names, nothing local in the image."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.launch.plan import web_url
from callcenter.settings import Settings

CHECKOUT = Path(__file__).parents[2]
DOCKER = CHECKOUT / "docker"
KNOWN = {field.alias for field in Settings.model_fields.values()}


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
    return dict(compose["services"]["hotline"])


def test_compose_builds_our_dockerfile_from_the_checkout(service: dict[str, Any]) -> None:
    build = service["build"]
    context = (DOCKER / build["context"]).resolve()
    assert context == CHECKOUT
    assert (context / build["dockerfile"]).read_text("utf-8").count("\nFROM ${BASE}\n") == 1
    assert set(build["args"]) == {"BASE"}


def test_every_setting_that_compose_passes_on_is_one(service: dict[str, Any]) -> None:
    environment = service["environment"]
    assert set(environment) <= KNOWN
    # What stands there as a default must be one that the program takes.
    given = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in environment.items()}
    settings = Settings.model_validate({name: value for name, value in given.items() if value})
    assert web_url(settings) == "http://127.0.0.1:8348"
    assert settings.demo


def test_settings_of_the_image_are_known_and_its_volume_holds_the_home(
    service: dict[str, Any],
) -> None:
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    named = dict(re.findall(r"\b(HOTLINE_[A-Z]+)=(\S+)", text))
    assert named.keys() <= KNOWN
    home = Path(re.findall(r"ENV HOTLINE_HOME=(\S+)", text)[0])
    (volume,) = re.findall(r"^VOLUME (\S+)$", text, re.MULTILINE)
    assert home.is_relative_to(volume)
    assert service["volumes"] == [f"hotline:{volume}"]


def test_nothing_local_goes_into_the_image() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").split()
    for line in (CHECKOUT / ".gitignore").read_text("utf-8").splitlines():
        name = line.strip("/")
        if line.startswith("#") or name in ("htmlcov", "node_modules"):
            continue
        assert name in ignored or f"**/{name}" in ignored, name
    assert ".git" in ignored
