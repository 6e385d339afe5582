import { onBeforeUnmount, onMounted } from "vue";

/** What a key does; the words are `desk.keys.<name>`. */
export interface Key {
  name: string;
  /** `KeyboardEvent.code`: the place on the keyboard, whatever language it writes. */
  code: string;
  alt?: boolean;
}

/** Function keys for what must be quick; Alt with a letter, free in Chromium and Firefox, for the rest. */
export const KEYS: readonly Key[] = [
  { name: "answer", code: "F2" },
  { name: "end", code: "F4" },
  { name: "mute", code: "F8" },
  { name: "hold", code: "F9" },
  { name: "pad", code: "KeyK", alt: true },
  { name: "transfer", code: "KeyT", alt: true },
  { name: "ready", code: "KeyR", alt: true },
  { name: "out", code: "KeyO", alt: true },
  { name: "devices", code: "KeyS", alt: true },
  { name: "help", code: "Slash", alt: true },
];

/** As people read it: "F2", "Alt+T". */
export function keyText(name: string): string {
  const key = KEYS.find((one) => one.name === name);
  if (!key) return "";
  const letter = key.code === "Slash" ? "/" : key.code.replace("Key", "");
  return key.alt ? `Alt+${letter}` : letter;
}

/** The name of what this key press asks for; null when it is none of ours. */
export function nameOfKey(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.repeat) return null;
  const found = KEYS.find((one) => one.code === event.code && Boolean(one.alt) === event.altKey);
  return found?.name ?? null;
}

/** Do these as long as the component is there. */
export function useKeys(acts: Record<string, () => void>): void {
  function pressed(event: KeyboardEvent): void {
    const name = nameOfKey(event);
    if (!name || !(name in acts)) return;
    event.preventDefault();
    acts[name]?.();
  }
  onMounted(() => window.addEventListener("keydown", pressed));
  onBeforeUnmount(() => window.removeEventListener("keydown", pressed));
}
