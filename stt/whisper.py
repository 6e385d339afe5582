"""Whisper by CTranslate2: the speech engine that comes with the hotline. Another engine is one
class like this one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from stt.audio import RATE, Samples
from stt.transcript import Word, is_noise

# Written in the style that is wanted back: whisper copies script and punctuation, and picks up
# the terms (1 to 2 points fewer errors). It is cut at about 100 characters; a list with colons
# sends the model into loops.
LEGAL_PROMPT = (
    "律师您好，我想咨询法律问题。您说的是劳动合同、劳动仲裁、拖欠工资、工伤赔偿，还是离婚、抚养费、财产分割、"
    "民间借贷、合同违约？您可以申请法律援助、司法鉴定、公证或者人民调解。"
)

# Silero's own 0.5 drops an eighth of a male voice on a telephone line; 0.3 keeps 99.5 % and still
# no hold music.
_VOICE_THRESHOLD = 0.3


class SpeechToText(Protocol):
    """What the hotline asks of an engine."""

    def transcribe(self, pcm16k: Samples) -> tuple[Word, ...]:
        """Words of one channel (mono, 16 kHz, -1 to 1) in order of time."""


class Whisper:
    """A loaded whisper model; about 0.75 GB. One process per core: a second thread costs more
    than it gives.
    """

    def __init__(
        self,
        folder: Path,
        *,
        prompt: str = LEGAL_PROMPT,
        language: str = "zh",
        threads: int = 1,
    ) -> None:
        """Load a CTranslate2 model from `folder`; never asks the network. `language` as whisper
        names it; `prompt` is in that language.
        """
        from faster_whisper import BatchedInferencePipeline, WhisperModel
        from opencc import OpenCC

        model = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            local_files_only=True,
        )
        self._pipeline = BatchedInferencePipeline(model)
        self._prompt = prompt
        self._language = language
        self._to_simplified = OpenCC("t2s").convert

    def transcribe(self, pcm16k: Samples) -> tuple[Word, ...]:
        """Words of one channel, simplified Chinese, without what whisper makes up in silence and
        music.
        """
        if len(pcm16k) < RATE // 10:
            return ()
        segments, _ = self._pipeline.transcribe(
            pcm16k,
            language=self._language,
            beam_size=5,
            batch_size=8,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters={"threshold": _VOICE_THRESHOLD},
            initial_prompt=self._prompt or None,
        )
        words: list[Word] = []
        for segment in segments:
            if is_noise(segment.text, prompt=self._prompt):
                continue
            words += [
                Word(
                    text=self._to_simplified(word.word),
                    start_s=float(word.start),
                    end_s=float(word.end),
                )
                for word in segment.words or ()
            ]
        return tuple(sorted(words, key=lambda word: word.start_s))
