import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Ice } from "@/areas/desk/phone/ice";

const STUN = { urls: "stun:s.example", username: "", credential: "" };
const TURN = { urls: "turn:t.example", username: "1:8001", credential: "word" };

function found(type: string, ready: () => void): { candidate: RTCIceCandidate; ready: () => void } {
  return { candidate: { type } as RTCIceCandidate, ready };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("without servers the first address is the answer's", () => {
  const ready = vi.fn();
  const ice = new Ice({ ice: [], is_relayed: false });
  ice.waiting()(found("host", ready));
  expect(ready).toHaveBeenCalledOnce();
  expect(ice.config).toEqual({ iceServers: [], iceTransportPolicy: "all" });
});

test("what a server tells is waited for, but not for long", () => {
  const ready = vi.fn();
  const take = new Ice({ ice: [STUN, TURN], is_relayed: false }).waiting();
  take(found("host", ready));
  take(found("host", ready));
  expect(ready).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(ready).toHaveBeenCalledOnce();
});

test("a server's address ends the waiting", () => {
  const ready = vi.fn();
  const take = new Ice({ ice: [STUN], is_relayed: false }).waiting();
  take(found("host", ready));
  take(found("srflx", ready));
  vi.advanceTimersByTime(1000);
  expect(ready).toHaveBeenCalledOnce();
});

test("names and passwords go to TURN servers only, and a relay may be the only way", () => {
  const { config } = new Ice({ ice: [STUN, TURN], is_relayed: true });
  expect(config.iceServers).toEqual([{ urls: "stun:s.example" }, TURN]);
  expect(config.iceTransportPolicy).toBe("relay");
});
