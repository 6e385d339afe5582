"""The prompts that the program says of itself, whatever the flows are; computed, not listed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr_flows import speech
from ivr_flows.model import (
    HOME_LANGUAGE,
    LANGUAGES,
)
from ivr_flows.names import RESCUE_SAY
from sip_config.model import RenderInput
from sip_config.render import render


def spoken_prompts(asterisk: RenderInput) -> Mapping[str, frozenset[str]]:
    """Prompt ids by language: the apology, all that `speech` puts together, and what the dialplan
    plays (in Mandarin only) when it is rendered from this.
    """
    own = {language: speech.every_clip(language) | {RESCUE_SAY} for language in LANGUAGES}
    own[HOME_LANGUAGE] |= _in_dialplan(asterisk)
    return own


def _in_dialplan(asterisk: RenderInput) -> set[str]:
    played = re.compile(re.escape(f"{asterisk.folders.prompts}/") + "([a-z0-9_]+)")
    return {prompt for text in render(asterisk).values() for prompt in played.findall(text)}
