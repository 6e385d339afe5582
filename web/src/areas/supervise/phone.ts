import { defineStore } from "pinia";
import { computed, reactive, ref, watch } from "vue";

import { useDevices } from "@/areas/desk/phone/devices";
import type { LineState, PhoneFault, PhoneListener } from "@/areas/desk/phone/events";
import { SoftPhone } from "@/areas/desk/phone/phone";
import { api, ApiFault, got, type Model } from "@/api/client";
import { useStream } from "@/stream";

export type Mode = Model<"BesideAnswer">["mode"];
type Told = Model<"SuperviseAnswer">;

const KEPT_AS = "hotline.supervise"; // of this tab: the key of the place at the telephone that it had
const CONNECT_MS = 8_000;

/** Why the telephone cannot be used: said to the person. */
export class NoPhone extends Error {
  constructor(readonly why: "noPhone" | "notUp") {
    super(why);
  }
}

function formerKey(): string {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload" ? (sessionStorage.getItem(KEPT_AS) ?? "") : "";
}

/** A supervisor's own telephone: it is rung only because he asked for it, so it answers by itself. */
export const useSupervisorPhone = defineStore("supervisorPhone", () => {
  const stream = useStream();
  const devices = useDevices();
  const told = ref<Told | null>(null);
  const key = ref(formerKey());
  /** Somebody else, or another page, has the telephone; in words of the server. */
  const takenBy = ref("");
  /** The reason given for the talk that he is beside: a change from listening to whispering keeps it. */
  const reason = ref({ callId: "", text: "" });
  const seen = reactive({
    line: "off" as LineState,
    isTalking: false,
    isMuted: false,
    isSilent: false,
    isBlocked: false,
    fault: null as PhoneFault | null,
  });

  const number = computed(() => told.value?.phone ?? null);
  const beside = computed(() => told.value?.beside ?? null);

  const listener: PhoneListener = {
    line: (state) => (seen.line = state),
    rings: () => {
      seen.fault = null;
      void phone.answer();
    },
    talks: () => (seen.isTalking = true),
    heard: () => undefined,
    ended: () => Object.assign(seen, { isTalking: false, isMuted: false, isSilent: false }),
    measured: () => undefined,
    silent: (isSilent) => (seen.isSilent = isSilent),
    fault: (fault) => (seen.fault = fault),
  };
  const phone = new SoftPhone(listener);
  phone.sound.onBlocked = (isBlocked) => (seen.isBlocked = isBlocked);

  stream.on<Told>("supervise", (news) => (told.value = news));
  stream.on("snapshot", () => void look());
  stream.on<{ desk: string }>("desk_lost", ({ desk }) => desk === key.value && lose());

  async function look(): Promise<void> {
    told.value = await got(api.GET("/api/v1/supervise")).catch(() => told.value);
  }

  /** Sit down at the telephone; false when another page has it and `takeOver` was not said. */
  async function connect(takeOver = false): Promise<boolean> {
    takenBy.value = "";
    try {
      const answer = await got(
        api.POST("/api/v1/desk/claim", { body: { take_over: takeOver, desk: key.value, seat: null } }),
      );
      key.value = answer.desk ?? "";
      sessionStorage.setItem(KEPT_AS, key.value);
      if (answer.phone) phone.start(answer.phone);
      return true;
    } catch (fault) {
      if (!(fault instanceof ApiFault) || fault.error !== "desk_taken") throw fault;
      takenBy.value = fault.message;
      return false;
    }
  }

  async function disconnect(): Promise<void> {
    phone.stop();
    forget();
    await api.POST("/api/v1/desk/leave");
  }

  function lose(): void {
    phone.stop();
    forget();
    seen.line = "taken";
  }

  function forget(): void {
    key.value = "";
    sessionStorage.removeItem(KEPT_AS);
  }

  /** Have the telephone ready to be rung; throws NoPhone when it cannot be. */
  async function ready(): Promise<void> {
    if (told.value === null) await look();
    if (number.value === null) throw new NoPhone("noPhone");
    if (told.value?.is_registered) return; // perhaps a desk phone
    if (!(await connect())) throw new NoPhone("notUp");
    await new Promise<void>((resolve, reject) => {
      const stop = watch(
        () => told.value?.is_registered,
        (isRegistered) => {
          if (!isRegistered) return;
          clearTimeout(late);
          stop();
          resolve();
        },
      );
      const late = setTimeout(() => (stop(), reject(new NoPhone("notUp"))), CONNECT_MS);
    });
  }

  /** Listen, whisper, join or take over. */
  async function join(callId: string, mode: Mode, text: string): Promise<void> {
    await ready();
    await phone.sound.retry();
    const asked = { params: { path: { call_id: callId } }, body: { reason: text, phone: null } };
    if (mode === "listen") await api.POST("/api/v1/calls/{call_id}/listen", asked);
    else if (mode === "whisper") await api.POST("/api/v1/calls/{call_id}/whisper", asked);
    else if (mode === "barge") await api.POST("/api/v1/calls/{call_id}/barge", asked);
    else await api.POST("/api/v1/calls/{call_id}/take_over", asked);
    reason.value = { callId, text };
    mute(false);
  }

  async function leave(): Promise<void> {
    await api.POST("/api/v1/supervise/leave", { body: { phone: null } });
  }

  function mute(isMuted: boolean): void {
    if (!seen.isTalking) return;
    phone.setMuted(isMuted);
    seen.isMuted = isMuted;
  }

  watch(() => devices.microphone, (choice) => void phone.useMicrophone(choice), { immediate: true });
  watch(
    () => [devices.chosen.volume, devices.chosen.speaker] as const,
    ([volume, speaker]) => {
      phone.sound.setVolume(volume);
      void phone.sound.useSpeaker(speaker);
    },
    { immediate: true },
  );
  void look();
  if (key.value) void connect().catch(() => undefined);

  return {
    seen, number, beside, told, takenBy, reason,
    connect, disconnect, join, leave, mute,
    playSound: () => phone.sound.retry(),
  };
});
