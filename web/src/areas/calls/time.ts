/** Times of calls for people: always those of Asia/Shanghai, whatever the machine's own zone is. */
const whole = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", timeStyle: "medium" });
const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short" });

/** 2026-03-02 09:02:03 */
export const timeText = (at: string): string => whole.format(new Date(at));

/** 09:02:03 */
export const clockOf = (at: string): string => clock.format(new Date(at));

/** The Shanghai day so many days ago: 2026-03-02 */
export const dayText = (ago = 0): string => day.format(new Date(Date.now() - ago * 86_400_000));

/** Seconds as 1:05 or 1:02:03; "—" when there are none. */
export function lengthText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "—";
  const rounded = Math.round(seconds);
  const parts = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60, rounded % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, n) => (n ? String(part).padStart(2, "0") : String(part))).join(":");
}
