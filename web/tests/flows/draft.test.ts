import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";

import { hasDraft, useDraft } from "@/areas/flows/draft";
import type { Model } from "@/api/client";
import { useSession } from "@/session";

const asked: { text: string; edits: unknown[]; base: number }[] = [];

/** A server that writes a version's number, and finds a fault in each text with "wrong". */
vi.mock("@/api/client", () => ({
  ApiFault: class extends Error {},
  got: async (answer: Promise<{ data: unknown }>) => (await answer).data,
  api: {
    POST: async (_: string, { body }: { body: { text: string; edits: { value: unknown }[]; base: number } }) => {
      asked.push(body);
      const edited = body.edits.length ? `${body.text}+${body.edits.map((one) => one.value).join()}` : body.text;
      const faults = edited.includes("wrong") ? [{ line: 1, where: "x", what: "", words: "", is_warning: false }] : [];
      return { data: { text: edited, outline: null, data: null, faults, changes: [], next_version: 4 } };
    },
  },
}));

beforeEach(() => {
  localStorage.clear();
  asked.length = 0;
  sitsDown("li");
});

function sitsDown(name: string): void {
  setActivePinia(createPinia());
  useSession().me = { name } as Model<"Me">;
}

describe("a draft", () => {
  it("begins with the next version's number and is kept in the browser", async () => {
    const draft = useDraft("main");
    await draft.open({ text: "old", version: 3 });
    await nextTick();
    expect(draft.text.value).toBe("old+4");
    expect(draft.isSound.value).toBe(true);
    expect(hasDraft("main")).toBe(true);
    expect(hasDraft("other")).toBe(false);
  });

  it("is not seen by another who sits at the same machine", async () => {
    await useDraft("main").open({ text: "old", version: 3 });
    await nextTick();
    sitsDown("wang");
    expect(hasDraft("main")).toBe(false);
    sitsDown("li");
    expect(hasDraft("main")).toBe(true);
  });

  it("goes on where it was left", async () => {
    const first = useDraft("main");
    await first.open({ text: "old", version: 3 });
    await first.edit({ path: ["title"], value: "neu" });
    await nextTick();
    const again = useDraft("main");
    await again.open({ text: "another", version: 9 });
    expect(again.text.value).toBe("old+4+neu");
    expect(again.base.value).toBe(3);
  });

  it("is checked once the fingers rest, and cannot be submitted before", async () => {
    vi.useFakeTimers();
    const draft = useDraft("main");
    await draft.open({ text: "old", version: 3 });
    const before = asked.length;
    draft.type("wro");
    draft.type("wrong");
    expect(draft.isSound.value).toBe(false);
    expect(asked.length).toBe(before);
    await vi.runAllTimersAsync();
    expect(asked.slice(before).map((one) => one.text)).toEqual(["wrong"]);
    expect(draft.wrong.value).toBe(1);
    expect(draft.isSound.value).toBe(false);
    vi.useRealTimers();
  });

  it("takes changes back one by one", async () => {
    const draft = useDraft("main");
    await draft.open({ text: "old", version: 3 });
    await draft.edit({ path: ["a"], value: "1" });
    await draft.edit({ path: ["a"], value: "2" });
    await draft.undo();
    expect(draft.text.value).toBe("old+4+1");
    await draft.undo();
    await draft.undo();
    expect(draft.text.value).toBe("old+4");
  });

  it("is gone when it is thrown away", async () => {
    const draft = useDraft("main");
    await draft.open({ text: "old", version: 3 });
    await nextTick();
    draft.discard();
    await nextTick();
    expect(draft.isOpen.value).toBe(false);
    expect(hasDraft("main")).toBe(false);
  });
});
