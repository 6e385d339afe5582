import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiFault } from "@/api/client";
import { draftOf, EMPTY, merged, missingOf, type CallRecord, type Draft } from "@/areas/desk/record/draft";
import { find } from "@/areas/desk/record/kept";
import { useRecord } from "@/areas/desk/record/record";

const server = vi.hoisted(() => ({ GET: vi.fn(), PUT: vi.fn(), POST: vi.fn() }));
vi.mock("@/api/client", async (original) => ({ ...(await original<object>()), api: server }));

const PATH = { params: { path: { call_id: "a-1" } } };
function record(more: Partial<CallRecord> = {}): CallRecord {
  return {
    ...draftOf(EMPTY),
    call_id: "a-1",
    revision: 1,
    seat: "8001",
    seats: ["8001"],
    answered_at: "2026-03-02T01:00:00Z",
    changed_at: "2026-03-02T01:00:00Z",
    changed_by: "8001",
    filed_at: null,
    filed_by: null,
    identity_confirmed: false,
    urgent: false,
    main_name: null,
    secondary_names: [],
    can_write: true,
    ...more,
  };
}
const draft = (more: Partial<Draft>): Draft => ({ ...draftOf(EMPTY), ...more });
const away = new ApiFault(0, "network", "无法连接服务器");
/** The server's own copy: takes what fits its revision. */
let there: CallRecord;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  setActivePinia(createPinia());
  there = record();
  server.GET.mockReset().mockImplementation(async () => ({ data: there }));
  server.PUT.mockReset().mockImplementation(async (_path: string, asked: { body: Draft & { revision: number } }) => {
    if (asked.body.revision !== there.revision) throw new ApiFault(409, "record_changed", "已在别处修改");
    there = record({ ...there, ...draftOf(asked.body), revision: there.revision + 1 });
    return { data: there };
  });
  server.POST.mockReset().mockImplementation(async (_path: string, asked: { body: Draft & { revision: number } }) => {
    if (asked.body.revision !== there.revision) throw new ApiFault(409, "record_changed", "已在别处修改");
    there = record({ ...there, ...draftOf(asked.body), revision: there.revision + 1, filed_at: "2026-03-02T01:09:00Z", filed_by: "wang" });
    return { data: there };
  });
});
afterEach(() => vi.useRealTimers());

async function opened(): Promise<ReturnType<typeof useRecord>> {
  const store = useRecord();
  await store.open("a-1");
  return store;
}

describe("what is written", () => {
  it("is saved by itself a moment after the last key, in one go", async () => {
    const store = await opened();
    for (const text of ["欠", "欠薪", "欠薪三个月"]) {
      store.draft.question = text;
      await vi.advanceTimersByTimeAsync(300);
    }
    expect(server.PUT).not.toHaveBeenCalled();
    expect(find("a-1")?.draft.question).toBe("欠薪三个月");
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.PUT).toHaveBeenCalledOnce();
    expect(there.question).toBe("欠薪三个月");
    expect(store.state).toBe("saved");
    expect(find("a-1")).toBeNull();
  });

  it("is saved within seconds by who never stops writing", async () => {
    const store = await opened();
    for (let n = 0; n < 12; n += 1) {
      store.draft.question += "字";
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(server.PUT).toHaveBeenCalled();
  });

  it("stays on this machine while the server is away, and is sent when it is back", async () => {
    const store = await opened();
    const works = server.PUT.getMockImplementation();
    server.PUT.mockImplementation(async () => Promise.reject(away));
    store.draft.question = "欠薪";
    await vi.advanceTimersByTimeAsync(2000);
    expect(store.state).toBe("failed");
    expect(find("a-1")?.draft.question).toBe("欠薪");
    if (works) server.PUT.mockImplementation(works);
    await vi.advanceTimersByTimeAsync(4000);
    expect(there.question).toBe("欠薪");
    expect(find("a-1")).toBeNull();
  });

  it("comes back after a reload that no save went before", async () => {
    const store = await opened();
    server.PUT.mockImplementation(async () => Promise.reject(away));
    store.draft.question = "欠薪";
    await vi.advanceTimersByTimeAsync(2000);
    there = record({ revision: 4, reply: "他人所写" });
    setActivePinia(createPinia());
    const again = await opened();
    expect(again.draft).toMatchObject({ question: "欠薪", reply: "他人所写" });
  });

  it("is put together with what another page wrote meanwhile", async () => {
    const store = await opened();
    there = record({ revision: 5, reply: "他人所写", name: "来电人" });
    store.draft.question = "欠薪";
    await vi.advanceTimersByTimeAsync(3000);
    expect(there).toMatchObject({ question: "欠薪", reply: "他人所写", name: "来电人", revision: 6 });
    expect(store.wasMerged).toBe(true);
    expect(store.state).toBe("saved");
  });

  it("is kept and told when the server refuses it, and sent again once changed", async () => {
    const store = await opened();
    server.PUT.mockImplementationOnce(async () => Promise.reject(new ApiFault(422, "category_unknown", "没有可选的类别")));
    store.draft.main = "0702";
    await vi.advanceTimersByTimeAsync(9000);
    expect(server.PUT).toHaveBeenCalledOnce();
    expect([store.state, store.why]).toEqual(["refused", "没有可选的类别"]);
    store.draft.main = "0701";
    await vi.advanceTimersByTimeAsync(2000);
    expect(there.main).toBe("0701");
  });

  it("of the last call is saved before the next one opens", async () => {
    const store = await opened();
    store.draft.question = "上一通";
    await store.open("b-1");
    expect(server.PUT).toHaveBeenCalledWith("/api/v1/calls/{call_id}/record", expect.objectContaining(PATH));
    expect(store.callId).toBe("b-1");
  });
});

