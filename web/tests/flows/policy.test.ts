import { describe, expect, it } from "vitest";

import { newStep, VERBS } from "@/areas/flows/fields";
import { ladder, policyOf, tidy } from "@/areas/flows/policy";
import { en, zh } from "@/areas/flows/words";

describe("stages of a policy", () => {
  it("stand together by the second from which they are open", () => {
    const found = ladder([{ who: "city" }, { who: "municipal", after_s: 45 }, { who: "provincial", after_s: 0 }, { who: "line", after_s: 20 }]);
    expect(found.map((step) => [step.after, step.stages.map((one) => one.who).join()])).toEqual([
      [0, "city,provincial"],
      [20, "line"],
      [45, "municipal"],
    ]);
  });

  it("are written without what they leave open", () => {
    expect(tidy({ who: "city", after_s: 0, by_catch_all: false, when: { queue_at_least: undefined } })).toEqual({ who: "city" });
    expect(tidy({ who: "callback", after_s: 9, by_catch_all: true, line: "night" })).toEqual({ who: "callback", after_s: 9 });
    expect(tidy({ who: "line", line: "night", when: { loss_rate: 0.1 } })).toEqual({ who: "line", line: "night", when: { loss_rate: 0.1 } });
  });

  it.each([null, 3, "x", {}, { default: {} }, { default: { stages: 3 } }])("are not looked for in %j", (data) => {
    expect(policyOf(data)).toBeNull();
  });
});

describe("forms of steps", () => {
  it.each(Object.keys(VERBS))("begin a new step of %s with all that it needs", (verb) => {
    const step = newStep(verb, "person");
    expect(step["do"]).toBe(verb);
    for (const field of VERBS[verb] ?? []) expect(field.name in step).toBe(!field.free);
  });

  it("have a label in both languages for each field and verb", () => {
    const labels = [zh, en].map((words) => (words["flows"] as Record<string, Record<string, string>>));
    for (const of of labels) {
      for (const [verb, fields] of Object.entries(VERBS)) {
        expect(of["verb"]?.[verb]).toBeTruthy();
        for (const field of fields) expect(of["field"]?.[field.label ?? field.name]).toBeTruthy();
      }
    }
  });
});
