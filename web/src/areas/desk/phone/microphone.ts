import type { PhoneFault } from "./events";

/** A microphone that could not be had; `fault` says why. */
export class NoMicrophone extends Error {
  constructor(readonly fault: PhoneFault) {
    super(fault);
  }
}

/** Which microphone; an empty device is the system's own. */
export interface MicrophoneChoice {
  device: string;
  /** Take away the echo of a loudspeaker; a headset has none and both can talk at once without it. */
  isEchoCancelled: boolean;
}

/** Open a microphone; one that is gone is replaced by the system's own choice. */
export async function openMicrophone({ device, isEchoCancelled }: MicrophoneChoice): Promise<MediaStream> {
  const wanted: MediaTrackConstraints = {
    echoCancellation: isEchoCancelled,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: 1,
  };
  if (device) wanted.deviceId = { ideal: device };
  // without a secure context there is no mediaDevices at all
  if (!navigator.mediaDevices) throw new NoMicrophone("microphone_denied");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: wanted });
  } catch (error) {
    throw new NoMicrophone(faultOf(error));
  }
}

/** Let a microphone go. */
export function close(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

function faultOf(error: unknown): PhoneFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "microphone_missing";
  return "microphone_busy";
}