describe("a record", () => {
  it("is waited for until the call is answered", async () => {
    server.GET.mockImplementationOnce(async () => Promise.reject(new ApiFault(404, "no_record", "接通后才有工单")));
    const store = await opened();
    expect(store.state).toBe("absent");
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.state).toBe("saved");
  });

  it("may be written a moment after the lawyer came into the talk", async () => {
    there = record({ can_write: false });
    const store = await opened();
    expect(store.canWrite).toBe(false);
    there = record({ revision: 2, seats: ["8001", "8901"] });
    await vi.advanceTimersByTimeAsync(4000);
    expect(store.canWrite).toBe(true);
  });

  it("is filed with what was not saved yet, and locked", async () => {
    const store = await opened();
    Object.assign(store.draft, { main: "0702", question: "欠薪", reply: "仲裁", outcome: "answered" });
    await store.file();
    expect(there).toMatchObject({ main: "0702", filed_by: "wang" });
    expect([store.isFiled, store.canWrite, store.addToReply("x")]).toEqual([true, false, false]);
  });

  it("is filed although a seat has come into the talk since it was read", async () => {
    const store = await opened();
    Object.assign(store.draft, { main: "0702", question: "欠薪", reply: "仲裁", outcome: "answered" });
    await store.flush();
    there = record({ ...there, revision: there.revision + 1, seats: ["8001", "8901"] });
    await store.file();
    expect(there).toMatchObject({ main: "0702", filed_by: "wang" });
    expect(store.wasMerged).toBe(false);
  });

  it("is shown before it is filed with what somebody else has written", async () => {
    const store = await opened();
    Object.assign(store.draft, { main: "0702", question: "欠薪", outcome: "visit" });
    await store.flush();
    there = record({ ...there, revision: there.revision + 1, reply: "他人所写" });
    await expect(store.file()).rejects.toMatchObject({ error: "record_changed" });
    expect([store.draft.reply, store.wasMerged, store.isFiled]).toEqual(["他人所写", true, false]);
    await store.file();
    expect(there).toMatchObject({ reply: "他人所写", filed_by: "wang" });
  });

  it("is saved again to a server that never heard of the last saving", async () => {
    const store = await opened();
    store.draft.question = "欠薪三个月";
    await store.flush();
    there = record({ question: "欠薪" });
    store.draft.reply = "仲裁";
    await vi.advanceTimersByTimeAsync(3000);
    expect(there).toMatchObject({ question: "欠薪三个月", reply: "仲裁" });
    expect(store.wasMerged).toBe(false);
  });

  it("is corrected without saving by itself, and given up without a trace", async () => {
    there = record({ filed_at: "2026-03-02T01:09:00Z", reply: "仲裁" });
    const store = await opened();
    store.isCorrecting = true;
    store.draft.reply = "更正";
    await vi.advanceTimersByTimeAsync(9000);
    expect(server.PUT).not.toHaveBeenCalled();
    store.cancelCorrection();
    expect(store.draft.reply).toBe("仲裁");
    expect(find("a-1")).toBeNull();
  });
});

describe("rules of the form", () => {
  it("keep what I changed and take the rest of theirs", () => {
    const base = draft({ question: "旧", reply: "旧", secondary: ["0601"] });
    const mine = draft({ question: "我", reply: "旧", secondary: ["0601", "0602"] });
    const theirs = draft({ question: "他", reply: "他", secondary: [], name: "他" });
    expect(merged(base, mine, theirs)).toEqual(draft({ question: "我", reply: "他", secondary: ["0601", "0602"], name: "他" }));
  });

  it("name what is missing as the server does", () => {
    expect(missingOf(draft({}))).toEqual(["main", "question", "outcome"]);
    expect(missingOf(draft({ main: "0702", question: " ", outcome: "answered" }))).toEqual(["question", "reply"]);
    expect(missingOf(draft({ main: "0702", question: "问", outcome: "mediation" }))).toEqual([]);
    expect(missingOf(draft({ main: "3214" }))).toEqual([]);
  });
});
