import { defineStore } from "pinia";
import { computed, reactive, ref } from "vue";

import { i18n } from "@/i18n";

import { useLine } from "./line";
import { useDevices } from "./phone/devices";
import { close, NoMicrophone, openMicrophone } from "./phone/microphone";

type StepState = "idle" | "running" | "ok" | "bad";
interface Step {
  state: StepState;
  text: string;
}

const ECHO = "*3"; // what the hotline's dialplan offers to seats
const LISTEN_MS = 4_000;
const ANSWER_MS = 5_000;
const ECHO_MS = 6_000;
const LOUD_ENOUGH = 0.02;
const ASKED = 8;
const POOR_MOS = 3.5;

/** The test before a shift: microphone, way to the server, sound there and back. */
export const useCheck = defineStore("check", () => {
  const line = useLine();
  const devices = useDevices();
  const { t } = i18n.global;
  const steps = reactive<Record<"microphone" | "network" | "sound", Step>>({
    microphone: { state: "idle", text: "" },
    network: { state: "idle", text: "" },
    sound: { state: "idle", text: "" },
  });
  const level = ref(0);
  const isRunning = ref(false);
  let isStopped = false;
  const verdict = computed(() => {
    const states = Object.values(steps).map((one) => one.state);
    if (states.includes("bad")) return "failed";
    return states.every((one) => one === "ok") ? "passed" : "";
  });

  function set(step: keyof typeof steps, state: StepState, text = ""): void {
    steps[step] = { state, text };
  }

  async function run(): Promise<void> {
    isStopped = false;
    isRunning.value = true;
    for (const step of ["microphone", "network", "sound"] as const) set(step, "idle");
    try {
      await microphone();
      if (!isStopped) await network();
      if (!isStopped && steps.microphone.state === "ok") await sound();
    } finally {
      isRunning.value = false;
    }
  }

  function stop(): void {
    isStopped = true;
    line.endDialled();
  }

  /** Enough that something is heard once: the lawyer was asked to say a few words. */
  async function microphone(): Promise<void> {
    set("microphone", "running", t("desk.check.microphone_text"));
    let stream: MediaStream | null = null;
    try {
      stream = await openMicrophone(devices.microphone);
      void devices.look();
      const loudest = await loudness(stream, LISTEN_MS);
      const isGood = loudest >= LOUD_ENOUGH;
      set("microphone", isGood ? "ok" : "bad", t(isGood ? "desk.check.ok" : "desk.check.quiet"));
    } catch (error) {
      const fault = error instanceof NoMicrophone ? error.fault : "microphone_busy";
      set("microphone", "bad", t(`desk.fault.${fault}`));
    } finally {
      close(stream);
    }
  }

  /** The loudest tenth of a second, 0 to 1; ends early once that is enough. */
  async function loudness(stream: MediaStream, forMs: number): Promise<number> {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    const until = performance.now() + forMs;
    while (performance.now() < until && !isStopped) {
      await pause(50);
      analyser.getFloatTimeDomainData(samples);
      const now = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      level.value = Math.min(1, now * 4);
      loudest = Math.max(loudest, now);
      if (loudest >= LOUD_ENOUGH && performance.now() > until - forMs / 2) break;
    }
    await context.close();
    return loudest;
  }

  /** How long the server takes to answer; its median says more than its mean. */
  async function network(): Promise<void> {
    set("network", "running", t("desk.check.running"));
    const took: number[] = [];
    for (let n = 0; n < ASKED && !isStopped; n += 1) {
      const began = performance.now();
      const answer = await fetch("/api/v1/me", { cache: "no-store" }).catch(() => null);
      if (answer?.ok) took.push(performance.now() - began);
    }
    took.sort((one, other) => one - other);
    const median = took[Math.floor(took.length / 2)];
    const isGood = took.length === ASKED && line.seen.line === "up";
    const text = median === undefined ? "" : `${t("desk.check.server")} ${Math.round(median)} ms`;
    set("network", isGood ? "ok" : "bad", isGood ? text : `${t(`desk.line.${line.seen.line}`)} ${text}`);
  }

  /** Calls the hotline's echo: what was said must come back. */
  async function sound(): Promise<void> {
    set("sound", "running", t("desk.check.microphone_text"));
    await line.dial(ECHO);
    const answered = performance.now() + ANSWER_MS;
    while (!line.seen.isTalking && performance.now() < answered && !isStopped) await pause(50);
    const until = performance.now() + ECHO_MS;
    let loudest = 0;
    while (performance.now() < until && line.seen.call?.isOutgoing && !isStopped) {
      await pause(200);
      const quality = line.seen.quality;
      if (!quality) continue;
      level.value = quality.levelOut;
      loudest = Math.max(loudest, quality.levelIn);
    }
    const quality = line.seen.quality;
    line.endDialled();
    if (isStopped) return;
    if (!quality || quality.packets === 0 || loudest < LOUD_ENOUGH) return set("sound", "bad", t("desk.check.no_way"));
    const figures = [
      `${t("desk.check.mos")} ${(quality.mos ?? 1).toFixed(1)}`,
      `${t("desk.check.delay")} ${Math.round(quality.roundTripMs ?? 0)} ms`,
      `${t("desk.check.jitter")} ${Math.round(quality.jitterMs)} ms`,
    ].join(" · ");
    if ((quality.mos ?? 1) < POOR_MOS) set("sound", "bad", `${t("desk.check.poor")} ${figures}`);
    else set("sound", "ok", figures);
  }

  return { steps, level, isRunning, verdict, run, stop };
});

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
