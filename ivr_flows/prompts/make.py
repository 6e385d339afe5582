"""Make the audio of the prompts from their texts, and the manifest that says how each file came
about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ivr_flows.names import LANGUAGES
from ivr_flows.prompts.kokoro import RATE, Kokoro, Voice, made_with
from ivr_flows.prompts.sound import LEVEL_DB, finish, write_wav
from ivr_flows.prompts.texts import ENDINGS, LANGUAGE, Prompt, PromptFault
from ivr_flows.yaml_loader import Loader

# Chosen by hearing (README.md): those whose words whisper got right most often at 8 kHz.
VOICES: Mapping[str, Voice] = {
    "zh-CN": Voice("zf_xiaobei", 1.0),
    "ko-KR": Voice("jf_gongitsune", 1.0),
    "en": Voice("af_heart", 1.0),
}
PRODUCER = "hotline-12348 Kokoro-82M"
MANIFEST = "manifest.yaml"


def voice_of(prompt: Prompt) -> Voice:
    """The voice that speaks a prompt."""
    return VOICES[prompt.language]


def ai_mark(name: str, say: str, voice: Voice) -> dict[str, str]:
    """The implicit mark of synthetic speech, fields of GB 45438-2025 annex E; Label 1 means made
    by AI.
    """
    made_from = f"{name}|{say}|{voice.name}|{voice.speed}"
    return {
        "Label": "1",
        "ContentProducer": PRODUCER,
        "ProduceID": hashlib.sha256(made_from.encode()).hexdigest()[:32],
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }


def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a prompt folder; empty prompts when there is none yet."""
    file = folder / MANIFEST
    if not file.is_file():
        return {"prompts": {}}
    loaded: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader)
    return loaded


def outdated(prompts: Iterable[Prompt], folder: Path) -> list[Prompt]:
    """Prompts whose audio is missing or was made from another text or voice."""
    made = load_manifest(folder)["prompts"]
    return [prompt for prompt in prompts if not _is_made(prompt, made.get(prompt.id), folder)]


def _is_made(prompt: Prompt, entry: dict[str, Any] | None, folder: Path) -> bool:
    return (
        entry is not None
        and {**_made_from(prompt), "synthetic": True}.items() <= entry.items()
        and all((folder / f"{prompt.id}.{ending}").is_file() for ending in ENDINGS)
    )


def _made_from(prompt: Prompt) -> dict[str, Any]:
    voice = voice_of(prompt)
    return {"text": prompt.text, "say": prompt.say, "kind": prompt.kind} | {
        "voice": voice.name,
        "speed": voice.speed,
    }


def make(
    prompts: Iterable[Prompt],
    folder: Path,
    kokoro: Kokoro,
    *,
    keep: frozenset[str],
    on_made: Callable[[Prompt, float], None],
) -> None:
    """Speak each prompt into `folder` and bring its manifest up to date; `keep` are all ids that
    still exist.
    """
    manifest = load_manifest(folder)
    entries = {name: entry for name, entry in manifest["prompts"].items() if name in keep}
    for prompt in prompts:
        voice = voice_of(prompt)
        ready = finish(kokoro.speak(prompt.say, voice, prompt.language), RATE, prompt.kind)
        digests = {}
        for ending, rate in ENDINGS.items():
            file = folder / f"{prompt.id}.{ending}"
            write_wav(file, ready[ending], rate, ai_mark(prompt.id, prompt.say, voice))
            digests[ending] = sha256(file)
        duration_s = round(len(ready["wav"]) / ENDINGS["wav"], 3)
        entries[prompt.id] = {
            **_made_from(prompt),
            "synthetic": True,
            "duration_s": duration_s,
            "sha256": digests,
        }
        _save(folder, entries)  # at once: making all takes minutes and may be stopped
        on_made(prompt, duration_s)
    _save(folder, entries)


def speak_both(
    stem: Path, say: str, language: str, kokoro: Kokoro
) -> tuple[tuple[Path, ...], float]:
    """Speak a text, spelled out, into `<stem>.wav` and `<stem>.wav16` with the AI mark; the files
    and their seconds.
    """
    voice = VOICES[language]
    ready = finish(kokoro.speak(say, voice, language), RATE, "sentence")
    stem.parent.mkdir(parents=True, exist_ok=True)
    files = []
    for ending, rate in ENDINGS.items():
        files.append(stem.with_name(f"{stem.name}.{ending}"))
        write_wav(files[-1], ready[ending], rate, ai_mark(stem.name, say, voice))
    return tuple(files), len(ready["wav"]) / ENDINGS["wav"]


def speak_file(file: Path, text: str, voice: Voice, kokoro: Kokoro) -> float:
    """Speak one text into an 8 kHz WAV with its AI mark; its seconds."""
    ready = finish(kokoro.speak(text, voice), RATE, "sentence")["wav"]
    write_wav(file, ready, ENDINGS["wav"], ai_mark(file.stem, text, voice))
    return len(ready) / ENDINGS["wav"]


def _save(folder: Path, entries: dict[str, Any]) -> None:
    manifest = {
        "language": folder.name if folder.name in LANGUAGES else LANGUAGE,
        "made_with": made_with(),
        "level_db": LEVEL_DB,
        "producer": PRODUCER,
        "prompts": dict(sorted(entries.items())),
    }
    scratch = folder / (MANIFEST + ".part")
    header = (
        "# Written by `hotline prompts make`; `hotline prompts check` holds it against the files.\n"
    )
    scratch.write_text(
        header + yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False, width=200),
        encoding="utf-8",
    )
    scratch.replace(folder / MANIFEST)


def sha256(file: Path) -> str:
    """Digest of a file as the manifest keeps it; PromptFault when there is no such file."""
    if not file.is_file():
        raise PromptFault(f"{file.name}: missing")
    return hashlib.sha256(file.read_bytes()).hexdigest()
