"""The audio of a notice: somebody's recording, or its text spoken by the extra `voice`."""

from __future__ import annotations

from pathlib import Path


class NoVoice(Exception):
    """Nothing here can speak; why."""


def record(stem: Path, file: Path, *, text: str, language: str) -> tuple[str, ...]:
    """A recording made ready as `<stem>.wav` and `<stem>.wav16`; what was done, a line each.

    Raises PromptFault.
    """
    from ivr_flows.prompts.check import length_of
    from ivr_flows.prompts.saying import spelled_out
    from ivr_flows.prompts.texts import Prompt, folder_of
    from ivr_flows.prompts.upload import LONGEST_S, take_in

    folder_of(language)  # a language that is spoken here
    length_s = (0.5, LONGEST_S)
    if text:
        say = spelled_out(text, language)
        least, most = length_of(Prompt(stem.name, text, say, "sentence", language))
        length_s = (least, min(most + 2, LONGEST_S))
    ready = take_in(file, text=text, length_s=length_s)
    ready.write(stem)
    return ready.done


def speak(stem: Path, *, text: str, language: str, cache: Path) -> tuple[str, ...]:
    """The text spoken into the same two files. Takes seconds and half a gigabyte: not for the
    process that has the calls. Raises PromptFault, NoVoice.
    """
    from ivr_flows.prompts.kokoro import Kokoro, VoiceFault, fetch
    from ivr_flows.prompts.make import speak_both
    from ivr_flows.prompts.saying import spelled_out

    say = spelled_out(text, language)
    try:
        _, seconds = speak_both(stem, say, language, Kokoro(fetch(cache)))
    except VoiceFault as fault:
        raise NoVoice(str(fault)) from fault
    return (f"已合成语音 {seconds:.1f} 秒：{say}",)
