/** What the form of each verb asks for, as `ivr_flows.model` has it. */
export type FieldKind =
  | "say" | "target" | "keys" | "cases" | "number" | "group" | "line" | "service" | "fact"
  | "city" | "language" | "special" | "flow" | "word" | "digits" | "send" | "offers";

export interface Field {
  name: string;
  kind: FieldKind;
  /** May be left out. */
  free?: boolean;
  least?: number;
  most?: number;
  /** What holds when it is left out. */
  usual?: number;
  /** Key of its label where the same field means something else in another verb. */
  label?: string;
}

const target = (name: string, free = false): Field => ({ name, kind: "target", free });
const say = (name = "say", free = false): Field => ({ name, kind: "say", free });
const number = (name: string, least: number, most: number, usual: number): Field =>
  ({ name, kind: "number", free: true, least, most, usual });
const wait = (usual: number) => number("wait_s", 1, 60, usual);
const tries = number("tries", 1, 5, 2);
const limit = number("limit_s", 5, 600, 120);

export const VERBS: Record<string, Field[]> = {
  play: [say(), target("next")],
  menu: [say(), { name: "keys", kind: "keys" }, wait(5), tries, target("give_up"), say("invalid", true), say("no_key", true)],
  ask: [say(), { name: "into", kind: "word" }, { name: "digits", kind: "digits" }, wait(8), tries, target("next"), target("give_up"), say("invalid", true), say("no_key", true)],
  branch: [{ name: "on_fact", kind: "fact" }, { name: "cases", kind: "cases" }, target("otherwise")],
  queue: [{ name: "group", kind: "group" }, say("say", true), target("answered"), target("callback", true), target("message", true), number("announce_every_s", 10, 600, 30), number("offer_after_s", 0, 3600, 60), say("offer", true), { name: "offers", kind: "offers", free: true }],
  transfer: [{ name: "to", kind: "line" }, say("say", true), number("ring_s", 5, 120, 25), { name: "alarm", kind: "word", free: true }, target("done"), target("failed")],
  survey: [say(), say("again"), wait(10), tries, target("next"), target("not_rated"), say("invalid", true)],
  callback: [say(), say("ask_number"), limit, wait(10), tries, target("next"), target("give_up"), say("invalid", true), say("no_key", true)],
  message: [say(), limit, target("next")],
  record: [say(), { name: "into", kind: "word" }, limit, target("next")],
  call_api: [{ name: "service", kind: "service" }, say("say", true), { name: "send", kind: "send", free: true }, target("next"), target("failed")],
  language: [{ name: "to", kind: "language", label: "language_to" }, target("next")],
  set_city: [{ name: "to", kind: "city", label: "city_to" }, target("next")],
  mark: [{ name: "special", kind: "special" }, target("next")],
  goto_flow: [{ name: "flow", kind: "flow" }],
  hangup: [say("say", true)],
};

/** What a new step of this verb holds; targets lead to `to`, a step that exists. */
export function newStep(verb: string, to: string): Record<string, unknown> {
  const step: Record<string, unknown> = { do: verb };
  for (const field of VERBS[verb] ?? []) {
    if (field.free) continue;
    if (field.kind === "target") step[field.name] = to;
    else if (field.kind === "keys") step[field.name] = { "0": to };
    else if (field.kind === "cases") step[field.name] = { open: to };
    else if (field.kind === "fact") step[field.name] = "hours";
    else if (field.kind === "group") step[field.name] = "general";
    else if (field.kind === "language") step[field.name] = "zh-CN";
    else if (field.kind === "city") step[field.name] = "{city}";
    else if (field.kind === "special") step[field.name] = "elderly";
    else if (field.kind === "digits") step[field.name] = [4, 8];
    else if (field.kind === "word") step[field.name] = "note";
    else if (field.kind === "say") step[field.name] = "goodbye";
    else step[field.name] = "";
  }
  return step;
}

export const COLOURS: Record<string, string> = {
  play: "#1a5fb4", menu: "#1a5fb4", ask: "#1a5fb4", branch: "#5b4b8a", language: "#5b4b8a",
  set_city: "#5b4b8a", mark: "#5b4b8a", goto_flow: "#4a5568", queue: "#1b7a3d", transfer: "#1b7a3d",
  survey: "#0b6e75", callback: "#8f5a00", message: "#8f5a00", record: "#8f5a00", call_api: "#7a3d7a",
  hangup: "#a51d2d",
};
