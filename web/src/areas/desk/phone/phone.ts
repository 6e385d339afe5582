import JsSIP from "jssip";
import type { EndEvent, RTCSession } from "jssip/lib/RTCSession";
import type { Socket } from "jssip/lib/Socket";
import type { IncomingRTCSessionEvent, RTCSessionEvent } from "jssip/lib/UA";

import type { EndedBy, PhoneAccount, PhoneCall, PhoneListener } from "./events";
import { Ice } from "./ice";
import { close, NoMicrophone, openMicrophone, type MicrophoneChoice } from "./microphone";
import { Sound } from "./sound";
import { SipSocket, socketAddress } from "./socket";
import { Media } from "./media";

const BUSY_HERE = 486; // 480 would count as "no answer" (sip_config)
const RESUME = "X-Hotline-Resume";
const TAKEN = 4001; // WebSocket close code: another page has this phone (callcenter/desks.py)

interface Held {
  call: PhoneCall;
  session: RTCSession;
  /** Asked for as soon as it rings, so that answering need not wait for it. */
  microphone: Promise<MediaStream>;
  media: Media | null;
  isTalking: boolean;
  isMuted: boolean;
}

/**
 * A seat's telephone: registers, takes one call at a time, tells a PhoneListener what happens.
 *
 * Hold, transfer and conference are the server's: this phone only hears what comes of them.
 */
export class SoftPhone {
  readonly sound = new Sound();
  private ua: InstanceType<typeof JsSIP.UA> | null = null;
  private socket: SipSocket | null = null;
  private held: Held | null = null;
  private ice = new Ice({ ice: [], is_relayed: false });
  private microphone: MicrophoneChoice = { device: "", isEchoCancelled: true };

  constructor(private readonly listener: PhoneListener) {}

  get call(): PhoneCall | null {
    return this.held?.call ?? null;
  }

  get isTalking(): boolean {
    return this.held?.isTalking ?? false;
  }

  /** Connect and register; a phone that runs already begins anew. */
  start(account: PhoneAccount): void {
    this.stop();
    this.ice = new Ice(account);
    this.socket = new SipSocket(socketAddress(account.socket));
    const ua = new JsSIP.UA({
      // JsSIP's types know only a generic `ondata`; at run time it looks for what SipSocket has.
      sockets: this.socket as unknown as Socket,
      uri: account.uri,
      authorization_user: account.user,
      password: account.secret,
      realm: account.realm,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 2,
    });
    this.ua = ua;
    this.listener.line("connecting");
    ua.on("registered", () => this.listener.line("up"));
    ua.on("disconnected", ({ code }) => this.ua === ua && this.cutOff(code));
    ua.on("registrationFailed", ({ response }) => this.listener.line(response ? "refused" : "down"));
    ua.on("newRTCSession", (event: RTCSessionEvent) => {
      if (event.originator === "remote") this.invited(event as IncomingRTCSessionEvent);
    });
    ua.start();
  }

  private cutOff(code: number | undefined): void {
    if (code !== TAKEN) return this.listener.line("down");
    this.drop("lost");
    this.stop();
    this.listener.line("taken");
  }

  /** Hang up, take the registration back, close the line. */
  stop(): void {
    const ua = this.ua;
    this.ua = this.socket = null;
    ua?.stop();
    this.listener.line("off");
  }

  /** Connect there from now on; calls in hand are not touched. */
  moveTo(socket: string): void {
    if (this.socket) this.socket.url = socketAddress(socket);
  }

  /** The network was seen to be back: do not wait for the next ping to find out. */
  reconnect(): void {
    this.socket?.drop();
  }

  /** Take the call that rings. Resolves when the answer is on its way. */
  async answer(): Promise<void> {
    const held = this.held;
    if (!held || held.isTalking || held.media) return;
    const askedAt = performance.now();
    try {
      const microphone = await this.microphoneOf(held);
      if (this.held !== held) return close(microphone);
      held.session.on("peerconnection", ({ peerconnection }) => {
        held.media = new Media(peerconnection, this.sound, this.listener, askedAt);
      });
      held.session.answer({ mediaStream: microphone, pcConfig: this.ice.config });
    } catch (error) {
      this.listener.fault(error instanceof NoMicrophone ? error.fault : "answer_failed");
    }
  }

  /** Refuse the call that rings, or end the one that talks. */
  hangUp(): void {
    const held = this.held;
    if (!held) return;
    if (held.isTalking) held.session.terminate();
    else held.session.terminate({ status_code: BUSY_HERE });
  }

  setMuted(isMuted: boolean): void {
    const held = this.held;
    if (!held) return;
    held.isMuted = isMuted;
    if (isMuted) held.session.mute({ audio: true });
    else held.session.unmute({ audio: true });
  }

  /** A key pressed in the talk, as RFC 4733 events. */
  sendKey(key: string): void {
    if (!this.held?.isTalking) return;
    const transportType = JsSIP.C.DTMF_TRANSPORT.RFC2833 as never;
    this.held.session.sendDTMF(key, { transportType, duration: 160, interToneGap: 80 });
  }

