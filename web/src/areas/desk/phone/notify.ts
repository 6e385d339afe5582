import { urgentTitle } from "@/urgent-title";

/** Tells of a call when the page is not in sight: a notification and the tab's title. */
export class CallNotice {
  /** Whether the person wants notifications of the system. */
  isWanted = true;
  private shown: Notification | null = null;

  /** Ask the person once; needs a click before it in most browsers. */
  static async ask(): Promise<void> {
    if ("Notification" in window && Notification.permission === "default")
      await Notification.requestPermission().catch(() => undefined);
  }

  static get isAllowed(): boolean {
    return "Notification" in window && Notification.permission === "granted";
  }

  show(title: string, text: string): void {
    this.hide();
    urgentTitle.value = `☎ ${title}`;
    const isInSight = !document.hidden && document.hasFocus();
    if (isInSight || !this.isWanted || !CallNotice.isAllowed) return;
    // Android's Chromium has the class and throws when it is used.
    try {
      this.shown = new Notification(title, { body: text, tag: "hotline-ring", requireInteraction: true, silent: true });
      this.shown.onclick = () => window.focus();
    } catch {
      this.shown = null;
    }
  }

  hide(): void {
    this.shown?.close();
    this.shown = null;
    urgentTitle.value = "";
  }
}
