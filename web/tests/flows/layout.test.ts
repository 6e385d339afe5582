import { describe, expect, it } from "vitest";

import { linesOf, NODE, type Outline, placed, rounded } from "@/areas/flows/layout";

function outline(steps: Record<string, Record<string, string>>): Outline {
  return {
    flow: "main",
    title: "总机",
    start: Object.keys(steps)[0] ?? "",
    steps: Object.entries(steps).map(([name, ways]) => ({
      name,
      do: "menu",
      line: 1,
      fields: {},
      ways: Object.entries(ways).map(([way, to]) => ({ way, to })),
    })),
  };
}

const MENU = outline({
  hello: { next: "menu" },
  menu: { "keys.1": "family", "keys.0": "person", give_up: "person", "keys.2": "nowhere" },
  family: { answered: "bye", message: "hello" },
  person: { answered: "bye", flow: "other" },
  bye: {},
});

describe("the graph of a flow", () => {
  it("draws ways between the same two steps as one line, and none into nothing", () => {
    expect(linesOf(MENU).map((line) => `${line.from}>${line.to} ${line.ways.join()}`)).toEqual([
      "hello>menu next",
      "menu>family keys.1",
      "menu>person keys.0,give_up",
      "family>bye answered",
      "family>hello message",
      "person>bye answered",
    ]);
  });

  it("lays no step on another, and each to the right of the one before it", () => {
    const { steps } = placed(MENU, (line) => line.ways.join(" / "));
    const at = [...steps.values()];
    at.forEach((one, n) =>
      at.slice(n + 1).forEach((other) => {
        const apart = Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height;
        expect(apart).toBe(true);
      }),
    );
    const x = (name: string) => steps.get(name)?.x ?? 0;
    expect(x("hello")).toBeLessThan(x("menu"));
    expect(x("menu")).toBeLessThan(x("person"));
    expect(x("person")).toBeLessThan(x("bye"));
  });

  it("gives a longer label more room", () => {
    const width = (label: string) => {
      const { steps } = placed(MENU, () => label);
      return (steps.get("bye")?.x ?? 0) - (steps.get("hello")?.x ?? 0);
    };
    expect(width("超过三十秒没有按键")).toBeGreaterThan(width("按 1"));
  });

  it("stands a step that leads to itself once", () => {
    const { steps, lines } = placed(outline({ menu: { "keys.*": "menu" } }), () => "");
    expect(steps.size).toBe(1);
    expect(lines.size).toBe(0);
  });

  it("rounds the bends of a line and keeps its ends", () => {
    expect(rounded([{ x: 0, y: 0 }, { x: 9, y: 9 }])).toBe("M0,0 L9,9");
    const path = rounded([{ x: 0, y: 0 }, { x: 4, y: 0 }, { x: 4, y: 8 }, { x: 9, y: 9 }]);
    expect(path).toBe("M0,0 Q4,0 4,4 Q4,8 9,9");
    expect(rounded([])).toBe("");
  });
});
