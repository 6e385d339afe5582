import { afterEach, describe, expect, it } from "vitest";

import { inOrder } from "@/areas/live/calls";
import { trendOptions } from "@/areas/live/chart";
import { percent } from "@/areas/live/kpi";
import { en, zh } from "@/areas/live/words";
import { speak } from "@/i18n";
import { idsOf, nameOf } from "@/names";
import { clockText, timeOfDay } from "@/now";

const keys = (words: object, before = ""): string[] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [before + key] : keys(value as object, `${before}${key}.`),
  );

afterEach(() => speak("zh"));

describe("names", () => {
  it("follow the language", () => {
    expect(nameOf("seat", "not_ready")).toBe("示忙");
    speak("en");
    expect(nameOf("seat", "not_ready")).toBe("Not ready");
  });

  it("are what somebody typed where there is no word, and nothing for nothing", () => {
    expect(nameOf("reason", "陪同当事人")).toBe("陪同当事人");
    expect(nameOf("group", null)).toBe("");
  });

  it("know each state that a seat can be in", () => {
    expect(idsOf("seat")).toContain("wrap_up");
  });
});

describe("words of the board", () => {
  it("are there in both languages", () => {
    expect(keys(en)).toEqual(keys(zh));
  });
});

describe("figures", () => {
  it("never round a rate up to its target", () => {
    expect(percent(0.94999)).toBe("94.9%");
    expect(percent(0.95)).toBe("95.0%");
    expect(percent(0.29)).toBe("29.0%");
    expect(percent(1)).toBe("100.0%");
    expect(percent(null)).toBe("—");
  });

  it("tell time passed and time of day in Shanghai", () => {
    expect([clockText(-3), clockText(65), clockText(3665)]).toEqual(["0:00", "1:05", "1:01:05"]);
    expect(timeOfDay("2026-03-02T16:05:09Z")).toBe("00:05:09");
    expect(timeOfDay("2026-03-02T01:05:09Z", { seconds: false })).toBe("09:05");
  });

  it("are drawn from a floor below the lowest rate, with richText tooltips", () => {
    const points = [{ label: "9", asked: 4, answer_rate: 0.62, satisfaction: null }];
    const drawn = trendOptions(points, { answer: "a", satisfaction: "s", asked: "n" }, { dark: false, fontSize: 12 });
    expect((drawn["yAxis"] as { min: number }[])[0]?.min).toBe(60);
    expect((drawn["tooltip"] as { renderMode: string }).renderMode).toBe("richText");
  });
});

describe("calls", () => {
  it("stand with the longest wait first, then talks, then the menu", () => {
    const call = (call_id: string, stage: string, asked_at: string | null): object => ({
      ...{ call_id, stage, asked_at, since: "2026-03-02T01:00:00Z" },
    });
    const calls = [
      call("menu", "ivr", null),
      call("talk", "talking", "2026-03-02T00:50:00Z"),
      call("late", "queue", "2026-03-02T00:59:30Z"),
      call("early", "queue", "2026-03-02T00:58:00Z"),
    ];
    const ordered = inOrder(calls as Parameters<typeof inOrder>[0]);
    expect(ordered.map((one) => one.call_id)).toEqual(["early", "late", "talk", "menu"]);
  });
});
