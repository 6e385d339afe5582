/** One second of a talk as the browser measures it. */
export interface Quality {
  /** Share of packets that did not come, 0 to 1, in this second. */
  loss: number;
  jitterMs: number;
  /** Null until the other side has reported. */
  roundTripMs: number | null;
  /** 1 to 4.5 as of ITU-T G.107 and its annex for loss; null while nothing is known. */
  mos: number | null;
  /** Sound that came in since the talk began, in packets. */
  packets: number;
  /** Loudness of what comes in and of our own microphone, 0 to 1. */
  levelIn: number;
  levelOut: number;
  codec: string;
}

interface Counted {
  packets: number;
  lost: number;
}

/**
 * Mean opinion score from round trip, jitter and loss (ITU-T G.107 E-model, simplified).
 *
 * The jitter buffer holds about twice the jitter; codec and packetising add 30 ms.
 */
export function mos(roundTripMs: number, jitterMs: number, loss: number): number {
  const delay = roundTripMs / 2 + 2 * jitterMs + 30;
  const delayCost = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  // G.113: Ie 0 and Bpl 25.1 with concealment of lost packets
  const lossCost = (95 * loss * 100) / (loss * 100 + 25.1);
  const r = Math.min(100, Math.max(0, 93.2 - delayCost - lossCost));
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** Reads a connection's getStats; keep one per talk, ask once a second. */
export class Meter {
  private before: Counted = { packets: 0, lost: 0 };

  constructor(private readonly connection: RTCPeerConnection) {}

  async measure(): Promise<Quality> {
    return this.read(await this.connection.getStats());
  }

  read(stats: RTCStatsReport): Quality {
    const found: Quality = {
      loss: 0, jitterMs: 0, roundTripMs: null, mos: null, packets: 0, levelIn: 0, levelOut: 0, codec: "",
    };
    let lost = 0;
    stats.forEach((one) => {
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        found.packets = one.packetsReceived ?? 0;
        lost = Math.max(0, one.packetsLost ?? 0);
        found.jitterMs = (one.jitter ?? 0) * 1000;
        found.levelIn = one.audioLevel ?? 0;
        found.codec = String(stats.get(one.codecId)?.mimeType ?? "").replace("audio/", "");
      } else if (one.type === "remote-inbound-rtp" && one.roundTripTime !== undefined) {
        found.roundTripMs = one.roundTripTime * 1000;
      } else if (one.type === "media-source" && one.kind === "audio") {
        found.levelOut = one.audioLevel ?? 0;
      }
    });
    stats.forEach((one) => {
      if (found.roundTripMs === null && one.type === "candidate-pair" && one.nominated && one.currentRoundTripTime !== undefined)
        found.roundTripMs = one.currentRoundTripTime * 1000;
    });
    return this.since(found, lost);
  }

  private since(found: Quality, lost: number): Quality {
    const came = found.packets - this.before.packets;
    const missing = Math.max(0, lost - this.before.lost);
    this.before = { packets: found.packets, lost };
    // A second in which nothing came at all: whatever was sent is lost.
    found.loss = came + missing > 0 ? missing / (came + missing) : Number(found.packets > 0);
    if (found.packets > 0) found.mos = mos(found.roundTripMs ?? 0, found.jitterMs, found.loss);
    return found;
  }
}

const SILENT_AFTER_MS = 5_000;

/** Tells when no packet has come in for 5 s, and when sound is there again. */
export class SilenceWatch {
  private packets = 0;
  private since: number;
  private isSilent = false;

  constructor(
    now: number,
    private readonly tell: (isSilent: boolean) => void,
  ) {
    this.since = now;
  }

  see(packets: number, now: number): void {
    if (packets !== this.packets) {
      this.packets = packets;
      this.since = now;
    }
    const isSilent = now - this.since >= SILENT_AFTER_MS;
    if (isSilent === this.isSilent) return;
    this.isSilent = isSilent;
    this.tell(isSilent);
  }
}
