import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";

import type { Model } from "@/api/client";
import { now } from "@/now";
import { useSession } from "@/session";
import { useStream, withChange } from "@/stream";

type Live = Model<"LiveAnswer">;

const call = (call_id: string, stage = "queue"): Live["calls"][number] =>
  ({ call_id, stage, caller: "138****0000", seat: null }) as Live["calls"][number];
const seat = (number: string, state = "ready"): Live["seats"][number] =>
  ({ number, state, name: number }) as Live["seats"][number];

function snapshot(): Live {
  return {
    ...{ at: "2026-03-02T01:00:00Z", calls: [call("a"), call("b")], seats: [seat("8001"), seat("8002")] },
    ...{ alarms: [], callbacks: [], line: [], waiting: 2, waiting_since: null, longest_wait_s: 5, today: null },
    ...{ health: {}, dial: { number: "12348", sip: "" }, demo: true },
  };
}

describe("a change of the snapshot", () => {
  it("takes what changed in its place, what is new at the end, and drops what went", () => {
    const live = withChange(snapshot(), "calls", { changed: [call("b", "talking"), call("c")], gone: ["a"] });
    expect(live.calls.map((one) => [one.call_id, one.stage])).toEqual([
      ["b", "talking"],
      ["c", "queue"],
    ]);
    expect(live.seats).toHaveLength(2);
  });

  it("keeps seats in their order", () => {
    const live = withChange(snapshot(), "seats", { changed: [seat("8001", "talking")], gone: [] });
    expect(live.seats.map((one) => [one.number, one.state])).toEqual([
      ["8001", "talking"],
      ["8002", "ready"],
    ]);
  });

  it("replaces the line and whole lists", () => {
    const line = { line: [], waiting: 0, waiting_since: null, longest_wait_s: 0 };
    expect(withChange(snapshot(), "line", line).waiting).toBe(0);
    expect(withChange(snapshot(), "health", { redis: { ok: false, detail: "x" } }).health["redis"]?.ok).toBe(false);
  });

  it("is none for kinds that are about something else", () => {
    const live = snapshot();
    expect(withChange(live, "pop", { call_id: "a" })).toBe(live);
  });
});

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 1;
  isClosed = false;
  constructor(readonly url: string) {
    super();
    FakeSource.opened.push(this);
  }
  close(): void {
    this.isClosed = true;
  }
  say(event: string, data: unknown, lastEventId = ""): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data), lastEventId }));
  }
  breakOff(): void {
    this.readyState = FakeSource.CLOSED;
    this.dispatchEvent(new Event("error"));
  }
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  now.value = Date.now();
}

const ME = { name: "zhuguan", rights: [], must_change_password: false } as unknown as Model<"Me">;

describe("the stream", () => {
  beforeEach(() => {
    FakeSource.opened = [];
    vi.stubGlobal("EventSource", FakeSource);
    vi.useFakeTimers();
    setActivePinia(createPinia());
  });

  it("is open while somebody is logged in, and not before the password is changed", async () => {
    const session = useSession();
    const stream = useStream();
    expect(FakeSource.opened).toHaveLength(0);
    session.me = { ...ME, must_change_password: true };
    await nextTick();
    expect(FakeSource.opened).toHaveLength(0);
    session.me = ME;
    await nextTick();
    expect(FakeSource.opened).toHaveLength(1);
    FakeSource.opened[0]!.say("snapshot", snapshot(), "x-1");
    expect(stream.live?.waiting).toBe(2);
    session.me = null;
    await nextTick();
    expect(FakeSource.opened[0]!.isClosed).toBe(true);
    expect(stream.live).toBeNull();
  });

  it("keeps the snapshot up to date and tells who listens", async () => {
    useSession().me = ME;
    const stream = useStream();
    const heard: unknown[] = [];
    const stop = stream.on("pop", (data) => heard.push(data));
    const source = FakeSource.opened[0]!;
    source.say("snapshot", snapshot(), "x-1");
    source.say("change", { kind: "calls", data: { changed: [], gone: ["a"] } }, "x-2");
    source.say("change", { kind: "pop", data: { call_id: "b" } }, "x-3");
    stop();
    source.say("change", { kind: "pop", data: { call_id: "c" } }, "x-4");
    expect(stream.live?.calls.map((one) => one.call_id)).toEqual(["b"]);
    expect(heard).toEqual([{ call_id: "b" }]);
  });

  it("goes on after the last event it heard when the server has closed it", async () => {
    const session = useSession();
    session.me = ME;
    vi.spyOn(session, "look").mockResolvedValue();
    useStream();
    FakeSource.opened[0]!.say("snapshot", snapshot(), "boot-7");
    FakeSource.opened[0]!.breakOff();
    await vi.advanceTimersByTimeAsync(2500);
    expect(FakeSource.opened[1]!.url).toBe("/api/v1/events?after=boot-7");
  });

  it("is not fresh when nothing was heard for three beats", async () => {
    useSession().me = ME;
    const stream = useStream();
    expect(stream.isFresh).toBe(false);
    FakeSource.opened[0]!.say("snapshot", snapshot(), "x-1");
    await pass(1000);
    expect(stream.isFresh).toBe(true);
    await pass(4000);
    expect(stream.isFresh).toBe(false);
    FakeSource.opened[0]!.say("beat", { at: "2026-03-02T01:00:06Z" });
    await pass(1000);
    expect(stream.isFresh).toBe(true);
  });
});
