import { pressesIn, reportFor, type Presses } from "./hid";

/** What the buttons of a headset may ask for. */
export interface HeadsetOwner {
  /** The hook button: answer what rings, hang up what talks. */
  hook(): void;
  mute(): void;
}

const TELEPHONY_PAGE = 0x0b;

/**
 * The buttons of a headset, as far as this browser hands them on.
 *
 * By WebHID (Chromium, a device the person has picked once) hook and mute are real buttons with
 * their lights; elsewhere the Media Session's actions are all there is.
 */
export class Headset {
  private device: HIDDevice | null = null;
  private before: Presses = { hook: false, mute: false };

  constructor(private readonly owner: HeadsetOwner) {
    this.listenToMediaSession();
    void this.reopen();
  }

  static get canPick(): boolean {
    return "hid" in navigator;
  }

  get name(): string {
    return this.device?.productName ?? "";
  }

  /** Have the person pick one; needs a click. */
  async pick(): Promise<void> {
    const [device] = await navigator.hid.requestDevice({ filters: [{ usagePage: TELEPHONY_PAGE }] });
    if (device) await this.use(device);
  }

  /** Show on the device what is going on: its lights, and what its buttons mean next. */
  async show(state: { isRinging: boolean; isTalking: boolean; isMuted: boolean }): Promise<void> {
    if ("mediaSession" in navigator)
      navigator.mediaSession.playbackState = state.isTalking ? "playing" : "none";
    const report = this.device && reportFor(this.device.collections, state);
    if (report) await this.device?.sendReport(report.id, report.data).catch(() => undefined);
  }

  private async reopen(): Promise<void> {
    if (!Headset.canPick) return;
    const known = await navigator.hid.getDevices().catch(() => []);
    const found = known.find((one) => one.collections.some((part) => part.usagePage === TELEPHONY_PAGE));
    if (found) await this.use(found);
  }

  private async use(device: HIDDevice): Promise<void> {
    try {
      if (!device.opened) await device.open();
    } catch {
      return; // another program has it
    }
    this.device = device;
    device.addEventListener("inputreport", ({ reportId, data }) => {
      const now = pressesIn(device.collections, reportId, data);
      if (!now) return;
      if (now.hook !== this.before.hook) this.owner.hook();
      if (now.mute && !this.before.mute) this.owner.mute();
      this.before = now;
    });
  }

  private listenToMediaSession(): void {
    if (!("mediaSession" in navigator)) return;
    const actions: [string, () => void][] = [
      ["hangup", () => this.owner.hook()],
      ["togglemicrophone", () => this.owner.mute()],
      ["play", () => this.owner.hook()],
      ["pause", () => this.owner.mute()],
    ];
    for (const [action, act] of actions) {
      try {
        navigator.mediaSession.setActionHandler(action as MediaSessionAction, act);
      } catch {
        continue; // not offered by this browser
      }
    }
  }
}
