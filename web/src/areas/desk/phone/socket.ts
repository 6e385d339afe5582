const PING = "\r\n\r\n";
const PONG = "\r\n";
const PING_EVERY_MS = 4_000;
const SILENCE_LIMIT_MS = 10_000;

/**
 * A WebSocket for SIP (RFC 7118) that notices a network cut without a word.
 *
 * A browser learns of a dead connection only by sending. So it sends CRLF pings (RFC 5626, 3.5.1),
 * and once the other side has answered one of them, a long silence counts as a broken line.
 */
export class SipSocket {
  readonly via_transport: string;
  readonly sip_uri: string;
  onconnect: () => void = () => undefined;
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined;
  ondata: (data: string) => void = () => undefined;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;
  private answersPings = false;

  /** `url` may be changed: the next connection goes there. */
  constructor(public url: string) {
    const parsed = new URL(url);
    this.via_transport = parsed.protocol === "wss:" ? "WSS" : "WS";
    this.sip_uri = `sip:${parsed.host};transport=ws`;
  }

  connect(): void {
    if (this.socket) return;
    const socket = (this.socket = new WebSocket(this.url, "sip"));
    socket.onopen = () => {
      this.watch();
      this.onconnect();
    };
    socket.onmessage = ({ data }: MessageEvent) => this.take(String(data));
    socket.onclose = ({ wasClean, code, reason }) => this.lost(!wasClean, code, reason);
  }

  disconnect(): void {
    const socket = this.socket;
    this.forget();
    socket?.close();
  }

  /** Give the connection up as broken: whoever owns it will make another. */
  drop(): void {
    const socket = this.socket;
    if (!socket) return;
    this.lost(true, 1006, "silence");
    socket.close();
  }

  send(message: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(message);
    return true;
  }

  isConnected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.socket?.readyState === WebSocket.CONNECTING;
  }

  private take(data: string): void {
    this.heardAt = Date.now();
    if (data === PONG) this.answersPings = true;
    else this.ondata(data);
  }

  private watch(): void {
    this.heardAt = Date.now();
    this.timer = setInterval(() => {
      if (this.answersPings && Date.now() - this.heardAt > SILENCE_LIMIT_MS) this.drop();
      else this.send(PING);
    }, PING_EVERY_MS);
  }

  private lost(isError: boolean, code: number, reason: string): void {
    this.forget();
    this.ondisconnect(isError, code, reason);
  }

  private forget(): void {
    clearInterval(this.timer);
    if (this.socket) this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket = null;
  }
}

/** The address of a WebSocket of this server, from a path; a whole address stays as it is. */
export function socketAddress(given: string): string {
  const address = new URL(given, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}
