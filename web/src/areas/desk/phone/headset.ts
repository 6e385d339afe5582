import { pressesIn, reportFor, type Presses } from "./hid";
import { Silence } from "./silence";

/** What the buttons of a headset may ask for. */
export interface HeadsetOwner {
  answer(): void;
  /** Decline what rings, end what talks. */
  hangUp(): void;
  mute(): void;
  /** A device is used: its name. */
  named(name: string): void;
}

interface Shown {
  isRinging: boolean;
  isTalking: boolean;
  isMuted: boolean;
}

const TELEPHONY_PAGE = 0x0b;

/**
 * The buttons of a headset, as far as this browser hands them on.
 *
 * By WebHID (Chromium, a device the person has picked once) hook and mute are real buttons with
 * their lights; elsewhere the Media Session's actions are all there is: one key, which answers what
 * rings and mutes what talks.
 */
export class Headset {
  private device: HIDDevice | null = null;
  private before: Presses = { hook: false, mute: false };
  private shown: Shown = { isRinging: false, isTalking: false, isMuted: false };
  private readonly silence = new Silence();

  constructor(private readonly owner: HeadsetOwner) {
    this.listenToMediaSession();
    void this.reopen();
  }

  static get canPick(): boolean {
    return "hid" in navigator;
  }

  /** Have the person pick one; needs a click. */
  async pick(): Promise<void> {
    const [device] = await navigator.hid.requestDevice({ filters: [{ usagePage: TELEPHONY_PAGE }] });
    if (device) await this.use(device);
  }

  /** Show on the device what is going on: its lights, and what its buttons mean next. */
  async show(state: Shown): Promise<void> {
    this.shown = state;
    const isBusy = state.isRinging || state.isTalking;
    if ("mediaSession" in navigator) {
      navigator.mediaSession.playbackState = isBusy ? "playing" : "none";
      if (isBusy) this.silence.play();
      else this.silence.stop();
    }
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
    this.owner.named(device.productName);
    device.addEventListener("inputreport", ({ reportId, data }) => {
      const now = pressesIn(device.collections, reportId, data);
      if (now) this.pressed(now);
    });
    await this.show(this.shown);
  }

  /** The hook is a state, not a press: a device repeats what we have shown it by its light. */
  private pressed(now: Presses): void {
    const before = this.before;
    this.before = { hook: now.hook ?? before.hook, mute: now.mute ?? before.mute };
    if (now.hook && !before.hook && this.shown.isRinging) this.owner.answer();
    if (now.hook === false && before.hook && this.shown.isTalking) this.owner.hangUp();
    if (now.mute && !before.mute) this.owner.mute();
  }

  private listenToMediaSession(): void {
    if (!("mediaSession" in navigator)) return;
    const key = (): void => (this.shown.isRinging ? this.owner.answer() : this.owner.mute());
    const actions: [string, () => void][] = [
      ["hangup", () => this.owner.hangUp()],
      ["togglemicrophone", () => this.owner.mute()],
      ["play", key],
      ["pause", key],
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
