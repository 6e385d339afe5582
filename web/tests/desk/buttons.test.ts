import { describe, expect, it } from "vitest";

import { KEYS, keyText, nameOfKey } from "@/areas/desk/keys";
import { pressesIn, reportFor } from "@/areas/desk/phone/hid";
import { words } from "@/areas/desk/words";

// A headset as they are: hook and mute in byte 0 of report 8, lights in report 9.
const HEADSET: HIDCollectionInfo[] = [
  {
    usagePage: 0x0b,
    inputReports: [
      { reportId: 8, items: [{ usages: [0x000b0020, 0x000b002f], reportSize: 1, reportCount: 2 }, { isConstant: true, reportSize: 6, reportCount: 1 }] },
    ],
    outputReports: [
      { reportId: 9, items: [{ isConstant: true, reportSize: 8, reportCount: 1 }, { usages: [0x00080017, 0x00080009, 0x00080018], reportSize: 1, reportCount: 3 }] },
    ],
  },
];

const bytes = (...values: number[]): DataView => new DataView(new Uint8Array(values).buffer);

describe("headset reports", () => {
  it("finds hook and mute among the bits", () => {
    expect(pressesIn(HEADSET, 8, bytes(0b01))).toEqual({ hook: true, mute: false });
    expect(pressesIn(HEADSET, 8, bytes(0b10))).toEqual({ hook: false, mute: true });
    expect(pressesIn(HEADSET, 7, bytes(0b11))).toBeNull();
  });

  it("lights what goes on, and only that", () => {
    const talking = reportFor(HEADSET, { isRinging: false, isTalking: true, isMuted: true });
    expect(talking?.id).toBe(9);
    expect([...(talking?.data ?? [])]).toEqual([0, 0b011]);
    expect([...(reportFor(HEADSET, { isRinging: true, isTalking: false, isMuted: false })?.data ?? [])]).toEqual([0, 0b100]);
    expect(reportFor([], { isRinging: true, isTalking: false, isMuted: false })).toBeNull();
  });
});

describe("keys", () => {
  const press = (code: string, more: KeyboardEventInit = {}): KeyboardEvent => new KeyboardEvent("keydown", { code, ...more });

  it("have one meaning each", () => {
    const seen = KEYS.map((key) => `${key.alt} ${key.code}`);
    expect(new Set(seen).size).toBe(seen.length);
    expect(nameOfKey(press("F2"))).toBe("answer");
    expect(nameOfKey(press("KeyT", { altKey: true }))).toBe("transfer");
  });

  it("leave alone what is written and what the browser wants", () => {
    expect(nameOfKey(press("KeyT"))).toBeNull();
    expect(nameOfKey(press("KeyT", { altKey: true, ctrlKey: true }))).toBeNull();
    expect(nameOfKey(press("F2", { repeat: true }))).toBeNull();
  });

  it("are named for people in both languages", () => {
    expect(keyText("transfer")).toBe("Alt+T");
    for (const language of [words.zh.desk, words.en.desk])
      for (const key of KEYS) expect((language["keys"] as Record<string, string>)[key.name]).toBeTruthy();
  });
});

it("says the same things in both languages", () => {
  const paths = (tree: object, at = ""): string[] =>
    Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [`${at}${key}`] : paths(value as object, `${at}${key}.`)));
  expect(paths(words.en.desk).sort()).toEqual(paths(words.zh.desk).sort());
});
