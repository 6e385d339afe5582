import { defineStore } from "pinia";
import { computed, markRaw, reactive, ref, watch } from "vue";

import { isOnTheLine } from "@/on-the-line";
import { useStream } from "@/stream";

import { useDesk } from "./desk";
import { useDevices } from "./phone/devices";
import type { EndedBy, LineState, PhoneCall, PhoneFault, PhoneListener } from "./phone/events";
import { Headset } from "./phone/headset";
import { CallNotice } from "./phone/notify";
import { SoftPhone } from "./phone/phone";
import type { Quality } from "./phone/quality";
import { Ringtone } from "./phone/ringtone";

const CALLING_OUT_MS = 60_000;
const GONE_AFTER_MS = 3_000;

/** The phone of the desk: it lives as long as the tab, whatever page is open. */
export const useLine = defineStore("line", () => {
  const desk = useDesk();
  const devices = useDevices();
  const stream = useStream();
  const seen = reactive({
    line: "off" as LineState,
    call: null as PhoneCall | null,
    isTalking: false,
    isMuted: false,
    isSilent: false,
    isBlocked: false,
    fault: null as PhoneFault | null,
    quality: null as Quality | null,
    /** From the click on "answer" to the first sound. */
    heardMs: null as number | null,
    endedBy: null as EndedBy | null,
    headset: "",
  });
  const isRinging = computed(() => seen.call !== null && !seen.isTalking && !seen.call.isOutgoing);
  /** With a caller, not with the echo of the test. */
  const isInTalk = computed(() => seen.isTalking && !seen.call?.isOutgoing);
  /** Said to a person who must look at the page: set by whoever can show it. */
  const onRing = ref<(call: PhoneCall) => void>(() => undefined);
  const ringtone = markRaw(new Ringtone());
  const notice = markRaw(new CallNotice());
  let askedOutAt = 0;
  let gone: ReturnType<typeof setTimeout> | undefined;

  const listener: PhoneListener = {
    line(state) {
      seen.line = state;
      if (state === "taken") desk.lose();
      if (state === "down") void desk.confirm();
    },
    rings(call) {
      Object.assign(seen, { call, isTalking: false, isMuted: false, endedBy: null, heardMs: null, quality: null });
      if (call.isResumed) return;
      ringtone.start();
      onRing.value(call);
    },
    talks(call) {
      quiet();
      Object.assign(seen, { call, isTalking: true, fault: null });
    },
    heard: (ms) => (seen.heardMs = ms),
    ended(_call, by) {
      quiet();
      if (seen.fault === "answer_failed" || seen.fault === "microphone_changed") seen.fault = null;
      Object.assign(seen, { call: null, isTalking: false, isMuted: false, isSilent: false, quality: null, endedBy: by });
    },
    measured: (quality) => (seen.quality = quality),
    silent: (isSilent) => (seen.isSilent = isSilent),
    fault: (fault) => (seen.fault = fault),
  };
  const phone = new SoftPhone(listener);
  phone.sound.onBlocked = (isBlocked) => (seen.isBlocked = isBlocked);
  const headset = new Headset({
    answer: () => void phone.answer(),
    hangUp: () => phone.hangUp(),
    mute: () => mute(!seen.isMuted),
    named: (name) => (seen.headset = name),
  });

  function quiet(): void {
    askedOutAt = 0;
    ringtone.stop();
    notice.hide();
  }

  function mute(isMuted: boolean): void {
    if (!seen.isTalking) return;
    phone.setMuted(isMuted);
    seen.isMuted = isMuted;
  }

  async function callOut(number: string, reason: string): Promise<void> {
    askedOutAt = Date.now();
    try {
      await desk.callOut(number, reason);
    } catch (fault) {
      askedOutAt = 0;
      throw fault;
    }
  }

  /** From a click: the browser lets sound be heard from then on. */
  async function unlock(): Promise<void> {
    await Promise.all([ringtone.unlock(), phone.sound.retry()]);
  }

  watch(() => desk.hold, (hold) => {
    if (hold === "mine" && desk.answer?.phone) phone.start(desk.answer.phone);
    else phone.stop();
  });
  // A server that was started anew gave a new way in: a talk in hand goes on all the while.
  watch(() => desk.key, () => {
    if (desk.hold === "mine" && desk.answer?.phone) phone.moveTo(desk.answer.phone.socket);
  });
  // A call out rings this seat first: the lawyer has asked for it, so it is answered at once.
  watch(() => isRinging.value && desk.answer?.direction === "out", (isOut) => {
    if (isOut && Date.now() - askedOutAt < CALLING_OUT_MS) void phone.answer();
  });
  watch(() => stream.isFresh, (isFresh, was) => {
    if (isFresh && was === false && seen.line !== "up" && desk.hold === "mine") phone.reconnect();
  });
  // Told before the first call that cannot be answered; plugging in or allowing it is enough.
  watch(() => [devices.permission, desk.hold === "mine"] as const, ([permission, isMine]) => {
    if (isMine && permission === "denied") seen.fault = "microphone_denied";
    else if (permission === "granted" && seen.fault === "microphone_denied") void phone.tryMicrophone();
  });
  watch(() => devices.microphones, () => {
    if (seen.fault === "microphone_missing" || seen.fault === "microphone_lost") void phone.tryMicrophone();
  });
  watch(isInTalk, (is) => (isOnTheLine.value = is));
  // The end of a talk may have been told to a line that broke: the server knows better.
  watch(() => [desk.state, seen.isTalking] as const, ([state, isTalking]) => {
    clearTimeout(gone);
    if (!isTalking || seen.call?.isOutgoing || !["ready", "not_ready", "wrap_up", "offline"].includes(state)) return;
    gone = setTimeout(() => phone.drop("lost"), GONE_AFTER_MS);
  });
  watch(() => [isRinging.value, seen.isTalking, seen.isMuted] as const, ([ringing, isTalking, isMuted]) => {
    void headset.show({ isRinging: ringing, isTalking, isMuted });
  });
  watch(() => ({ ...devices.chosen }), (chosen) => {
    phone.sound.setVolume(chosen.volume);
    ringtone.setVolume(chosen.ringVolume);
    notice.isWanted = chosen.notify;
    void phone.sound.useSpeaker(chosen.speaker);
    void ringtone.useSpeaker(chosen.ringer);
  }, { immediate: true });
  watch(() => devices.microphone, (choice) => void phone.useMicrophone(choice), { immediate: true });

  return {
    seen, isRinging, isInTalk, onRing, notice, ringtone, mute, callOut, unlock,
    tryMicrophone: () => phone.tryMicrophone(),
    pickHeadset: () => headset.pick(),
    answer: () => phone.answer(),
    hangUp: () => phone.hangUp(),
    sendKey: (key: string) => phone.sendKey(key),
    dial: (target: string) => phone.dial(target),
    endDialled: () => phone.call?.isOutgoing && phone.hangUp(),
  };
});
