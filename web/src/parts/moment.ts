const formats = new Map<string, Intl.DateTimeFormat>();

/** A moment of the API in Shanghai's time, to the second; "" for none. */
export function momentText(moment: string | null | undefined, language: string): string {
  if (!moment) return "";
  const locale = language === "en" ? "en-GB" : "zh-CN";
  const format =
    formats.get(locale) ??
    new Intl.DateTimeFormat(locale, {
      timeZone: "Asia/Shanghai",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
  formats.set(locale, format);
  return format.format(new Date(moment)).replace(",", "").replaceAll("/", locale === "zh-CN" ? "-" : "/");
}
