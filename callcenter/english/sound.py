"""What is said of recordings and texts of prompts."""

from collections.abc import Mapping
from typing import Final

SOUND: Final[Mapping[str, str]] = {
    "没有这条提示音。": "There is no such prompt.",
    "没有这个历史录音。": "There is no such earlier recording.",
    "没有这种语言的提示音。": "There are no prompts in this language.",
    "没有编号为 {} 的 {} 提示音（hotline prompts list 列出全部）": "There is no {1} prompt {0}",
    "没有文字": "there is no text",
    "文字有 {} 个字，最多 {} 个": "the text has {0} characters; {1} at most",
    "文字最多 {} 个字": "the text has at most {0} characters",
    "文字里有不能显示的字符": "the text holds signs that cannot be shown",
    "读不出「{}」，请写成{}": "“{0}” cannot be read out: write it in {1:said}",
    "汉字": "Chinese characters",
    "韩文": "Korean letters",
    "英文单词": "English words",
    "{}: 没有这个文件": "{0}: there is no such file",
    "{}: 文件超过 {} MB": "{0}: the file is larger than {1} MB",
    "{}: 采样率 {} 赫兹，应在 8000～192000 之间": (
        "{0}: the sampling rate is {1} Hz; it must be from 8000 to 192000"
    ),
    "{}: 有 {} 个声道，只接受单声道或双声道": "{0}: has {1} channels; one or two can be taken",
    "{}: 长 {} 秒，最长 {} 秒": "{0}: is {1} s long; {2} s at most",
    "{}: 不是能读的声音文件，请用 {}": "{0}: is no sound file that can be read; use {1}",
    "{}: 里面没有声音": "{0}: there is no sound in it",
    "{}: 几乎没有声音（{} dB）": "{0}: there is hardly any sound ({1} dB)",
    "{}: 削波失真，请调低录音音量后重录": "{0}: is clipped; record it again at a lower level",
    "{}: 中间有 {} 秒没有声音，最长 {} 秒": (
        "{0}: there are {1} s of silence in the middle; {2} s at most"
    ),
    "{}: 背景噪声太大（信噪比 {} dB），请重录": (
        "{0}: there is too much noise ({1} dB to the voice); record it again"
    ),
    "{}: 语音长 {} 秒，{}": "{0}: {1} s of speech; {2:said}",
    "{}: 语音长 {} 秒，与文字不符（{}）：「{}」": (
        "{0}: {1} s of speech do not go with the text ({2:said}): “{3}”"
    ),
    "语音长 {} 秒，{}": "{0} s of speech; {1:said}",
    "语音长 {} 秒，与文字不符（{}）：「{}」": (
        "{0} s of speech do not go with the text ({1:said}): “{2}”"
    ),
    "应在 {}～{} 秒": "it should take {0} to {1} s",
    "读入 {} 赫兹、{} 声道、{} 秒": "read: {0} Hz, {1} channels, {2} s",
    "去掉首尾静音 {} 秒": "{0} s of silence cut off at the ends",
    "响度由 {} dB 调到 {} dB，峰值不超过 {} dB": (
        "level changed from {0} dB to {1} dB, peaks at most {2} dB"
    ),
    "存为 {} 两个文件，各 {} 秒": "kept in two files of {0:said}, {1} s each",
    "{} 千赫": "{0} kHz",
    "两个声道相位相反，取其中一个": "both channels cancel each other out: one is taken",
    "双声道中只有一个有声音，取这一个": "one channel alone has sound: it is taken",
    "双声道合并为单声道": "two channels mixed into one",
}
