"""Whether flows can be run here: the checks of `ivr_flows`, with this hotline's names and audio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from callcenter.catalogue import catalogue_here
from callcenter.flows.policies import Here, Policies, Published, flows_only
from callcenter.province import ROUTING, ProvinceFaults, load_province
from callcenter.sounds import LANGUAGE, audio_fault, audio_file
from ivr_flows.catalogue import Catalogue
from ivr_flows.load import FIRST, FlowsRefused, check_texts, load_texts
from ivr_flows.model import Fault, Flow, Flows, prompts_of
from ivr_flows.names import LANGUAGES
from ivr_flows.validation import validated
from ivr_flows.yaml_source import read_bytes
from seats.longest_wait import Duty


class FlowCheck:
    """Checks texts by flow name. `catalogue` and `unplayable` are asked anew for each check.

    `unplayable`: why Asterisk could not play a prompt, None when it can.
    """

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        unplayable: Callable[[str], str | None],
        policies: Policies | None = None,
    ) -> None:
        """`policies`: reads the routing policy among the texts."""
        self.catalogue = catalogue
        self._unplayable = unplayable
        self.policies = policies or Policies()

    def release(self, texts: Mapping[str, str], *, release: int) -> tuple[Flows, Published | None]:
        """All flows of a release and its policy, if it has one. Raises FlowsRefused."""
        policy = self.policies.of(texts)
        return self.flows(texts, release=release), policy

    def flows(self, texts: Mapping[str, str], *, release: int) -> Flows:
        """All flows of a release, sound and playable. Raises FlowsRefused."""
        texts = flows_only(texts)
        flows = load_texts(texts, catalogue=self.catalogue(), first=FIRST, release=release)
        silent = [fault for flow in flows.by_name.values() for fault in self._silent(flow, texts)]
        if silent:
            raise FlowsRefused(sorted(silent))
        return flows

    def faults(self, flow: str, text: str, beside: Mapping[str, str]) -> list[Fault]:
        """Faults and warnings of one text, with the flows in force `beside` it."""
        beside = flows_only(beside)
        found = check_texts({flow: text}, catalogue=self.catalogue(), beside=beside)
        if any(not fault.is_warning for fault in found):
            return found
        read, _ = validated(Flow, read_bytes(text.encode(), file=f"{flow}.yaml"))
        return sorted([*found, *(self._silent(read, {flow: text}) if read else ())])

    def _silent(self, flow: Flow, texts: Mapping[str, str]) -> list[Fault]:
        """Prompts without audio, each once, where it is first said."""
        places: dict[str, tuple[str, ...]] = {}
        for name, step in flow.steps.items():
            for field, prompt in prompts_of(step):
                places.setdefault(prompt, ("steps", name, *field))
        whys = {prompt: self._unplayable(prompt) for prompt in places}
        if not any(whys.values()):
            return []
        source = read_bytes(texts[flow.flow].encode(), file=f"{flow.flow}.yaml")
        return [
            source.fault(places[prompt], f"the prompt {prompt} {why}")
            for prompt, why in whys.items()
            if why
        ]


def check_here(home: Path, province: Path | Callable[[], Path], *, ring_s: float = 15) -> FlowCheck:
    """The check of the hotline with this home and province folder, whose seats ring so long.

    `province` is asked anew for each check where it can be asked.
    """

    def folder() -> Path:
        return province if isinstance(province, Path) else province()

    def catalogue() -> Catalogue:
        found, faults = catalogue_here(folder())
        if any(not fault.is_warning for fault in faults):
            raise FlowsRefused(faults)
        return found

    def unplayable(prompt: str) -> str | None:
        # What another language lacks is heard in the first one; what is broken is heard nowhere.
        heard = [
            one for one in LANGUAGES if one == LANGUAGE or audio_file(prompt, home, one).exists()
        ]
        whys = (audio_fault(prompt, home, language) for language in heard)
        return next((why for why in whys if why), None)

    def here() -> Here:
        now = folder()
        try:
            found = load_province(now)
        except ProvinceFaults as refused:
            faults = [Fault(str(now), 1, "province", one) for one in str(refused).splitlines()]
            raise FlowsRefused(faults) from None
        file = now / ROUTING
        text = file.read_text("utf-8") if file.exists() else ""
        duty = Duty(found.seats, ring_s, datetime.now(UTC), found.calendar.kind)
        return Here(found.routable, found.policy, text, duty)

    return FlowCheck(catalogue, unplayable, Policies(here))
