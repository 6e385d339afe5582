import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SipSocket, socketAddress } from "@/areas/desk/phone/socket";

class FakeWebSocket {
  static readonly OPEN = 1;
  static readonly CONNECTING = 0;
  static all: FakeWebSocket[] = [];
  readyState = FakeWebSocket.CONNECTING;
  sent: string[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { wasClean: boolean; code: number; reason: string }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeWebSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.readyState = FakeWebSocket.OPEN;
    this.onopen?.();
  }
}

describe("SipSocket", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeWebSocket);
    FakeWebSocket.all = [];
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function connected(): { socket: SipSocket; wire: FakeWebSocket; lost: unknown[][]; heard: string[] } {
    const socket = new SipSocket("wss://hotline.example/api/v1/sip");
    const lost: unknown[][] = [];
    const heard: string[] = [];
    socket.ondisconnect = (...why) => lost.push(why);
    socket.ondata = (data) => heard.push(data);
    socket.connect();
    const wire = FakeWebSocket.all[0] as FakeWebSocket;
    wire.open();
    return { socket, wire, lost, heard };
  }

  it("speaks SIP over a secure line and says so", () => {
    const { socket, wire, heard } = connected();
    expect(wire.protocol).toBe("sip");
    expect(socket.via_transport).toBe("WSS");
    expect(socket.send("OPTIONS")).toBe(true);
    wire.onmessage?.({ data: "SIP/2.0 200 OK" });
    expect(heard).toEqual(["SIP/2.0 200 OK"]);
  });

  it("gives up a line that stopped answering its pings", () => {
    const { wire, lost, heard } = connected();
    vi.advanceTimersByTime(4_000);
    expect(wire.sent).toEqual(["\r\n\r\n"]);
    wire.onmessage?.({ data: "\r\n" });
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(8_000);
    expect(lost).toEqual([]);
    vi.advanceTimersByTime(4_000);
    expect(lost).toEqual([[true, 1006, "silence"]]);
    expect(wire.isClosed).toBe(true);
  });

  it("bears with a server that never answers pings", () => {
    const { lost } = connected();
    vi.advanceTimersByTime(120_000);
    expect(lost).toEqual([]);
  });

  it("tells of the server's closing with its code", () => {
    const { wire, lost } = connected();
    wire.onclose?.({ wasClean: true, code: 4001, reason: "taken" });
    expect(lost).toEqual([[false, 4001, "taken"]]);
  });
});

it("makes a WebSocket's address of a path", () => {
  expect(socketAddress("/api/v1/sip?key=x")).toBe(`${location.origin.replace("http", "ws")}/api/v1/sip?key=x`);
  expect(socketAddress("wss://elsewhere.example/ws")).toBe("wss://elsewhere.example/ws");
});
