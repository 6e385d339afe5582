import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiFault } from "@/api/client";
import { draftOf, EMPTY, type Draft } from "@/areas/desk/record/draft";
import { find, keep, keptCalls } from "@/areas/desk/record/kept";
import { sendLeft } from "@/areas/desk/record/left";

const server = vi.hoisted(() => ({ GET: vi.fn(), PUT: vi.fn() }));
vi.mock("@/api/client", async (original) => ({ ...(await original<object>()), api: server }));

const draft = (more: Partial<Draft> = {}): Draft => ({ ...draftOf(EMPTY), ...more });
const there: Record<string, Draft & { revision: number; can_write: boolean; filed_at: string | null }> = {};
const asked = (call: unknown[]): string => (call[1] as { params: { path: { call_id: string } } }).params.path.call_id;

beforeEach(() => {
  localStorage.clear();
  for (const id of ["a-1", "a-2"]) there[id] = { ...draft(), revision: 3, can_write: true, filed_at: null };
  server.GET.mockReset().mockImplementation(async (...call: unknown[]) => {
    const found = there[asked(call)];
    if (!found) throw new ApiFault(404, "call_unknown", "没有这个通话");
    return { data: found };
  });
  server.PUT.mockReset().mockResolvedValue({ data: {} });
});

describe("what earlier calls left on this machine", () => {
  it("is sent and taken away, but for the call in hand", async () => {
    keep("a-1", { base: draft(), draft: draft({ question: "写在断网时" }) });
    keep("a-2", { base: draft(), draft: draft({ question: "正在写" }) });
    await sendLeft("a-2");
    expect(server.PUT.mock.calls.map(asked)).toEqual(["a-1"]);
    expect(server.PUT.mock.calls[0]?.[1].body).toMatchObject({ question: "写在断网时", revision: 3 });
    expect(keptCalls()).toEqual(["a-2"]);
  });

  it("is put over what others wrote, field by field", async () => {
    there["a-1"]!.reply = "别人写的";
    keep("a-1", { base: draft(), draft: draft({ question: "我写的" }) });
    await sendLeft("");
    expect(server.PUT.mock.calls[0]?.[1].body).toMatchObject({ question: "我写的", reply: "别人写的" });
  });

  it("stays while the server is away, and when another lawyer is at this machine", async () => {
    keep("b-9", { base: draft(), draft: draft({ question: "别人的通话" }) });
    keep("a-1", { base: draft(), draft: draft({ question: "写在断网时" }) });
    server.PUT.mockRejectedValue(new ApiFault(0, "network", "无法连接服务器"));
    await sendLeft("");
    expect(keptCalls().sort()).toEqual(["a-1", "b-9"]);
    server.PUT.mockResolvedValue({ data: {} });
    await sendLeft("");
    expect(keptCalls()).toEqual(["b-9"]);
  });

  it("is not forced upon a filed record", async () => {
    there["a-1"]!.filed_at = "2026-03-02T01:09:00Z";
    keep("a-1", { base: draft(), draft: draft({ question: "晚了" }) });
    await sendLeft("");
    expect(server.PUT).not.toHaveBeenCalled();
    expect(find("a-1")?.draft.question).toBe("晚了");
  });

  it("that is written at meanwhile is not taken away", async () => {
    keep("a-1", { base: draft(), draft: draft({ question: "一" }) });
    server.PUT.mockImplementation(async () => {
      keep("a-1", { base: draft(), draft: draft({ question: "一二" }) });
      return { data: {} };
    });
    await sendLeft("");
    expect(find("a-1")?.draft.question).toBe("一二");
  });
});
