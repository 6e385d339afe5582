import { createI18n } from "vue-i18n";

import { areas, type Words } from "./area";

export type Language = "zh" | "en";
const KEPT_AS = "hotline.language";

function words(language: Language): Words {
  return Object.assign({}, ...areas.map((area) => area.words[language])) as Words;
}

function kept(): Language {
  return localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh";
}

export const i18n = createI18n({
  legacy: false,
  locale: kept(),
  fallbackLocale: "zh",
  messages: { zh: words("zh"), en: words("en") },
});

document.documentElement.lang = kept() === "zh" ? "zh-CN" : "en";

/** Chinese first; who wants English keeps it on this machine. */
export function speak(language: Language): void {
  i18n.global.locale.value = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  localStorage.setItem(KEPT_AS, language);
}
