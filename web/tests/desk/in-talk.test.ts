import { mount } from "@vue/test-utils";
import ElementPlus from "element-plus";
import { describe, expect, it, vi } from "vitest";
import { reactive } from "vue";

import GuestLine from "@/areas/desk/GuestLine.vue";
import TalkButtons from "@/areas/desk/TalkButtons.vue";
import { words } from "@/areas/desk/words";
import { i18n } from "@/i18n";

const at = "2026-11-22T04:00:00Z";
const court = { kind: "consult", target: "line", name: "诉讼服务热线 12368", at, answered_at: at };
const joining = { kind: "barge", target: "supervisor", name: "7001 省级班长席", at, answered_at: null as string | null };
const desk = reactive({ state: "talking", answer: { leads: true, guest: null as typeof court | null, supervisor: null as typeof joining | null } });

vi.mock("@/areas/desk/desk", () => ({ useDesk: () => desk }));
vi.mock("@/areas/desk/line", () => ({ useLine: () => ({ seen: { isMuted: false } }) }));
vi.mock("@/areas/desk/hang-up", () => ({ hangUp: vi.fn() }));
for (const language of ["zh", "en"] as const) i18n.global.mergeLocaleMessage(language, words[language]);

function shown(guest: typeof court | null, supervisor: typeof joining | null): { ids: string[]; line: string } {
  Object.assign(desk.answer, { guest, supervisor });
  const global = { plugins: [i18n, ElementPlus] };
  const buttons = mount(TalkButtons, { global });
  const ids = buttons.findAll("button").map((one) => one.attributes("id") ?? "");
  return { ids: ids.filter((id) => !["desk-mute", "desk-keys", "desk-hang-up"].includes(id)), line: mount(GuestLine, { global }).text() };
}

describe("a talk in hand", () => {
  it("is held and handed on while nobody else is in it", () => {
    expect(shown(null, null)).toEqual({ ids: ["desk-hold", "desk-transfer"], line: "" });
  });

  it("is the seat's to complete when it has called somebody in, supervisor or not", () => {
    const of = ["desk-complete", "desk-join", "desk-cancel"];
    expect(shown(court, null).ids).toEqual(of);
    const both = shown(court, { ...joining, answered_at: at });
    expect(both.ids).toEqual(of);
    expect(both.line).toContain("7001 省级班长席");
    expect(both.line).toContain("12368");
  });

  it("may be left to a supervisor once he is there, and is not held from him", () => {
    expect(shown(null, joining)).toMatchObject({ ids: ["desk-transfer"], line: expect.stringContaining("班长正在加入") });
    expect(shown(null, { ...joining, answered_at: at }).ids).toEqual(["desk-transfer", "desk-leave-room"]);
  });
});
