import { ref } from "vue";

const RATE = 16_000;

/** The microphone into a WAV file: a notice may have to be recorded where there is nothing else. */
export function useRecorder(done: (file: File) => void) {
  const isRecording = ref(false);
  const isDenied = ref(false);
  let recorder: MediaRecorder | null = null;

  async function start(): Promise<void> {
    isDenied.value = false;
    const stream = await navigator.mediaDevices?.getUserMedia({ audio: { noiseSuppression: true } }).catch(() => null);
    if (!stream) {
      isDenied.value = true;
      return;
    }
    const parts: Blob[] = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      isRecording.value = false;
      done(new File([wavOf(await samplesOf(new Blob(parts)))], "microphone.wav", { type: "audio/wav" }));
    };
    recorder.start();
    isRecording.value = true;
  }

  function stop(): void {
    if (recorder?.state === "recording") recorder.stop();
  }

  return { isRecording, isDenied, start, stop };
}

async function samplesOf(blob: Blob): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, 1, RATE);
  return (await context.decodeAudioData(await blob.arrayBuffer())).getChannelData(0);
}

/** 16 bit PCM of one channel behind the usual header. */
function wavOf(samples: Float32Array): ArrayBuffer {
  const bytes = new ArrayBuffer(44 + 2 * samples.length);
  const view = new DataView(bytes);
  const text = (at: number, word: string) => [...word].forEach((sign, n) => view.setUint8(at + n, sign.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, n) => view.setInt16(44 + 2 * n, Math.max(-1, Math.min(1, sample)) * 32_767, true));
  return bytes;
}
