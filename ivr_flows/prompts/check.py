"""Hold the committed prompts against their texts, and a site's recordings against what a caller
must hear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ivr_flows.prompts.make import ai_mark, load_manifest, outdated, sha256, voice_of
from ivr_flows.prompts.sound import (
    LEVEL_DB,
    PEAK_DB,
    Measured,
    measure,
    read_mark,
)
from ivr_flows.prompts.texts import (
    ENDINGS,
    LANGUAGE,
    Kind,
    Prompt,
    PromptFault,
    folder_of,
    languages,
    load_prompts,
)
from ivr_flows.prompts.upload import take_in

NOTICE = "notice_"
"""How the ids of emergency notices begin; they are no prompts of ours."""

LONGEST_S = 20.0
"""No prompt may be longer: a caller forgets the first key before he hears the last."""

_LEVEL_SLACK_DB = 1.5
# Seconds a character; a single syllable may be a short vowel (二, 五) or drawn out. An English
# letter is a fraction of a sound, and a letter of "one" a third of a word.
_PACE_S: dict[str, dict[Kind, tuple[float, float]]] = {
    "zh-CN": {"sentence": (0.13, 0.45), "clip": (0.1, 0.85)},
    "ko-KR": {"sentence": (0.1, 0.4), "clip": (0.06, 0.85)},
    "en": {"sentence": (0.035, 0.16), "clip": (0.03, 0.4)},
}


def length_of(prompt: Prompt) -> tuple[float, float]:
    """The least and the most seconds that a prompt's text can take."""
    shortest, longest = (len(prompt.spoken) * s for s in _PACE_S[prompt.language][prompt.kind])
    return shortest, longest


def faults(folder: Path) -> list[str]:
    """Everything wrong with a folder of made prompts, one `file: what` a line; nothing when all
    is well.
    """
    prompts = load_prompts(folder)
    stale = {prompt.id for prompt in outdated(prompts.values(), folder)}
    found = [f"{name}: to be made: missing, or text or voice changed" for name in stale]
    made = load_manifest(folder)["prompts"]
    for prompt in prompts.values():
        if prompt.id not in stale:
            found += _file_faults(prompt, made[prompt.id]["sha256"], folder)
    known = {f"{name}.{ending}" for name in prompts for ending in ENDINGS}
    found += [
        f"{file.name}: belongs to no prompt"
        for file in folder.iterdir()
        if file.suffix in (".wav", ".wav16") and file.name not in known
    ]
    return sorted(found)


def _file_faults(prompt: Prompt, digests: dict[str, str], folder: Path) -> Iterator[str]:
    for ending, rate in ENDINGS.items():
        file = folder / f"{prompt.id}.{ending}"
        try:
            if sha256(file) != digests[ending]:
                yield f"{file.name}: not the file that the manifest names"
            if read_mark(file) != ai_mark(prompt.id, prompt.say, voice_of(prompt)):
                yield f"{file.name}: has no AI mark, or a wrong one"
            for what in sound_faults(prompt, measure(file), rate):
                yield f"{file.name}: {what}"
        except PromptFault as fault:
            yield str(fault)


def sound_faults(prompt: Prompt, sound: Measured, rate: int) -> Iterator[str]:
    """What a caller would hear as wrong: format, length, loudness, clipping, clicks at edges."""
    if (sound.rate, sound.channels, sound.subtype) != (rate, 1, "PCM_16"):
        has = f"{sound.subtype}, {sound.channels} channels, {sound.rate} Hz"
        yield f"is {has}; wanted PCM_16, 1 channel, {rate} Hz"
    shortest, longest = length_of(prompt)
    if not shortest <= sound.duration_s <= min(longest + 0.5, LONGEST_S):
        yield f"{sound.duration_s:.1f} s is not a length for {len(prompt.spoken)} characters"
    if abs(sound.level_db - LEVEL_DB) > _LEVEL_SLACK_DB:
        yield f"speaks at {sound.level_db:.1f} dB, wanted {LEVEL_DB:.0f}"
    if sound.peak_db > PEAK_DB + 0.1:
        yield f"peaks at {sound.peak_db:.1f} dB, wanted {PEAK_DB:.0f} at most"
    if sound.edge_db > -50:
        yield "starts or ends with a click"


def replace(
    prompt_id: str, recording: Path, *, site: Path, language: str = LANGUAGE
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Put a human recording in a prompt's place under `site` (`<HOTLINE_HOME>/prompts`): the
    files written, and what was done, in Chinese.

    PromptFault, in Chinese, when there is no such prompt or the recording is not fit (`upload`).
    """
    prompt = load_prompts(folder_of(language)).get(prompt_id)
    if prompt is None:
        raise PromptFault(
            f"没有编号为 {prompt_id} 的 {language} 提示音（hotline prompts list 列出全部）"
        )
    shortest, longest = length_of(prompt)
    ready = take_in(
        recording,
        kind=prompt.kind,
        text=prompt.text,
        length_s=(shortest, min(longest + 2, LONGEST_S)),
    )
    return ready.write(site / language / prompt_id), ready.done


def site_faults(site: Path) -> list[str]:
    """What is wrong with a site's own recordings: names that no prompt has, files that Asterisk
    cannot play.
    """
    found: list[str] = []
    for language in languages():
        prompts = load_prompts(folder_of(language))
        for file in _sound_files(site / language):
            rate = ENDINGS[file.suffix[1:]]
            if file.stem not in prompts and not file.stem.startswith(NOTICE):
                found.append(f"{file}: no prompt has this name")
                continue
            try:
                sound = measure(file)
            except PromptFault as fault:
                found.append(str(fault))
                continue
            if (sound.rate, sound.channels, sound.subtype) != (rate, 1, "PCM_16"):
                found.append(
                    f"{file}: wanted 16-bit mono at {rate} Hz; use hotline prompts replace"
                )
    return sorted(found)


def _sound_files(folder: Path) -> Iterable[Path]:
    return (file for ending in ENDINGS for file in folder.glob(f"*.{ending}"))
