const HERTZ = 450; // GB/T 3380: the ringing tone of this country, 1 s on, 4 s off
const ON_S = 1;
const EVERY_MS = 3_000; // more often than on the wire: a desk is noisy

interface SinkContext extends AudioContext {
  setSinkId?(device: string): Promise<void>;
}

/** Rings by WebAudio on a device of its own, so that a headset on the table is not missed. */
export class Ringtone {
  private context: SinkContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private volume = 0.6;
  private device = "";

  /** 0 to 1. */
  setVolume(volume: number): void {
    this.volume = volume;
  }

  async useSpeaker(device: string): Promise<void> {
    this.device = device;
    await this.context?.setSinkId?.(device).catch(() => undefined);
  }

  /** Let the browser allow sound: call it from a click. */
  async unlock(): Promise<void> {
    const context = await this.opened();
    if (context.state === "suspended") await context.resume().catch(() => undefined);
  }

  start(): void {
    this.stop();
    void this.beat();
    this.timer = setInterval(() => void this.beat(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Once, to hear how loud it is. */
  async beat(): Promise<void> {
    const context = await this.opened();
    const now = context.currentTime;
    const loudness = context.createGain();
    loudness.connect(context.destination);
    loudness.gain.setValueAtTime(0, now);
    loudness.gain.linearRampToValueAtTime(this.volume * 0.5, now + 0.02);
    loudness.gain.setValueAtTime(this.volume * 0.5, now + ON_S - 0.05);
    loudness.gain.linearRampToValueAtTime(0, now + ON_S);
    for (const hertz of [HERTZ, HERTZ + 25]) {
      const tone = context.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(loudness);
      tone.start(now);
      tone.stop(now + ON_S);
    }
  }

  private async opened(): Promise<SinkContext> {
    if (!this.context) {
      this.context = new AudioContext() as SinkContext;
      await this.useSpeaker(this.device);
    }
    return this.context;
  }
}
