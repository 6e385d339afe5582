import { computed } from "vue";

import { i18n } from "@/i18n";
import { nameOf } from "@/names";

import { groupTitle } from "../seats/group";
import type { CalendarDraft } from "./calendar";

/** What places and groups are called, and which there are to choose from. */
export function useWhom(calendar: CalendarDraft) {
  const places = computed(() => calendar.answer.value?.places ?? []);
  const groups = computed(() => calendar.answer.value?.groups ?? []);

  function placeText(code: string | null): string {
    if (code === null) return i18n.global.t("admin.whole");
    return nameOf("place", places.value.find((one) => one.code === code)?.name ?? code);
  }

  function groupText(name: string | null): string {
    if (name === null) return i18n.global.t("admin.everyGroup");
    return groupTitle(groups.value.find((one) => one.name === name) ?? { name, title: name });
  }

  return { places, groups, placeText, groupText };
}
