const SECONDS = 6; // a file of less than five counts as a sound effect
const RATE = 3_000;
const HEAD = 44;

/** A WAV file in which nothing is heard: 8 bits, mono. */
function silentFile(): Blob {
  const size = SECONDS * RATE;
  const view = new DataView(new ArrayBuffer(HEAD + size));
  const write = (at: number, text: string): void => [...text].forEach((one, n) => view.setUint8(at + n, one.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, HEAD - 8 + size, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  write(36, "data");
  view.setUint32(40, size, true);
  new Uint8Array(view.buffer, HEAD).fill(128);
  return new Blob([view.buffer], { type: "audio/wav" });
}

/**
 * Plays nothing, so that the keys of a headset come to this page.
 *
 * Chromium gives media keys to whoever plays a file; the sound of a talk, a stream, does not count
 * (156, keys pressed by MPRIS over D-Bus).
 */
export class Silence {
  private element: HTMLAudioElement | null = null;

  play(): void {
    if (!this.element) {
      this.element = new Audio(URL.createObjectURL(silentFile()));
      this.element.loop = true;
    }
    if (this.element.paused) void this.element.play().catch(() => undefined);
  }

  /** Other programs have the keys again. */
  stop(): void {
    this.element?.pause();
  }
}
