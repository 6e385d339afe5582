"""What the models of all files are made of: names, keys, prompts to say, and their limits."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

ASK_DIGITS: Final = (1, 20)  # shortest and longest that a flow may ask for
NAME: Final = "^[a-z][a-z0-9_]{0,39}$"
KEY: Final = "^[0-9*#]$"
CITY: Final = r"^([0-9]{6}|[a-z]{2,20}|\{city\})$"
SAID: Final = r"^([a-z][a-z0-9_]{0,39}|\{city\})$"
EXPECTED: Final = (  # what a scenario expects to be said and done
    "^(play [a-z0-9_]+|collect (menu|survey|number|digits)|join_queue [a-z0-9_]+"
    "|record (callback|message|note)|transfer [a-z0-9_]+|service [a-z0-9_]+"
    "|language (zh-CN|ko-KR|en)|alarm [a-z0-9_]+|end|fallback)$"
)
_NAME_SCHEMA: Final = {"type": "string", "pattern": NAME}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=NAME)]
Target = Annotated[str, Field(pattern=NAME, description="the step to go on with")]
Key = Annotated[str, Field(pattern=KEY)]
Say = Annotated[
    tuple[Name, ...],
    BeforeValidator(_as_list),
    Field(min_length=1, max_length=20),
    WithJsonSchema(
        {
            "description": "a prompt id of prompts.yaml, or a list of them",
            "anyOf": [
                _NAME_SCHEMA,
                {"type": "array", "items": _NAME_SCHEMA, "minItems": 1, "maxItems": 20},
            ],
        }
    ),
]
_SAID_SCHEMA: Final = {"type": "string", "pattern": SAID}
SayPlace = Annotated[
    tuple[Annotated[str, Field(pattern=SAID)], ...],
    BeforeValidator(_as_list),
    Field(min_length=1, max_length=20),
    WithJsonSchema(
        {
            "description": "a prompt id of prompts.yaml, or {city} for the name of the caller's "
            "place, or a list of them",
            "anyOf": [
                _SAID_SCHEMA,
                {"type": "array", "items": _SAID_SCHEMA, "minItems": 1, "maxItems": 20},
            ],
        }
    ),
]
Whole = Annotated[int, Field(strict=True)]
KeyWait = Annotated[Whole, Field(ge=1, le=60, description="seconds to wait for a key")]
AskDigits = Annotated[Whole, Field(ge=ASK_DIGITS[0], le=ASK_DIGITS[1])]
Tries = Annotated[Whole, Field(ge=1, le=5, description="wrong or missing keys before give_up")]
LanguageName = Literal["zh-CN", "ko-KR", "en"]
SpecialGroup = Literal[
    "migrant_worker", "elderly", "disabled", "minor", "women", "military", "low_income"
]
Limit = Annotated[Whole, Field(ge=5, le=600, description="longest voice note in seconds")]


class FilePart(BaseModel):
    """Part of a file: what is not known is refused, what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
