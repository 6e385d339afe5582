import { computed, watchEffect } from "vue";
import { useI18n } from "vue-i18n";
import { useRoute } from "vue-router";

import { areas, type NavEntry } from "./area";
import { urgentTitle } from "./urgent-title";

const entries = areas.flatMap((area) => area.nav);
const addresses = new Map(areas.flatMap((area) => area.routes.map((route) => [route.name, route.path] as const)));

/** The entry of the menu that a page belongs to: its own, or that of the list it was opened from. */
export function entryOf(name: unknown, path: string): NavEntry | null {
  const own = entries.find((entry) => entry.to === name);
  return own ?? entries.find((entry) => path.startsWith(`${addresses.get(entry.to)}/`)) ?? null;
}

/** Names the browser's tab after the page in it: who has board, wall and calls open finds each. */
export function useTitle(): void {
  const route = useRoute();
  const { t } = useI18n();
  const page = computed(() => {
    const entry = entryOf(route.name, route.path);
    const key = route.meta.title ?? entry?.title;
    return key ? `${t(key)} · ${t("home.hotline")}` : t("home.hotline");
  });
  watchEffect(() => {
    document.title = urgentTitle.value || page.value;
  });
}
