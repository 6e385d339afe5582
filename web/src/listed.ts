import { i18n } from "./i18n";

const isEnglish = (): boolean => i18n.global.locale.value === "en";

/** Words one after the other, as the page's language lists them. */
export function listed(parts: readonly string[]): string {
  return parts.join(isEnglish() ? ", " : "、");
}

/** Sentences without their full stops, one after the other. */
export function clauses(parts: readonly string[]): string {
  return parts.join(isEnglish() ? "; " : "；");
}

/** What it is, and what it says: "Reason: …". */
export function labelled(name: string, text: string): string {
  return isEnglish() ? `${name}: ${text}` : `${name}：${text}`;
}

/** What is said beside something else, in the brackets of the page's language. */
export function aside(text: string): string {
  return isEnglish() ? ` (${text})` : `（${text}）`;
}
