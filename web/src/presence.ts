import { ElNotification } from "element-plus";
import { watch } from "vue";
import type { Router } from "vue-router";

import { api, got, onFault } from "@/api/client";
import { i18n } from "@/i18n";
import { useSession } from "@/session";

const TOUCH_MS = 60_000; // the server hears of a person at the page this often
const WARN_MS = 60_000; // before the idle limit
const LOOK_MS = 5_000;

type Reason = () => boolean;
const reasons = new Set<Reason>();

/** While this is so (a seat is on duty, the wall shows the board) nobody need touch anything. */
export function stayWhile(reason: Reason): () => void {
  reasons.add(reason);
  return () => reasons.delete(reason);
}

/** Tells the server of a person at the page, warns before the idle limit, leads to log-in after it. */
export function keepPresence(router: Router): void {
  const session = useSession();
  // The wall shows figures only, and nobody stands before it.
  stayWhile(() => router.currentRoute.value.name === "wall");
  let touchedAt = Date.now();
  let toldAt = Date.now();
  let warning: ReturnType<typeof ElNotification> | null = null;

  function touched(): void {
    touchedAt = Date.now();
    warning?.close();
    warning = null;
  }

  function over(why: "over" | "put_out" = "over"): void {
    if (router.currentRoute.value.meta.open) return;
    session.forget();
    warning?.close();
    warning = null;
    void router.replace({ name: "login", query: { to: router.currentRoute.value.fullPath, why } });
  }

  watch(() => session.putOutWhy, (why) => why !== null && over("put_out"));

  async function look(): Promise<void> {
    const idle = session.me?.idle_s;
    if (!idle) return;
    if ([...reasons].some((reason) => reason())) touched();
    if (touchedAt > toldAt && Date.now() - toldAt >= Math.min(TOUCH_MS, (idle * 1000) / 4)) {
      toldAt = Date.now();
      await got(api.POST("/api/v1/me/touch")).catch(() => undefined);
    }
    const left = touchedAt + idle * 1000 - Date.now();
    if (left <= 0) {
      // Other pages of this browser may have kept the log-in alive: the server knows.
      await session.look();
      if (!session.isIn) over();
      else touched();
    } else if (left < Math.min(WARN_MS, (idle * 1000) / 4) && !warning) {
      const { t } = i18n.global;
      warning = ElNotification({
        title: t("account.soonOver"),
        message: t("account.soonOverHint"),
        type: "warning",
        duration: 0,
        showClose: false,
      });
    }
  }

  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"] as const) {
    window.addEventListener(kind, touched, { passive: true, capture: true });
  }
  onFault((fault) => {
    if (fault.status === 401 && fault.error === "login_needed" && session.isIn) over();
  });
  watch(() => session.me?.name, touched);
  window.setInterval(() => void look(), LOOK_MS);
}
