import { computed, ref } from "vue";
import { useI18n } from "vue-i18n";

import { api, got, type Model } from "@/api/client";
import { nameOf } from "@/names";
import { momentText } from "@/parts/moment";

import type { Step } from "./layout";

const names = ref<Model<"FlowNames"> | null>(null);

/** Loads what flows may name, once for all pages; again when `anew`. */
export async function loadNames(anew = false): Promise<void> {
  if (!names.value || anew) names.value = await got(api.GET("/api/v1/flows/names"));
}

/** A value that is one word or a list of them. */
export function listOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** Words for everything in a flow, in the language of the page. */
export function useSpeech() {
  const { t, te, locale } = useI18n();
  const prompts = computed(() => new Map(names.value?.prompts.map((one) => [one.id, one]) ?? []));
  const word = (key: string, id: string) => (te(`flows.${key}.${id}`) ? t(`flows.${key}.${id}`) : id);
  const place = (code: string) => {
    if (code === "{city}") return t("flows.theirPlace");
    const title = names.value?.places.find((one) => one.id === code)?.title;
    return title ? nameOf("place", title) : word("value", code);
  };
  const fact = (name: string) => word("fact", name);
  const value = (of: string, id: string) => (of === "city" ? place(id) : word("value", id));

  function way(id: string, step?: Step): string {
    const [field = "", key = ""] = id.split(/\.(.*)/);
    if (field === "keys") return t("flows.way.key", { key });
    if (field === "cases") return value(String(step?.fields["on_fact"] ?? ""), key);
    return word("way", field);
  }

  function said(prompt: string): string {
    if (prompt === "{city}") return `〔${t("flows.theirPlace")}〕`;
    return prompts.value.get(prompt)?.text ?? `${prompt}（${t("flows.unknownPrompt")}）`;
  }

  /** What a step does, in one line. */
  function gist(step: Step): string {
    const fields = step.fields;
    const text = (name: string) => (typeof fields[name] === "string" ? String(fields[name]) : "");
    const lineTitle = names.value?.lines.find((one) => one.id === text("to"))?.title;
    switch (step.do) {
      case "branch":
        return fact(text("on_fact"));
      case "queue":
        return nameOf("group", text("group"));
      case "transfer":
        return lineTitle ?? text("to");
      case "language":
        return nameOf("language", text("to"));
      case "set_city":
        return place(text("to"));
      case "mark":
        return nameOf("special", text("special"));
      case "goto_flow":
        return names.value?.flows.find((one) => one.id === text("flow"))?.title ?? text("flow");
      case "call_api":
        return names.value?.services.find((one) => one.id === text("service"))?.title ?? text("service");
      default:
        return listOf(fields["say"]).map(said).join("");
    }
  }

  return {
    names, prompts, place, fact, value, way, said, gist,
    verb: (id: string) => word("verb", id),
    field: (id: string) => word("field", id),
    /** What came with the program was made on no day of this hotline's. */
    madeAt: (author: string | undefined, at: string | undefined) => (author === "repository" ? "—" : momentText(at, locale.value)),
    who: (name: string) => (name === "repository" ? t("flows.withProgram") : name),
  };
}

export type Speech = ReturnType<typeof useSpeech>;
