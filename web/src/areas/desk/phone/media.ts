import type { PhoneListener } from "./events";
import { Meter, SilenceWatch } from "./quality";
import type { Sound } from "./sound";

const LOOK_EVERY_MS = 10;
const LOOK_FOR_MS = 5_000;
const MEASURE_EVERY_MS = 1_000;

/** The sound of one talk: played, measured each second, and its beginning noted. */
export class Media {
  private readonly meter: Meter;
  private readonly watch: SilenceWatch;
  private readonly measuring: ReturnType<typeof setInterval>;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly sound: Sound,
    private readonly listener: PhoneListener,
    private readonly askedAt: number,
  ) {
    this.meter = new Meter(connection);
    this.watch = new SilenceWatch(askedAt, (isSilent) => listener.silent(isSilent));
    connection.addEventListener("track", ({ track, receiver }) => {
      sound.play(new MediaStream([track]));
      this.lookFor(receiver);
    });
    this.measuring = setInterval(() => void this.measure(), MEASURE_EVERY_MS);
  }

  /** Send from another microphone. */
  async replace(microphone: MediaStream): Promise<void> {
    const [track] = microphone.getAudioTracks();
    for (const sender of this.connection.getSenders())
      if (sender.track?.kind === "audio" && track) await sender.replaceTrack(track);
  }

  close(): void {
    clearInterval(this.measuring);
    clearInterval(this.looking);
    this.sound.stop();
  }

  private async measure(): Promise<void> {
    const quality = await this.meter.measure();
    this.watch.see(quality.packets, performance.now());
    this.listener.measured(quality);
  }

  /** A source that synchronises is one whose sound is being played. */
  private lookFor(receiver: RTCRtpReceiver): void {
    const began = performance.now();
    this.looking = setInterval(() => {
      const now = performance.now();
      const isHeard = receiver.getSynchronizationSources().length > 0;
      if (isHeard) this.listener.heard(Math.round(now - this.askedAt));
      if (isHeard || now - began > LOOK_FOR_MS) clearInterval(this.looking);
    }, LOOK_EVERY_MS);
  }
}
