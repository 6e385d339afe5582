import { i18n } from "./i18n";

/** Words one after the other, as the page's language lists them. */
export function listed(parts: readonly string[]): string {
  return parts.join(i18n.global.locale.value === "en" ? ", " : "、");
}
