import { ElMessage } from "element-plus";
import { onScopeDispose, shallowRef } from "vue";

import { api, got, type Model } from "@/api/client";
import { i18n } from "@/i18n";
import { listed } from "@/listed";

export type Notice = Model<"ListedNotice">;

const EVERY_MS = 5_000;
const BACKGROUND = { "X-Hotline-Background": "1" };

/** All notices, looked at again and again: which of them is heard changes with the time. */
export function useNotices() {
  const answer = shallowRef<Model<"NoticesAnswer"> | null>(null);

  async function look(): Promise<void> {
    answer.value = await got(api.GET("/api/v1/notices", { headers: BACKGROUND }));
  }

  void look();
  const timer = setInterval(() => void look().catch(() => undefined), EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
  return { answer, look };
}

/** Say which nodes play something else, if any; else that it is done. */
export function tellSaved(saved: Model<"NoticeSaved">, done: string): void {
  const { t } = i18n.global;
  if (!saved.missing.length) ElMessage.success(done);
  else ElMessage.warning({ message: t("notices.missing", { names: listed(saved.missing) }), duration: 10_000 });
}

const wall = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });

/** A moment of the API as a form shows it, in Shanghai: "2026-03-02T09:02". */
export const asLocal = (moment: string): string => wall.format(new Date(moment)).replace(" ", "T");

/** What a form holds as the API takes it; China has one zone and no summer time. */
export const asMoment = (local: string): string => `${local}:00+08:00`;

/** So many minutes later, as a form shows it. */
export function later(local: string, minutes: number): string {
  return asLocal(new Date(Date.parse(asMoment(local)) + minutes * 60_000).toISOString());
}
