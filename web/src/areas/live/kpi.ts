import { onScopeDispose, ref, type Ref } from "vue";

import { api, got, type Model } from "@/api/client";
import { useSession } from "@/session";

export type Rate = Model<"RateAnswer">;
export type Kpi = Model<"KpiAnswer">;

const EVERY_MS = 60_000;
// A page that asks by itself shows nobody at work: it must not keep a log-in alive.
const BACKGROUND = { "X-Hotline-Background": "1" };

/** The trends, asked for once a minute; null before the first answer and while they cannot be had. */
export function useKpi(): { kpi: Ref<Kpi | null>; isAway: Ref<boolean> } {
  const kpi = ref<Kpi | null>(null);
  const isAway = ref(false);
  const session = useSession();

  async function ask(): Promise<void> {
    if (!session.may("kpi.see")) return;
    try {
      kpi.value = await got(api.GET("/api/v1/kpi", { headers: BACKGROUND }));
      isAway.value = false;
    } catch {
      isAway.value = true;
    }
  }

  void ask();
  const timer = setInterval(() => void ask(), EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
  return { kpi, isAway };
}

/** 0.97499 -> "97.4%": cut, never rounded up to a target that is not reached; "—" for no value. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined) return "—";
  return `${(Math.floor(value * 1000 + 1e-9) / 10).toFixed(1)}%`;
}

/** The rate of this name among those of an answer. */
export function rateOf(rates: Rate[] | undefined, metric: string): Rate | null {
  return rates?.find((rate) => rate.metric === metric) ?? null;
}