  /** Use this microphone from now on, in a running talk too. */
  async useMicrophone(choice: MicrophoneChoice): Promise<void> {
    this.microphone = choice;
    const held = this.held;
    if (!held) return;
    try {
      const fresh = await this.open();
      const before = await held.microphone.catch(() => null);
      held.microphone = Promise.resolve(fresh);
      await held.media?.replace(fresh);
      if (held.isMuted) this.setMuted(true);
      close(before);
      this.listener.fault(null);
    } catch (error) {
      if (error instanceof NoMicrophone) this.listener.fault(held.isTalking ? "microphone_lost" : error.fault);
    }
  }

  /** Whether there is a microphone to speak into; a call in hand takes the one that is found. */
  async tryMicrophone(): Promise<void> {
    if (this.held) return this.useMicrophone(this.microphone);
    try {
      close(await openMicrophone(this.microphone));
      this.listener.fault(null);
    } catch (error) {
      if (error instanceof NoMicrophone) this.listener.fault(error.fault);
    }
  }

  /** A microphone for a call; who pulls it out in the talk is heard by the next best one. */
  private async open(): Promise<MediaStream> {
    const stream = await openMicrophone(this.microphone);
    for (const track of stream.getTracks()) track.addEventListener("ended", () => void this.pulledOut(stream));
    return stream;
  }

  private async pulledOut(stream: MediaStream): Promise<void> {
    const held = this.held;
    if (!held || (await held.microphone.catch(() => null)) !== stream) return;
    await this.useMicrophone(this.microphone);
    const isReplaced = (await held.microphone.catch(() => null)) !== stream;
    if (this.held === held && isReplaced) this.listener.fault("microphone_changed");
  }

  /** Call a service of the hotline itself, such as the echo for the test before a shift. */
  async dial(target: string): Promise<void> {
    if (!this.ua || this.held) return;
    const microphone = this.open();
    const stream = await microphone.catch((error: NoMicrophone) => {
      this.listener.fault(error.fault);
      return null;
    });
    if (!stream || !this.ua || this.held) return close(stream);
    const askedAt = performance.now();
    const held = { media: null as Media | null };
    const session = this.ua.call(target, {
      mediaStream: stream,
      pcConfig: this.ice.config,
      eventHandlers: {
        peerconnection: ({ peerconnection }) => {
          held.media = new Media(peerconnection, this.sound, this.listener, askedAt);
        },
        icecandidate: this.ice.waiting(),
      },
    });
    const call = { id: session.id, from: target, isOutgoing: true, isResumed: false };
    this.hold({ call, session, microphone, media: held.media, isTalking: false, isMuted: false });
  }

  private invited({ session, request }: IncomingRTCSessionEvent): void {
    const call: PhoneCall = {
      id: session.id,
      from: session.remote_identity.uri.user ?? "",
      isOutgoing: false,
      isResumed: request.getHeader(RESUME) === "1",
    };
    // A talk goes on here: what is left of it on this side is a line that nobody is on any more.
    if (this.held && (call.isResumed || this.held.call.isOutgoing)) this.drop("replaced");
    if (this.held) return session.terminate({ status_code: BUSY_HERE });
    const microphone = this.open();
    microphone.catch((error: NoMicrophone) => this.listener.fault(error.fault));
    session.on("icecandidate", this.ice.waiting());
    this.hold({ call, session, microphone, media: null, isTalking: false, isMuted: false });
    this.listener.rings(call);
    if (call.isResumed) void this.answer();
  }

  private hold(held: Held): void {
    this.held = held;
    held.session.on("confirmed", () => this.talks(held));
    held.session.on("ended", (event) => this.ended(held, event.originator === "local" ? "here" : "there"));
    held.session.on("failed", (event) => this.ended(held, failedBy(event)));
  }

  private talks(held: Held): void {
    if (this.held !== held || held.isTalking) return;
    held.isTalking = true;
    this.listener.talks(held.call);
  }

  private ended(held: Held, by: EndedBy): void {
    held.media?.close();
    void held.microphone.then(close, () => undefined);
    if (this.held !== held) return;
    this.held = null;
    this.listener.ended(held.call, by);
  }

  /** Forget a call on this side; the other one is told as far as it still listens. */
  drop(by: EndedBy): void {
    const held = this.held;
    if (!held) return;
    this.ended(held, by);
    if (!held.session.isEnded()) held.session.terminate();
  }

  private async microphoneOf(held: Held): Promise<MediaStream> {
    return held.microphone.catch(() => {
      held.microphone = this.open();
      return held.microphone;
    });
  }
}

function failedBy({ originator, cause }: EndEvent): EndedBy {
  if (originator === "local") return "declined";
  if (originator === "system") return "lost";
  return cause === JsSIP.C.causes.CANCELED ? "missed" : "there";
}
