import { ref } from "vue";

let offsetMs = 0;

/** The server's time in ms since 1970, moving on once a second: what clocks on pages show. */
export const now = ref(Date.now());

/** The server's time this very moment, in ms. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

/** Learn what time it is at the server, as an answer says (ISO 8601). */
export function setServerTime(iso: string): void {
  offsetMs = Date.parse(iso) - Date.now();
}

setInterval(() => (now.value = serverNow()), 1000);

/** 65 -> "1:05", 3665 -> "1:01:05"; below 0 it is 0:00. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const wall = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

/** The server's day and time in Shanghai, whatever zone this machine is in: "2026-03-02T09:02:03". */
export function shanghaiNow(): string {
  return wall.format(serverNow()).replace(" ", "T");
}

/** Time of day in Shanghai: "09:05:00", or "09:05". */
export function timeOfDay(at: string | number | Date, options: { seconds?: boolean } = {}): string {
  const shown: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (options.seconds !== false) shown.second = "2-digit";
  return new Date(at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", ...shown });
}
