import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Headset } from "@/areas/desk/phone/headset";

const HOOK = 0b01;
const MUTE = 0b10;
const RINGS = { isRinging: true, isTalking: false, isMuted: false };
const TALKS = { isRinging: false, isTalking: true, isMuted: false };

/** Hook and mute in a report each, as some headsets have them. */
class Device extends EventTarget {
  opened = true;
  productName = "Headset";
  collections = [
    {
      usagePage: 0x0b,
      inputReports: [
        { reportId: 1, items: [{ usages: [0x000b0020], reportSize: 1, reportCount: 1 }] },
        { reportId: 2, items: [{ isConstant: true, reportSize: 1, reportCount: 1 }, { usages: [0x000b002f], reportSize: 1, reportCount: 1 }] },
      ],
      outputReports: [],
    },
  ];

  sends(reportId: number, bits: number): void {
    const data = new DataView(new Uint8Array([bits]).buffer);
    this.dispatchEvent(Object.assign(new Event("inputreport"), { reportId, data }));
  }
}

describe("a headset", () => {
  const owner = { answer: vi.fn(), hangUp: vi.fn(), mute: vi.fn(), named: vi.fn() };
  const actions: Record<string, () => void> = {};
  let device: Device;
  let headset: Headset;

  beforeEach(async () => {
    device = new Device();
    const session = { setActionHandler: (name: string, act: () => void) => (actions[name] = act), playbackState: "none" };
    vi.stubGlobal("navigator", { hid: { getDevices: () => Promise.resolve([device]) }, mediaSession: session });
    vi.stubGlobal("Audio", class { paused = true; play = () => Promise.resolve(); pause = () => undefined; });
    vi.stubGlobal("URL", { createObjectURL: () => "blob:silence" });
    headset = new Headset(owner);
    await vi.waitFor(() => expect(owner.named).toHaveBeenCalledWith("Headset"));
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.clearAllMocks();
  });

  it("answers when taken off the hook, and ends the talk when put back", async () => {
    await headset.show(RINGS);
    device.sends(1, HOOK);
    expect(owner.answer).toHaveBeenCalledOnce();
    await headset.show(TALKS);
    device.sends(1, 0);
    expect(owner.hangUp).toHaveBeenCalledOnce();
  });

  it("does not end a talk that was answered at the page when it shows that by its hook", async () => {
    await headset.show(TALKS);
    device.sends(1, HOOK);
    expect(owner.hangUp).not.toHaveBeenCalled();
    await headset.show({ isRinging: false, isTalking: false, isMuted: false });
    device.sends(1, 0);
    expect(owner.hangUp).not.toHaveBeenCalled();
  });

  it("mutes without a word of the hook in that report", async () => {
    await headset.show(RINGS);
    device.sends(1, HOOK);
    await headset.show(TALKS);
    device.sends(2, MUTE);
    device.sends(2, 0);
    expect(owner.mute).toHaveBeenCalledOnce();
    expect(owner.hangUp).not.toHaveBeenCalled();
  });

  it("answers and mutes by its one media key", async () => {
    await headset.show(RINGS);
    actions["pause"]?.();
    expect(owner.answer).toHaveBeenCalledOnce();
    await headset.show(TALKS);
    actions["play"]?.();
    expect(owner.mute).toHaveBeenCalledOnce();
    actions["hangup"]?.();
    expect(owner.hangUp).toHaveBeenCalledOnce();
  });
});
