/** Where talks are heard: one audio element, with its device and volume. */
export class Sound {
  private readonly element = new Audio();
  /** Told when the browser lets nothing be heard before a person has clicked. */
  onBlocked: (isBlocked: boolean) => void = () => undefined;

  constructor() {
    this.element.autoplay = true;
  }

  play(stream: MediaStream): void {
    this.element.srcObject = stream;
    void this.retry();
  }

  /** Try again, e.g. after a click. */
  async retry(): Promise<void> {
    if (!this.element.srcObject) return;
    try {
      await this.element.play();
      this.onBlocked(false);
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.onBlocked(true);
    }
  }

  stop(): void {
    this.element.srcObject = null;
    this.onBlocked(false);
  }

  /** 0 to 1. */
  setVolume(volume: number): void {
    this.element.volume = Math.min(1, Math.max(0, volume));
  }

  /** Play on this device; the system's own where the browser offers no choice or it is gone. */
  async useSpeaker(device: string): Promise<void> {
    if ("setSinkId" in this.element) await this.element.setSinkId(device).catch(() => undefined);
  }
}
