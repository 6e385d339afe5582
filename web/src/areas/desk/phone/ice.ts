import type { PhoneAccount } from "./events";

const SERVERS_WITHIN_MS = 200; // the rest of the way is found after the answer

interface Found {
  candidate: RTCIceCandidate;
  ready: () => void;
}

/**
 * How the browser finds its way to Asterisk, which learns it from the browser's own checks.
 *
 * So one candidate is enough to answer with; where servers are set, theirs is worth a short wait.
 */
export class Ice {
  readonly config: RTCConfiguration;
  private readonly isWorthAWait: boolean;

  constructor({ ice, is_relayed }: Pick<PhoneAccount, "ice" | "is_relayed">) {
    this.config = { iceServers: ice.map(serverOf), iceTransportPolicy: is_relayed ? "relay" : "all" };
    this.isWorthAWait = ice.length > 0 && !is_relayed;
  }

  /** Of one call: take its candidates, say when the answer can go. */
  waiting(): (found: Found) => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return ({ candidate, ready }) => {
      if (this.isWorthAWait && candidate.type === "host") {
        timer ??= setTimeout(ready, SERVERS_WITHIN_MS);
        return;
      }
      clearTimeout(timer);
      ready();
    };
  }
}

function serverOf({ urls, username, credential }: PhoneAccount["ice"][number]): RTCIceServer {
  return username ? { urls, username, credential } : { urls };
}
