"""What a flow may name: prompts, groups, facts, services, lines; models of their files. Pure.

`lines.yaml` and `services.yaml` stand in the province folder; `load` reads them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from ivr_flows.fields import FilePart, Name
from ivr_flows.names import FACT_WORDS, FACTS, GROUPS, HOME_LANGUAGE

NUMBER: Final = "^[0-9*#+]{2,32}$"
TRUNK: Final = "^[A-Za-z][0-9A-Za-z_-]{0,30}$"
VALUE: Final = "^[a-z0-9][a-z0-9_]{0,39}$"
SECRET: Final = "^[A-Za-z][0-9A-Za-z_-]{0,39}$"

Title = Annotated[str, Field(min_length=1, max_length=100)]


class Line(FilePart):
    """A number outside that a call may be transferred to, over a trunk of trunks.yaml."""

    title: Title
    number: Annotated[str, Field(pattern=NUMBER)]
    trunk: Annotated[str, Field(pattern=TRUNK)]
    hours: Annotated[
        Literal["always", "open"], Field(description="always, or only while the hotline is open")
    ] = "always"


class LinesFile(FilePart):
    """`lines.yaml`: lines by the name that flows use."""

    lines: Annotated[dict[Name, Line], Field(max_length=200)]


class Service(FilePart):
    """A service that may be asked in a call: what it is sent, and the facts its answer may set."""

    title: Title
    url: Annotated[str, Field(max_length=500)]
    send: Annotated[tuple[Name, ...], Field(max_length=10)] = ()
    facts: Annotated[
        dict[
            Name,
            Annotated[
                tuple[Annotated[str, Field(pattern=VALUE)], ...],
                Field(min_length=1, max_length=50),
            ],
        ],
        Field(min_length=1, max_length=20),
    ]
    key: Annotated[str, Field(pattern=SECRET, description="name of a secret of this hotline")] | (
        None
    ) = None

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValueError("should be a URL") from None
        if parts.scheme not in ("https", "http") or not host:
            raise ValueError("should be an https:// URL")
        if parts.username is not None or parts.password is not None:
            raise ValueError("should hold no name or password: name a secret as key")
        if parts.fragment or any(sign.isspace() or ord(sign) < 32 for sign in url):
            raise ValueError("should hold no blanks and no #")
        if parts.scheme == "http" and not _is_here(host):
            raise ValueError("should be https://; http:// is for services on this machine only")
        return url


class ServicesFile(FilePart):
    """`services.yaml`: services by the name that flows use."""

    services: Annotated[dict[Name, Service], Field(max_length=100)]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names that flows may use. `prompts` is id to text in each language.

    `lines` and `services` are None where no province was read: their names are then not checked,
    nor are those of facts beyond `facts`. `spoken`: prompts by language
    that the program says of itself. `closes`: the calendar has hours that are closed.
    """

    prompts: Mapping[str, Mapping[str, str]]
    groups: Collection[str] = GROUPS
    facts: Mapping[str, Collection[str]] = field(default_factory=lambda: FACTS)
    services: Mapping[str, Service] | None = None
    lines: Mapping[str, Line] | None = None
    spoken: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closes: bool = False

    def texts(self, language: str) -> Mapping[str, str]:
        """Prompt id to text in this language alone."""
        return self.prompts.get(language, {})

    def text(self, prompt: str, language: str) -> str | None:
        """What is heard in this language: Mandarin where it has no such prompt."""
        own = self.texts(language).get(prompt)
        return self.texts(HOME_LANGUAGE).get(prompt) if own is None else own

    def all_facts(self) -> dict[str, Collection[str]]:
        """Facts to branch on and their values, those that services tell included."""
        found = dict(self.facts)
        for service in (self.services or {}).values():
            for name, values in service.facts.items():
                found.setdefault(name, values)
        return found

    def facts_in_words(self) -> Iterator[str]:
        """A line for each fact: its values, and what it says or which service tells it."""
        for name, values in self.facts.items():
            yield f"{name}: {', '.join(values)}: {FACT_WORDS.get(name, '')}"
        for of, service in (self.services or {}).items():
            for name, values in service.facts.items():
                yield f"{name}: {', '.join(values)}: told by the service {of} ({service.title})"


def clashes(services: Mapping[str, Service]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Facts of services that have another meaning already: (place in services.yaml, why)."""
    told: dict[str, str] = {}
    for name, service in services.items():
        for fact in service.facts:
            at = ("services", name, "facts", fact)
            if fact in FACTS:
                yield at, f"the fact {fact} is one that the program computes"
            elif fact in told:
                yield at, f"the service {told[fact]} tells the fact {fact} already"
            told.setdefault(fact, name)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
