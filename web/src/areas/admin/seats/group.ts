import { i18n } from "@/i18n";
import { nameOf } from "@/names";

/** What a group is called: as the province says; in English where the program knows it. */
export function groupTitle(group: { name: string; title: string }): string {
  const known = nameOf("group", group.name);
  return i18n.global.locale.value === "en" && known !== group.name ? known : group.title || group.name;
}
