import { defineStore } from "pinia";
import { computed, reactive, ref, watch } from "vue";

import type { MicrophoneChoice } from "./microphone";

const KEPT_AS = "hotline.devices";

/** What the person chose on this machine; an empty device is the system's own. */
export interface Chosen {
  microphone: string;
  isEchoCancelled: boolean;
  speaker: string;
  ringer: string;
  /** 0 to 1. */
  volume: number;
  ringVolume: number;
  notify: boolean;
}

const USUAL: Chosen = {
  microphone: "",
  isEchoCancelled: true,
  speaker: "",
  ringer: "",
  volume: 1,
  ringVolume: 0.6,
  notify: true,
};

function kept(): Chosen {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as Partial<Chosen>) };
  } catch {
    return { ...USUAL };
  }
}

/** Microphones and speakers of this machine, and which of them are used. */
export const useDevices = defineStore("devices", () => {
  const chosen = reactive(kept());
  const microphone = computed<MicrophoneChoice>(() => ({
    device: chosen.microphone,
    isEchoCancelled: chosen.isEchoCancelled,
  }));
  const microphones = ref<MediaDeviceInfo[]>([]);
  const speakers = ref<MediaDeviceInfo[]>([]);
  /** Of this page to the microphone; null where the browser does not tell. */
  const permission = ref<PermissionState | null>(null);

  /** Names are empty until the person has allowed the microphone once. */
  async function look(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    microphones.value = all.filter((one) => one.kind === "audioinput" && one.deviceId);
    speakers.value = all.filter((one) => one.kind === "audiooutput" && one.deviceId);
  }

  async function askPermission(): Promise<void> {
    const status = await navigator.permissions?.query({ name: "microphone" as PermissionName }).catch(() => null);
    if (!status) return;
    permission.value = status.state;
    status.onchange = () => (permission.value = status.state);
  }

  watch(chosen, () => localStorage.setItem(KEPT_AS, JSON.stringify(chosen)));
  navigator.mediaDevices?.addEventListener("devicechange", () => void look());
  void look();
  void askPermission();
  return { chosen, microphone, microphones, speakers, permission, look };
});
