const BROWSERS: [RegExp, string][] = [
  [/Edg\/(\d+)/, "Edge"],
  [/QQBrowser\/(\d+)/, "QQ 浏览器"],
  [/Firefox\/(\d+)/, "Firefox"],
  [/(?:Chrome|Chromium|HeadlessChrome)\/(\d+)/, "Chrome"],
  [/Version\/(\d+).*Safari/, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Windows/, "Windows"],
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Mac OS/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Chrome 140 · Windows" out of a User-Agent; "" when it says neither. */
export function browserName(agent: string): string {
  const browser = BROWSERS.map(([pattern, name]) => ({ found: pattern.exec(agent), name })).find((one) => one.found);
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  const told = browser ? `${browser.name} ${browser.found?.[1] ?? ""}` : "";
  return [told, system].filter(Boolean).join(" · ");
}
