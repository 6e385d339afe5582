import { describe, expect, it } from "vitest";

import { Meter, mos, SilenceWatch } from "@/areas/desk/phone/quality";

describe("mos", () => {
  it("is excellent on a clean line and falls with loss and delay", () => {
    expect(mos(0, 0, 0)).toBeCloseTo(4.39, 2);
    expect(mos(40, 5, 0.01)).toBeGreaterThan(4);
    expect(mos(40, 5, 0.05)).toBeLessThan(mos(40, 5, 0.01));
    expect(mos(600, 5, 0)).toBeLessThan(mos(100, 5, 0));
  });

  it("never leaves 1 to 4.5", () => {
    for (const [trip, jitter, loss] of [[5000, 500, 1], [0, 0, 0], [300, 100, 0.3]] as const) {
      expect(mos(trip, jitter, loss)).toBeGreaterThanOrEqual(1);
      expect(mos(trip, jitter, loss)).toBeLessThanOrEqual(4.5);
    }
  });
});

function report(packetsReceived: number, packetsLost: number): RTCStatsReport {
  return new Map<string, object>([
    ["in", { type: "inbound-rtp", kind: "audio", packetsReceived, packetsLost, jitter: 0.004, audioLevel: 0.3, codecId: "c" }],
    ["c", { type: "codec", mimeType: "audio/G722" }],
    ["pair", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.02 }],
    ["mic", { type: "media-source", kind: "audio", audioLevel: 0.5 }],
  ]) as unknown as RTCStatsReport;
}

describe("Meter", () => {
  it("tells the loss of the last second, not of the whole talk", () => {
    const meter = new Meter({} as RTCPeerConnection);
    expect(meter.read(report(50, 50)).loss).toBe(0.5);
    const next = meter.read(report(100, 50));
    expect(next).toMatchObject({ loss: 0, jitterMs: 4, roundTripMs: 20, packets: 100, levelIn: 0.3, levelOut: 0.5, codec: "G722" });
    expect(next.mos).toBeGreaterThan(4.2);
  });

  it("calls a second bad in which nothing came", () => {
    const meter = new Meter({} as RTCPeerConnection);
    meter.read(report(50, 0));
    expect(meter.read(report(50, 0))).toMatchObject({ loss: 1 });
    expect(meter.read(report(100, 0)).mos).toBeGreaterThan(4.2);
  });

  it("knows nothing before the first packet", () => {
    const meter = new Meter({} as RTCPeerConnection);
    expect(meter.read(report(0, 0)).mos).toBeNull();
  });
});

describe("SilenceWatch", () => {
  it("alarms after five seconds without a packet and takes it back with the next one", () => {
    const told: boolean[] = [];
    const watch = new SilenceWatch(0, (isSilent) => told.push(isSilent));
    watch.see(10, 1_000);
    watch.see(20, 2_000);
    watch.see(20, 6_900);
    expect(told).toEqual([]);
    watch.see(20, 7_000);
    watch.see(20, 8_000);
    expect(told).toEqual([true]);
    watch.see(21, 9_000);
    expect(told).toEqual([true, false]);
  });

  it("alarms when sound never came", () => {
    const told: boolean[] = [];
    const watch = new SilenceWatch(100, (isSilent) => told.push(isSilent));
    watch.see(0, 5_100);
    expect(told).toEqual([true]);
  });
});
