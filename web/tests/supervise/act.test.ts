import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, it, vi } from "vitest";

import { join } from "@/areas/supervise/act";
import { moveTo } from "@/areas/supervise/move";
import { en, zh } from "@/areas/supervise/words";
import { askReason } from "@/parts/askReason";

const phone = vi.hoisted(() => ({
  beside: null as { call_id: string; mode: string } | null,
  reason: { callId: "", text: "" },
  join: vi.fn(),
}));
vi.mock("@/parts/askReason", () => ({ askReason: vi.fn() }));
vi.mock("@/areas/supervise/phone", () => ({ useSupervisorPhone: () => phone, NoPhone: class extends Error {} }));

beforeEach(() => {
  setActivePinia(createPinia());
  vi.mocked(askReason).mockReset().mockResolvedValue("带教");
  phone.join.mockReset();
  Object.assign(phone, { beside: null, reason: { callId: "", text: "" } });
});

it("asks why before the first listening", async () => {
  await join("c-1", "8001", "listen");
  expect(phone.join).toHaveBeenCalledWith("c-1", "listen", "带教");
});

it("does nothing without a reason", async () => {
  vi.mocked(askReason).mockResolvedValue(null);
  await join("c-1", "8001", "listen");
  expect(phone.join).not.toHaveBeenCalled();
});

it("keeps the reason while he stays beside the same talk", async () => {
  Object.assign(phone, { beside: { call_id: "c-1", mode: "listen" }, reason: { callId: "c-1", text: "带教" } });
  await join("c-1", "8001", "whisper");
  expect(askReason).not.toHaveBeenCalled();
  expect(phone.join).toHaveBeenCalledWith("c-1", "whisper", "带教");
});

it.each([
  ["c-2", "listen"],
  ["c-1", "take_over"],
] as const)("asks anew for %s, %s", async (callId, mode) => {
  Object.assign(phone, { beside: { call_id: "c-1", mode: "listen" }, reason: { callId: "c-1", text: "带教" } });
  await join(callId, "8001", mode);
  expect(askReason).toHaveBeenCalledOnce();
});

it("names one place to move a caller to", () => {
  expect(moveTo("head", "")).toEqual({ head: true, group: null, seat: null });
  expect(moveTo("group", "labour")).toEqual({ head: null, group: "labour", seat: null });
  expect(moveTo("seat", "8002")).toEqual({ head: null, group: null, seat: "8002" });
});

it("has the same words in both languages", () => {
  const keys = (words: object, at = ""): string[] =>
    Object.entries(words).flatMap(([key, word]) => (typeof word === "object" ? keys(word as object, `${at}${key}.`) : [at + key]));
  expect(keys(en)).toEqual(keys(zh));
});
